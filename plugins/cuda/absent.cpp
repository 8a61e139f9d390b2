// What is built where there is no CUDA toolkit: a plugin that says so.

#include <sirocco/sdk/absent_backend.hpp>

namespace {

constexpr sirocco::sdk::AbsentBackend kAbsent{
    .name = "cuda",
    .description = "NVIDIA GPUs; built without CUDA",
    .reason =
        "this plugin was built without CUDA; build it where the CUDA toolkit is (nvcc on the "
        "PATH, or in /usr/local/cuda/bin, and cuBLASLt's header)",
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(sirocco::sdk::AbsentPlugin<kAbsent>::plugin)
