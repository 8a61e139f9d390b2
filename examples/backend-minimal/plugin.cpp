// A whole small backend: every op that a dense decoder needs, on the CPU, each kernel as plain as
// it can be.

#include <string_view>

#include <sirocco/sdk/plugin.hpp>

#include "kernels.hpp"

namespace {

using namespace sirocco;

const sdk::Kernel kKernels[] = {
    minimal::add(),    minimal::attention(), minimal::embedding(),     minimal::gather_rows(),
    minimal::linear(), minimal::mul(),       minimal::rms_norm(),      minimal::rope(),
    minimal::silu(),   minimal::swiglu(),    minimal::swiglu_linear(), minimal::squared_silu(),
};
constexpr const char* kOptions[] = {"spin_percent"};
constexpr sdk::BackendDescription kBackend{.device = "CPU, minimal example",
                                           .kernels = kKernels,
                                           .unaligned_weights = true,
                                           .compile = minimal::compile,
                                           .options = kOptions};

const void* get_interface(const char* id) {
  if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
    return &sdk::KernelBackend<kBackend>::table;
  return std::string_view(id) == SIROCCO_INTERFACE_OPS ? &minimal::kOwnOps : nullptr;
}

constexpr sirocco_plugin kPlugin{
    .struct_size = sizeof(sirocco_plugin),
    .abi_min = SIROCCO_ABI_VERSION_MIN,
    .abi_max = SIROCCO_ABI_VERSION,
    .name = "minimal",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = "A small backend for dense decoders, to start another one from",
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
