#include "isa.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include <sirocco/sdk/plugin.hpp>

namespace sirocco::cpu {
namespace {

constexpr Isa kLevels[] = {Isa::plain, Isa::avx2, Isa::avx512, Isa::avx512_bf16, Isa::amx};

#if defined(__x86_64__)

/// Linux hands out the tile registers on request only (Documentation/arch/x86/xstate.rst).
bool request_tiles() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;               // XFEATURE_XTILE_DATA
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool has_amx() {
  // gcc 12 cannot be asked for it by name: leaf 7, edx bits 22 (amx-bf16) and 24 (amx-tile).
  unsigned a = 7, b = 0, c = 0, d = 0;
  __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return (d >> 22 & 1) && (d >> 24 & 1) && request_tiles();
}

bool has_f16c() {
  // gcc 12 cannot be asked for it by name: leaf 1, ecx bit 29.
  unsigned a = 1, b = 0, c = 0, d = 0;
  __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
  return c >> 29 & 1;
}

Isa find_isa() {
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !has_f16c())
    return Isa::plain;
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
      !__builtin_cpu_supports("avx512dq") || !__builtin_cpu_supports("avx512vl"))
    return Isa::avx2;
  if (!__builtin_cpu_supports("avx512bf16") || !__builtin_cpu_supports("avx512vnni"))
    return Isa::avx512;
  return has_amx() ? Isa::amx : Isa::avx512_bf16;
}

#else

Isa find_isa() {
  return Isa::plain;
}

#endif

}  // namespace

Isa detect_isa() {
  static const Isa found = find_isa();
  return found;
}

const char* name_of(Isa isa) {
  switch (isa) {
    case Isa::plain:
      return "plain";
    case Isa::avx2:
      return "avx2";
    case Isa::avx512:
      return "avx512";
    case Isa::avx512_bf16:
      return "avx512_bf16";
    case Isa::amx:
      return "amx";
  }
  return "unknown";
}

Isa chosen_isa() {
  const char* forced = std::getenv("SIROCCO_ISA");
  if (!forced || !*forced) return detect_isa();
  std::string known;
  for (const Isa level : kLevels) {
    if (std::string_view(forced) != name_of(level)) {
      known += (known.empty() ? "" : ", ") + std::string(name_of(level));
      continue;
    }
    if (level <= detect_isa()) return level;
    throw sdk::StatusError(SIROCCO_UNSUPPORTED, "SIROCCO_ISA=" + std::string(forced) +
                                                    ": this processor offers " +
                                                    name_of(detect_isa()) + " at most");
  }
  throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT,
                         "SIROCCO_ISA=" + std::string(forced) + " is no level; known are " + known);
}

const Kernels& kernels_of(Isa isa) {
#if defined(__x86_64__)
  if (isa >= Isa::avx512_bf16) return kKernelsAvx512Bf16;
  if (isa == Isa::avx512) return kKernelsAvx512;
  if (isa == Isa::avx2) return kKernelsAvx2;
#endif
  (void)isa;
  return kKernelsPlain;
}

}  // namespace sirocco::cpu
