// The CUDA backend: a device's memory, kernels of its own, and one stream.

#include <sirocco/sdk/accelerator_backend.hpp>
#include <sirocco/sdk/plugin.hpp>

#include "claims.hpp"
#include "device.hpp"
#include "executable.hpp"

namespace {

using namespace sirocco;

const sdk::AcceleratorDescription kBackend{
    .kernels = cuda::claims(),
    .options = cuda::kOptions,
    .open = cuda::open_devices,
    .compile = cuda::Executable::compile,
};

const void* get_interface(const char* id) {
  if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
    return &sdk::AcceleratorInterface<kBackend>::table;
  return nullptr;
}

#ifdef SIROCCO_CUDA_EMULATED
constexpr const char* kDescription =
    "The CUDA backend's kernels in an emulator: a functional check, no GPU";
#else
constexpr const char* kDescription = "NVIDIA GPUs; not yet run on a GPU";
#endif

constexpr sirocco_plugin kPlugin{
    .struct_size = sizeof(sirocco_plugin),
    // `execute` returns before the work is done.
    .abi_min = 2,
    .abi_max = SIROCCO_ABI_VERSION,
    .name = "cuda",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = kDescription,
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
