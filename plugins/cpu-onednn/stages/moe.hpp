#pragma once
// Experts: who gets which token, and the gated feed-forward blocks of those who got one.

#include <cstdint>
#include <vector>

#include <sirocco/sdk/op_checks.hpp>

#include "stages/stage.hpp"

namespace sirocco::cpu {

class RouterStage : public Stage {
 public:
  RouterStage(uint32_t logits, const sdk::ops::RouterAttributes& attributes, uint32_t experts,
              uint32_t weights)
      : logits_(logits), attributes_(attributes), experts_(experts), weights_(weights) {}
  static uint64_t scratch(int64_t n_experts) { return 2 * floats_bytes(n_experts); }
  void run(int phase, const Worker& worker) const override;

 private:
  uint32_t logits_;
  sdk::ops::RouterAttributes attributes_;
  uint32_t experts_, weights_;
};

struct ExpertsSpec {
  uint32_t x = 0, experts = 0, weights = 0, out = 0;
  Dtype dtype = Dtype::f32;  ///< of x and out
  int64_t features = 0, hidden = 0, per_token = 0;
  std::vector<uint32_t> w1, w2, w3;  ///< by expert
  Dtype weight_dtype = Dtype::f32;   ///< of all of them
};

/// Tokens are sorted by expert, so that each chosen expert's weights are read once, and those of
/// the others never.
class ExpertsStage : public Stage {
 public:
  ExpertsStage(ExpertsSpec spec, Isa isa);
  StageMemory memory(int64_t max_tokens);
  int phases(const StepContext& context) const override { return few(context) ? 2 : 3; }
  void run(int phase, const Worker& worker) const override;

 private:
  /// Where the rows of each expert lie among the sorted pairs (token, choice).
  struct Order {
    int32_t* pairs;   ///< [T * k], sorted by expert
    int32_t* begins;  ///< [E + 1]
  };
  Order sort(const Worker& worker, std::byte*& scratch) const;
  /// So few pairs that every expert's rows are few: then each thread reads the tokens' rows where
  /// they are, which is cheaper than gathering them and meeting the others.
  bool few(const StepContext& context) const;
  void gather(const Worker& worker) const;
  void hidden_rows(const Worker& worker) const;
  void outputs(const Worker& worker) const;
  /// The rows of tokens [row, row + m) in the order, in f32.
  void load_tokens(const Worker& worker, const Order& order, int64_t row, int64_t m,
                   float* target) const;
  /// out[m, n] of rows x [m, k] times rows [n0, n0 + n) of a weight; x are f32, and few.
  void multiply_few(const Worker& worker, const float* x, int64_t k, int64_t m, uint32_t weight,
                    int64_t n0, int64_t n, float* out) const;
  /// out[m, n] of rows [row, row + m) of `rows` times rows [n0, n0 + n) of a weight.
  void multiply(const Worker& worker, const std::byte* rows, int64_t k, int64_t row, int64_t m,
                uint32_t weight, int64_t n0, int64_t n, float* out, std::byte* scratch) const;
  std::byte* gathered(const Worker& worker) const { return worker.context.shared; }
  std::byte* hidden(const Worker& worker) const;
  float* sums(const Worker& worker) const;
  int64_t buffer_rows() const;  ///< of gathered and hidden rows
  int64_t block_rows() const;   ///< of an expert, at a time
  uint64_t gathered_bytes() const;
  uint64_t hidden_bytes() const;

  ExpertsSpec spec_;
  Dtype compute_ = Dtype::f32;  ///< of the rows that are multiplied
  int64_t max_tokens_ = 0;
};

}  // namespace sirocco::cpu
