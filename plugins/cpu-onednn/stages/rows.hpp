#pragma once
// Stages in which every row of the output is made on its own from rows of the inputs.

#include "stages/linear.hpp"
#include "stages/stage.hpp"

namespace sirocco::cpu {

/// y[t] = weight[tokens[t]]
class EmbeddingStage : public Stage {
 public:
  EmbeddingStage(uint32_t tokens, uint32_t weight, uint32_t out)
      : tokens_(tokens), weight_(weight), out_(out) {}
  static uint64_t scratch(int64_t width) { return floats_bytes(width); }
  void check(const StepContext& context) const override;
  void run(int phase, const Worker& worker) const override;

 private:
  uint32_t tokens_, weight_, out_;
};

/// y[r] = x[rows[r]]
class GatherStage : public Stage {
 public:
  GatherStage(uint32_t x, uint32_t rows, uint32_t out) : x_(x), rows_(rows), out_(out) {}
  void check(const StepContext& context) const override;
  void run(int phase, const Worker& worker) const override;

 private:
  uint32_t x_, rows_, out_;
};

class NormStage : public Stage {
 public:
  NormStage(uint32_t x, const Norm& norm, uint32_t out) : x_(x), norm_(norm), out_(out) {}
  void run(int phase, const Worker& worker) const override;

 private:
  uint32_t x_;
  Norm norm_;
  uint32_t out_;
};

class RopeStage : public Stage {
 public:
  RopeStage(uint32_t x, const Rotation& rotation, uint32_t out)
      : x_(x), rotation_(rotation), out_(out) {}
  void run(int phase, const Worker& worker) const override;

 private:
  uint32_t x_;
  Rotation rotation_;
  uint32_t out_;
};

class SoftmaxStage : public Stage {
 public:
  SoftmaxStage(uint32_t x, uint32_t out) : x_(x), out_(out) {}
  void run(int phase, const Worker& worker) const override;

 private:
  uint32_t x_, out_;
};

}  // namespace sirocco::cpu
