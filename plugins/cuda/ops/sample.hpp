#pragma once
// Choosing the next token of every row.

#include "ops/args.hpp"
#include "ops/launcher.hpp"

namespace sirocco::cuda {

/// ids[r]: the token of logits[r], as settings[r] say (docs/ops.md, `sample`).
struct SampleArgs {
  const int32_t* step = nullptr;
  const void* logits = nullptr;       ///< [rows, vocabulary]
  const int32_t* settings = nullptr;  ///< [rows, stride]
  int32_t* ids = nullptr;             ///< [rows]
  Dtype dtype = Dtype::f32;
  Count rows;
  int32_t vocabulary = 0;
  int32_t stride = 0;
};
void sample(Launcher& launcher, const SampleArgs& args, int64_t rows);

}  // namespace sirocco::cuda
