#pragma once
// A sub-graph as a list of stages that the team runs in one region.

#include <atomic>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <sirocco/sdk/executable.hpp>

#include "gemm.hpp"
#include "stages/stage.hpp"

namespace sirocco::cpu {

class FusedExecutable : public sdk::Executable {
 public:
  /// Throws sdk::StatusError for a graph that was not claimed.
  static std::unique_ptr<sdk::Executable> compile(const sdk::ExecutableContext& context,
                                                  const sirocco_graph* graph,
                                                  const sirocco_compile_options* options);

 private:
  FusedExecutable(const sdk::ExecutableContext& context, const sdk::GraphView& graph,
                  const sirocco_compile_options* options);
  void run(const sirocco_bindings& bindings, const sdk::StepView& step, std::byte* extra) override;
  void bind_states(const sirocco_bindings& bindings, const sdk::StepView& step);
  void work(const StepContext& context, std::byte* scratch, uint32_t thread, uint32_t n_threads);
  void fail(const Stage& stage) noexcept;

  Isa isa_;
  std::vector<std::unique_ptr<Stage>> stages_;
  std::vector<uint32_t> groups_;  ///< state groups that a stage uses
  std::vector<const sdk::StateStore*> stores_;
  std::vector<int> phases_;  ///< of each stage in this step
  std::vector<Gemm> gemms_;  ///< one a thread
  uint64_t shared_bytes_ = 0;
  uint64_t scratch_bytes_ = 0;
  std::atomic<bool> failed_{false};
  std::exception_ptr failure_;
};

}  // namespace sirocco::cpu
