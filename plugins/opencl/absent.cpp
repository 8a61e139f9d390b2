// What is built where OpenCL's headers or loader are missing: a plugin that says so.

#include <sirocco/sdk/absent_backend.hpp>

namespace {

constexpr sirocco::sdk::AbsentBackend kAbsent{
    .name = "opencl",
    .description = "OpenCL devices (not in this build)",
    .reason =
        "this build has no OpenCL: its headers or its loader were not found (Debian: "
        "ocl-icd-opencl-dev)",
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(sirocco::sdk::AbsentPlugin<kAbsent>::plugin)
