#pragma once
// Linear nodes of one input as one stage, with what comes before and after them.

#include <optional>
#include <vector>

#include "stages/rope_table.hpp"
#include "stages/stage.hpp"

namespace sirocco::cpu {

/// The norm in front of the products.
struct Norm {
  uint32_t weight = 0;
  Dtype weight_dtype = Dtype::f32;
  float eps = 0;
};

/// Rotation of the heads of a projection.
struct Rotation {
  const RopeTable* table = nullptr;
  int64_t head_dim = 0;
};

/// One product and what becomes of it: y = f(x · weight + bias), where f rotates, gates, adds, and
/// stores into a value or straight into a state.
struct Projection {
  uint32_t weight = 0;
  Dtype weight_dtype = Dtype::f32;
  int64_t n = 0;  ///< outputs a row
  std::optional<uint32_t> bias;
  Dtype bias_dtype = Dtype::f32;
  std::optional<Rotation> rotation;
  /// The weight of `up`, where y = silu(x · weight) * (x · up).
  std::optional<uint32_t> up;
  std::optional<uint32_t> residual;  ///< a value that is added
  Dtype residual_dtype = Dtype::f32;
  uint32_t output = SIROCCO_NONE;  ///< the value written; NONE: a state
  std::optional<sirocco_state> state;
  bool state_values = false;  ///< the second plane of the state
  Dtype output_dtype = Dtype::f32;
};

struct LinearSpec {
  uint32_t input = 0;
  Dtype input_dtype = Dtype::f32;
  int64_t k = 0;
  std::optional<Norm> norm;
  std::vector<Projection> projections;
};

class LinearStage : public Stage {
 public:
  LinearStage(LinearSpec spec, Isa isa);
  StageMemory memory(int64_t max_rows) const;
  int phases(const StepContext& context) const override;
  void run(int phase, const Worker& worker) const override;

 private:
  bool skinny(const StepContext& context) const;
  bool needs_shared_rows() const;
  void prepare_rows(const Worker& worker) const;
  void run_skinny(const Worker& worker) const;
  void run_gemm(const Worker& worker) const;
  void finish(const Worker& worker, const Projection& projection, float* tile, float* up,
              int64_t tile_stride, int64_t m0, int64_t m, int64_t n0, int64_t n) const;
  int64_t tile_rows(const Projection& projection, bool skinny) const;

  LinearSpec spec_;
  Dtype gemm_dtype_ = Dtype::f32;
};

}  // namespace sirocco::cpu
