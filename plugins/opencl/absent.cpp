// What is built where OpenCL's headers or loader are missing: a plugin that says so.

#include <sirocco/sdk/accelerator_backend.hpp>
#include <sirocco/sdk/plugin.hpp>

namespace {

using namespace sirocco;

std::vector<std::unique_ptr<sdk::Accelerator>> open_nothing(const sirocco_host*) {
  throw sdk::StatusError(SIROCCO_UNSUPPORTED,
                         "this build has no OpenCL: its headers or its loader were not found "
                         "(Debian: ocl-icd-opencl-dev)");
}

constexpr sdk::AcceleratorDescription kBackend{.open = open_nothing};

const void* get_interface(const char* id) {
  if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
    return &sdk::AcceleratorInterface<kBackend>::table;
  return nullptr;
}

constexpr sirocco_plugin kPlugin{
    .struct_size = sizeof(sirocco_plugin),
    .abi_min = 2,
    .abi_max = SIROCCO_ABI_VERSION,
    .name = "opencl",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = "OpenCL devices (not in this build)",
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
