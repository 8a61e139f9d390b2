#include "executable.hpp"

#include <algorithm>

#include <sirocco/sdk/claiming.hpp>

#include "fuse.hpp"

namespace sirocco::cpu {

Dtype dtype_of(sirocco_dtype dtype) {
  switch (dtype) {
    case SIROCCO_DTYPE_F32:
      return Dtype::f32;
    case SIROCCO_DTYPE_BF16:
      return Dtype::bf16;
    case SIROCCO_DTYPE_F16:
      return Dtype::f16;
    default:
      throw sdk::Declined(SIROCCO_REASON_DTYPE, "values must be f32, bf16 or f16");
  }
}

std::unique_ptr<sdk::Executable> FusedExecutable::compile(const sdk::ExecutableContext& context,
                                                          const sirocco_graph* graph,
                                                          const sirocco_compile_options* options) {
  return std::unique_ptr<sdk::Executable>(
      new FusedExecutable(context, sdk::GraphView(graph), options));
}

FusedExecutable::FusedExecutable(const sdk::ExecutableContext& context, const sdk::GraphView& graph,
                                 const sirocco_compile_options* options)
    : Executable(context, graph, options), isa_(chosen_isa()) {
  sdk::require_claimed(context.kernels, context.options, graph);
  Fused fused = fuse(graph, values_, limits_, isa_, team_.size());
  stages_ = std::move(fused.stages);
  groups_ = std::move(fused.groups);
  shared_bytes_ = fused.memory.shared;
  scratch_bytes_ = fused.memory.scratch;
  uint64_t scratch = 0, extra = 0;
  if (__builtin_mul_overflow(scratch_bytes_, uint64_t{team_.size()}, &scratch) ||
      __builtin_add_overflow(scratch, shared_bytes_, &extra))
    throw sdk::StatusError(SIROCCO_OUT_OF_MEMORY, "the workspace overflows 64 bits");
  lay_out_workspace(extra);
  phases_.resize(stages_.size());
  stores_.resize(groups_.empty() ? 0 : *std::ranges::max_element(groups_) + size_t{1});
  gemms_.resize(team_.size());
  if (timed_) times_.resize(stages_.size() * team_.size());
}

void FusedExecutable::bind_states(const sirocco_bindings& bindings, const sdk::StepView& step) {
  for (const uint32_t group : groups_) stores_[group] = &bound_store(group, bindings, step);
}

void FusedExecutable::run(const sirocco_bindings& bindings, const sdk::StepView& step,
                          std::byte* extra) {
  bind_states(bindings, step);
  const StepContext context{&kernels_of(isa_), isa_, &step, values_.tensors(), stores_, extra};
  for (size_t i = 0; i < stages_.size(); ++i) {
    try {
      stages_[i]->check(context);
      phases_[i] = stages_[i]->phases(context);
    } catch (const sdk::StatusError& e) {
      throw sdk::StatusError(e.status(), stages_[i]->path + ": " + e.what());
    }
  }
  failed_.store(false, std::memory_order_relaxed);
  failure_ = nullptr;
  team_.region([&](uint32_t thread, uint32_t n_threads) {
    work(context, extra + shared_bytes_ + thread * scratch_bytes_, thread, n_threads);
  });
  if (failure_) std::rethrow_exception(failure_);
  for (const auto& stage : stages_) launches_ += stage->n_nodes;
}

void FusedExecutable::work(const StepContext& context, std::byte* scratch, uint32_t thread,
                           uint32_t n_threads) {
  const Worker worker{context, thread, n_threads, scratch, gemms_[thread]};
  for (size_t i = 0; i < stages_.size(); ++i) {
    sirocco_node_time* time = timed_ ? &times_[i * n_threads + thread] : nullptr;
    if (time) *time = {stages_[i]->node, thread, 0, 0};
    for (int phase = 0; phase < phases_[i]; ++phase) {
      const uint64_t begun = time ? sdk::now_ns() : 0;
      // After a failure the threads still meet as often as they would have.
      if (!failed_.load(std::memory_order_relaxed)) {
        try {
          stages_[i]->run(phase, worker);
        } catch (...) {
          fail(*stages_[i]);
        }
      }
      if (time) {
        // The time at the barriers between the phases is no time in a kernel: the record's begin
        // moves so that its length is the sum of the phases.
        const uint64_t ended = sdk::now_ns();
        time->begin_ns = ended - (ended - begun) - (time->end_ns - time->begin_ns);
        time->end_ns = ended;
      }
      team_.barrier(thread);
    }
  }
}

void FusedExecutable::fail(const Stage& stage) noexcept {
  if (failed_.exchange(true)) return;
  try {
    throw;
  } catch (const sdk::StatusError& e) {
    failure_ = std::make_exception_ptr(sdk::StatusError(e.status(), stage.path + ": " + e.what()));
  } catch (...) {
    failure_ = std::current_exception();
  }
}

}  // namespace sirocco::cpu
