#pragma once
// A sub-graph as launches on a device's stream: queued one by one, or replayed as a captured graph.

#include <memory>
#include <vector>

#include <sirocco/sdk/accelerator_executable.hpp>

#include "device.hpp"
#include "graphs.hpp"
#include "times.hpp"
#include "work/angles.hpp"
#include "work/work.hpp"

namespace sirocco::cuda {

class Executable : public sdk::AcceleratorExecutable {
 public:
  /// Throws StatusError.
  static std::unique_ptr<sdk::AcceleratorExecutable> compile(
      const sdk::AcceleratorContext& context, const sirocco_graph* graph,
      const sirocco_compile_options* options);

  size_t read_times(sirocco_node_time* times, size_t capacity) const override;

 protected:
  void bound() override;
  void run(const sdk::StepView& step) override;

 private:
  class Bound;

  Executable(const sdk::AcceleratorContext& context, const sdk::GraphView& graph,
             const sirocco_compile_options* options);

  /// Throws StatusError for tokens or positions that a kernel would look up outside its table.
  void check_lists(const sdk::StepView& step) const;
  Sizes sizes_of(const sdk::StepView& step) const;
  void queue(const Sizes& sizes);

  Device& device_;
  Angles angles_;
  std::vector<std::unique_ptr<Work>> works_;
  Graphs graphs_;
  Times times_of_works_;
  int64_t vocabulary_ = INT32_MAX;  ///< the smallest that tokens are looked up in
  bool rebind_ = true;              ///< works do not know their addresses yet
};

}  // namespace sirocco::cuda
