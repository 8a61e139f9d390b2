#pragma once
// A sub-graph as a list of launches.

#include <memory>
#include <string>
#include <vector>

#include <sirocco/sdk/accelerator_executable.hpp>

#include "device.hpp"
#include "launch.hpp"
#include "times.hpp"

namespace sirocco::opencl {

/// A region's launches, in order. Of some, only those of one range of sizes are queued in a step.
struct Work {
  uint32_t node_id = 0;  ///< the host's number of its first node
  uint32_t n_nodes = 0;
  std::string path;
  std::vector<Launch> launches;
};

class Executable : public sdk::AcceleratorExecutable {
 public:
  /// Throws StatusError.
  static std::unique_ptr<sdk::AcceleratorExecutable> compile(
      const sdk::AcceleratorContext& context, const sirocco_graph* graph,
      const sirocco_compile_options* options);
  ~Executable() override;

 private:
  Executable(const sdk::AcceleratorContext& context, const sdk::GraphView& graph,
             const sirocco_compile_options* options);
  void bound() override { rebind_ = true; }
  void run(const sdk::StepView& step) override;
  void check_lists(const sdk::StepView& step) const;
  void queue(const Work& work, const Sizes& sizes);
  /// The same on a queue that tells times; waits for the work.
  void run_timed(const Sizes& sizes);
  sdk::DeviceAddress resolve(const Arg& arg, const sdk::StepView& layout) const;

  Device& device_;
  std::vector<Work> works_;
  std::vector<cl_mem> tables_;  ///< angles
  cl_command_queue timing_queue_ = nullptr;
  Times device_times_;
  int64_t vocabulary_ = INT64_MAX;
  bool rebind_ = false;
};

}  // namespace sirocco::opencl
