// What is built where there is no CUDA toolkit: a plugin that says so.

#include <sirocco/sdk/accelerator_backend.hpp>
#include <sirocco/sdk/plugin.hpp>

namespace {

using namespace sirocco;

std::vector<std::unique_ptr<sdk::Accelerator>> open_none(const sirocco_host*) {
  throw sdk::StatusError(SIROCCO_UNSUPPORTED,
                         "this plugin was built without CUDA; build it where the CUDA toolkit is "
                         "(nvcc on the PATH, or in /usr/local/cuda/bin)");
}

const sdk::AcceleratorDescription kBackend{.open = open_none};

const void* get_interface(const char* id) {
  if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
    return &sdk::AcceleratorInterface<kBackend>::table;
  return nullptr;
}

constexpr sirocco_plugin kPlugin{
    .struct_size = sizeof(sirocco_plugin),
    .abi_min = SIROCCO_ABI_VERSION_MIN,
    .abi_max = SIROCCO_ABI_VERSION,
    .name = "cuda",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = "NVIDIA GPUs; built without CUDA",
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
