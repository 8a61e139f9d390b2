#pragma once
// Which instructions this processor has, and which of them are used.

#include <string>
#include <vector>

#include "kernels/kernels.hpp"

namespace sirocco::cpu {

/// Ascending: each level includes those before it.
enum class Isa { plain, avx2, avx512, avx512_bf16, amx };

/// The highest level that the processor and the operating system offer.
Isa detect_isa();

/// What `detect_isa` says, or the lower level that the environment variable SIROCCO_ISA names.
/// Throws sdk::StatusError for a name that is none, or a level that this machine lacks.
Isa chosen_isa();

const char* name_of(Isa isa);
const Kernels& kernels_of(Isa isa);

/// Whether matrix products of bf16 run as such.
inline bool has_bf16(Isa isa) {
  return isa >= Isa::avx512_bf16;
}

}  // namespace sirocco::cpu
