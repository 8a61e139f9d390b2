#pragma once
// Products of rows with weights, in three ways: few rows, many rows of 16-bit numbers on tensor
// cores, and many rows of anything.

#include <vector_types.h>

#include "ops/args.hpp"
#include "ops/launcher.hpp"

namespace sirocco::cuda {

/// Angles by position: cosine and sine of every pair, [n_positions, rotary_dim / 2].
struct Rotation {
  const float2* table = nullptr;       ///< NULL: nothing is rotated
  const int32_t* positions = nullptr;  ///< of each row
  int32_t n_positions = 0;
  int32_t head_dim = 0;  ///< even
  int32_t rotary_dim = 0;
  int32_t interleaved = 0;
};

/// y = f(x · weightᵀ): one product of a launch. Matrices are row-major and without padding.
struct Projection {
  const void* weight = nullptr;  ///< [n, k]
  const void* up = nullptr;      ///< [n, k]: y = silu(x · weightᵀ) * (x · upᵀ); NULL: no gate
  const void* bias = nullptr;    ///< [n] or NULL
  const void* residual = nullptr;  ///< [rows, n] of the output's dtype, or NULL
  void* out = nullptr;             ///< [rows, n], or a plane of a state [slots, n]
  const int32_t* slots = nullptr;  ///< state: where each row goes, below 0: nowhere
  Rotation rotation;
  Dtype bias_dtype = Dtype::f32;
  Dtype out_dtype = Dtype::f32;
  int32_t n = 0;
  int32_t pairs = 0;  ///< n where gated, n / 2 rounded up elsewhere
};

/// Products of one input in one launch.
inline constexpr int kMostProjections = 4;

struct LinearArgs {
  const int32_t* step = nullptr;
  const void* x = nullptr;     ///< [rows, k]
  const void* norm = nullptr;  ///< [k], weight of the rms_norm of x; NULL: none
  Count rows;
  Dtype x_dtype = Dtype::f32;
  Dtype norm_dtype = Dtype::f32;
  float eps = 0;
  int32_t k = 0;
  int32_t n_projections = 0;
  Projection projections[kMostProjections];
};

/// Rows that one pass over the weights serves.
inline constexpr int kFewRows = 8;

/// At most kFewRows rows: every weight is read once for all of them, at the speed of memory, with
/// the norm in front. Rows of weights must be whole multiples of 16 bytes; `fits_few_rows` says so.
void linear_few_rows(Launcher& launcher, const LinearArgs& args, Dtype weight, int64_t rows);
bool fits_few_rows(const LinearArgs& args, Dtype weight);

/// f16 or bf16 weights and input of one dtype, no norm, rows of whole multiples of 16 bytes.
void linear_tensor_cores(Launcher& launcher, const LinearArgs& args, Dtype weight, int64_t rows);
bool fits_tensor_cores(const LinearArgs& args, Dtype weight);

/// Any dtypes and sizes, no norm; sums of f32 products.
void linear_tiles(Launcher& launcher, const LinearArgs& args, Dtype weight, int64_t rows);

/// Sums that another library made and left in memory become what their projection makes of them.
struct FinishArgs {
  const int32_t* step = nullptr;
  const void* sums = nullptr;     ///< [rows, n], x · weightᵀ
  const void* up_sums = nullptr;  ///< [rows, n], x · upᵀ; NULL: no gate
  Count rows;
  Dtype dtype = Dtype::f32;  ///< of the sums
  Projection projection;
};
void linear_finish(Launcher& launcher, const FinishArgs& args, int64_t rows);

/// Tiles of all projections of a launch.
inline int64_t tiles_of(const LinearArgs& args, int64_t pairs_per_tile) {
  int64_t tiles = 0;
  for (int32_t p = 0; p < args.n_projections; ++p)
    tiles += ceil_div(args.projections[p].pairs, pairs_per_tile);
  return tiles;
}

}  // namespace sirocco::cuda
