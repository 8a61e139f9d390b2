// The CPU backend: vectorised kernels of its own, oneDNN for matrix products of many rows.

#include <sirocco/sdk/kernel_backend.hpp>
#include <sirocco/sdk/plugin.hpp>

#include "claims.hpp"
#include "executable.hpp"
#include "isa.hpp"

namespace {

using namespace sirocco;

const char* find_features() {
  const cpu::Isa isa = cpu::chosen_isa();
  switch (isa) {
    case cpu::Isa::plain:
      cpu::Gemm::limit_instructions(cpu::Gemm::Limit::sse41);
      break;
    case cpu::Isa::avx2:
      cpu::Gemm::limit_instructions(cpu::Gemm::Limit::avx2);
      break;
    case cpu::Isa::avx512:
      cpu::Gemm::limit_instructions(cpu::Gemm::Limit::avx512);
      break;
    case cpu::Isa::avx512_bf16:
      cpu::Gemm::limit_instructions(cpu::Gemm::Limit::avx512_bf16);
      break;
    case cpu::Isa::amx:
      break;
  }
  return cpu::name_of(isa);
}

const sdk::BackendDescription kBackend{
    .device = "CPU, oneDNN",
    .kernels = cpu::claims(),
    .unaligned_weights = true,
    .compile = cpu::FusedExecutable::compile,
    .find_features = find_features,
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
    .name = "cpu-onednn",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = "Vectorised kernels for the CPU, and oneDNN for large matrix products",
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
