#pragma once
// Asynchronous copies that have not landed.

#include <cstddef>

namespace cuda_emulation {

/// At the start of a block: nothing is under way.
void forget_copies(unsigned threads);
/// The bytes count as unwritten again.
void forget_written(void* pointer, size_t bytes);

}  // namespace cuda_emulation
