// The OpenCL backend: kernels in OpenCL C 1.2 for devices of any vendor.

#include <sirocco/sdk/accelerator_backend.hpp>
#include <sirocco/sdk/plugin.hpp>

#include "claims.hpp"
#include "device.hpp"
#include "executable.hpp"

namespace {

using namespace sirocco;

const sdk::AcceleratorDescription kBackend{
    .kernels = opencl::claims(),
    .options = opencl::kOptions,
    .open = opencl::open_devices,
    .compile = opencl::Executable::compile,
};

const void* get_interface(const char* id) {
  if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
    return &sdk::AcceleratorInterface<kBackend>::table;
  return nullptr;
}

constexpr sirocco_plugin kPlugin{
    .struct_size = sizeof(sirocco_plugin),
    // `execute` returns before the work is done.
    .abi_min = 2,
    .abi_max = SIROCCO_ABI_VERSION,
    .name = "opencl",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = "OpenCL 1.2 devices of any vendor",
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
