#pragma once

#include <sirocco/abi/backend.h>

#include "unit/sdk/backend_harness.hpp"

/// The reference plugin's backend interface, from the build tree. Loaded once, kept until the end.
const sirocco_backend_interface& reference_backend();

/// One node on its own: inputs and weights are set, the step is run, the output is read.
class OneOp {
 public:
  explicit OneOp(harness::Options options = {}, uint32_t threads = 1)
      : host_(std::move(options), threads), backend_(reference_backend(), host_) {}

  harness::Graph graph;
  harness::Backend& backend() { return backend_; }

  uint32_t input(sirocco_dtype dtype, harness::Dims dims, harness::Doubles data) {
    return keep(graph.input(dtype, std::move(dims)), std::move(data), 0);
  }
  /// Weights lie at odd addresses, as in a file.
  uint32_t weight(sirocco_dtype dtype, harness::Dims dims, harness::Doubles data) {
    return keep(graph.weight(dtype, std::move(dims)), std::move(data), 1);
  }
  harness::Program& program() {
    if (!program_) {
      program_ = std::make_unique<harness::Program>(backend_, graph);
      for (const Data& data : data_) program_->set(data.value, data.numbers, data.shift);
    }
    return *program_;
  }
  harness::Doubles run(const harness::Step& step, uint32_t output) {
    program().run(step);
    return program().get(output);
  }

 private:
  struct Data {
    uint32_t value;
    harness::Doubles numbers;
    uint64_t shift;
  };
  uint32_t keep(uint32_t value, harness::Doubles data, uint64_t shift) {
    data_.push_back({value, std::move(data), shift});
    return value;
  }

  harness::Host host_;
  harness::Backend backend_;
  std::vector<Data> data_;
  std::unique_ptr<harness::Program> program_;
};
