#pragma once
// Ops on whole rows: looked up, copied, normed, rotated, made to sum to one.

#include "ops/args.hpp"
#include "ops/launcher.hpp"
#include "ops/linear.hpp"

namespace sirocco::cuda {

/// y[t] = weight[tokens[t]]; a row of zeros where the token lies outside the vocabulary.
struct EmbeddingArgs {
  const int32_t* step = nullptr;
  const int32_t* tokens = nullptr;
  const void* weight = nullptr;  ///< [vocabulary, width]
  void* y = nullptr;             ///< [tokens, width]
  Dtype weight_dtype = Dtype::f32;
  Dtype y_dtype = Dtype::f32;
  Count n_tokens;
  int32_t vocabulary = 0;
  int32_t width = 0;
};
void embedding(Launcher& launcher, const EmbeddingArgs& args, int64_t tokens);

/// y[r] = x[rows[r]], rows of bytes; zeros where x has no such row.
struct GatherArgs {
  const int32_t* step = nullptr;
  const void* x = nullptr;
  const int32_t* rows = nullptr;  ///< NULL: row r itself, which makes this a copy
  void* y = nullptr;
  Count n_x;
  Count n_rows;
  int64_t row_bytes = 0;
};
void gather_rows(Launcher& launcher, const GatherArgs& args, int64_t rows);
/// The same kernel, for an op that leaves every element where it is.
void reshape(Launcher& launcher, const GatherArgs& args, int64_t rows);

/// y = x / sqrt(mean(x²) + eps) * weight, by rows.
struct NormArgs {
  const int32_t* step = nullptr;
  const void* x = nullptr;
  const void* weight = nullptr;  ///< [width]
  void* y = nullptr;
  Dtype x_dtype = Dtype::f32;
  Dtype weight_dtype = Dtype::f32;
  Dtype y_dtype = Dtype::f32;
  float eps = 0;
  Count rows;
  int32_t width = 0;
};
void rms_norm(Launcher& launcher, const NormArgs& args, int64_t rows);

/// y = softmax(x) by rows.
struct SoftmaxArgs {
  const int32_t* step = nullptr;
  const void* x = nullptr;
  void* y = nullptr;
  Dtype x_dtype = Dtype::f32;
  Dtype y_dtype = Dtype::f32;
  Count rows;
  int32_t width = 0;
};
void softmax(Launcher& launcher, const SoftmaxArgs& args, int64_t rows);

/// Rotates the pairs of every head of every row.
struct RopeArgs {
  const int32_t* step = nullptr;
  const void* x = nullptr;  ///< [rows, width]
  void* y = nullptr;
  Dtype x_dtype = Dtype::f32;
  Dtype y_dtype = Dtype::f32;
  Rotation rotation;
  Count rows;
  int32_t width = 0;
};
void rope(Launcher& launcher, const RopeArgs& args, int64_t rows);

}  // namespace sirocco::cuda
