// The reference backend: the definition of every op, in plain C++ with double accumulation.

#include <sirocco/sdk/kernel_backend.hpp>
#include <sirocco/sdk/plugin.hpp>

#include "ops/ops.hpp"

namespace {

using namespace sirocco;

const sdk::Kernel kKernels[] = {
    reference::add(),       reference::attention(),  reference::cast(),
    reference::concat(),    reference::embedding(),  reference::gather_rows(),
    reference::gelu(),      reference::layer_norm(), reference::linear(),
    reference::mean_pool(), reference::moe_ffn(),    reference::moe_router(),
    reference::mul(),       reference::reshape(),    reference::rms_norm(),
    reference::rope(),      reference::sample(),     reference::silu(),
    reference::slice(),     reference::softmax(),    reference::swiglu(),
    reference::top_k(),
};

constexpr sdk::BackendDescription kBackend{
    .device = "CPU, plain C++",
    .features = "f64 accumulation",
    .kernels = kKernels,
    .unaligned_weights = true,
};

const void* get_interface(const char* id) {
  if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
    return &sdk::KernelBackend<kBackend>::table;
  return nullptr;
}

constexpr sirocco_plugin kPlugin{
    .struct_size = sizeof(sirocco_plugin),
    .abi_min = SIROCCO_ABI_VERSION_MIN,
    .abi_max = SIROCCO_ABI_VERSION,
    .name = "reference",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = "The definition of every op, in plain C++ with double accumulation",
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
