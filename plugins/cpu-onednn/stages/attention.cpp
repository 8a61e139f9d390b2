#include "stages/attention.hpp"

#include <algorithm>
#include <cstring>

#include <sirocco/sdk/op_checks.hpp>

namespace sirocco::cpu {

StageMemory AttentionStage::memory(const Kernels& kernels, const sirocco_limits& limits,
                                   int64_t n_threads) {
  n_threads_ = n_threads;
  const sirocco_state& s = spec_.state;
  const int64_t own = kernels.attention_scratch_floats(spec_.n_heads, s.heads, s.k_dim, s.v_dim);
  const int64_t row = std::max(s.heads * s.k_dim, s.heads * s.v_dim);
  return {floats_bytes(std::max(own, row)),
          floats_bytes(kernels.attention_shared_floats(limits.max_seqs, spec_.n_heads, s.heads,
                                                       s.v_dim, n_threads))};
}

void AttentionStage::check(const StepContext& context) const {
  sdk::ops::check_held(*context.step, spec_.state, spec_.window);
}

AttentionArgs AttentionStage::args(const StepContext& context) const {
  const sdk::StepView& step = *context.step;
  const sdk::StateView state = context.stores[spec_.state.group]->view(spec_.state);
  AttentionArgs args;
  args.q = context.tensor(spec_.q).data;
  args.out = context.tensor(spec_.out).data;
  args.dtype = spec_.dtype;
  args.keys = state.keys.data;
  args.values = state.values.data;
  args.kv_dtype = dtype_of(spec_.state.dtype);
  args.n_heads = spec_.n_heads;
  args.n_kv_heads = spec_.state.heads;
  args.k_dim = spec_.state.k_dim;
  args.v_dim = spec_.state.v_dim;
  args.window = spec_.window;
  args.scale = spec_.scale;
  args.n_seqs = step.live_seqs();
  args.cu_seqlens = step.cu_seqlens().data();
  args.kv_lens = step.kv_lens().data();
  if (args.n_seqs) {
    const auto table = step.block_table(spec_.state.group, 0);
    args.block_table = table.data();
    args.table_stride = static_cast<int64_t>(table.size());
  }
  args.page_tokens = spec_.state.page_tokens;
  args.shared = reinterpret_cast<float*>(context.shared);
  return args;
}

int AttentionStage::phases(const StepContext& context) const {
  return (spec_.k ? 1 : 0) + 1 +
         (context.kernels->attention_needs_merge(args(context), n_threads_) ? 1 : 0);
}

void AttentionStage::run(int phase, const Worker& worker) const {
  if (spec_.k && phase-- == 0) return append(worker);
  const AttentionArgs arguments = args(worker.context);
  if (phase == 1)
    return worker.kernels().attention_merge(arguments, worker.thread, worker.n_threads);
  worker.kernels().attention(arguments, reinterpret_cast<float*>(worker.scratch), worker.thread,
                             worker.n_threads);
  // Null rows belong to nobody, but whatever reads them next must find numbers.
  const sdk::StepView& step = *worker.context.step;
  const Tensor& out = worker.tensor(spec_.out);
  const int64_t bytes = out.width() * bytes_of(spec_.dtype), live = step.live_tokens();
  const auto range = worker.share(step.n_tokens() - live);
  std::memset(out.data + (live + range.begin) * bytes, 0,
              static_cast<size_t>((range.end - range.begin) * bytes));
}

void AttentionStage::append(const Worker& worker) const {
  const sdk::StateView state = worker.context.stores[spec_.state.group]->view(spec_.state);
  const auto slots = worker.context.step->slots(spec_.state.group);
  const Dtype stored = dtype_of(spec_.state.dtype);
  auto* row = reinterpret_cast<float*>(worker.scratch);
  const auto range = worker.share(static_cast<int64_t>(slots.size()));
  for (int64_t t = range.begin; t < range.end; ++t) {
    const int64_t slot = slots[static_cast<size_t>(t)];
    if (slot < 0) continue;
    const auto copy = [&](uint32_t value, const Tensor& plane) {
      const int64_t width = plane.width();
      worker.kernels().to_f32(
          spec_.dtype, worker.tensor(value).data + t * width * bytes_of(spec_.dtype), width, row);
      worker.kernels().from_f32(stored, row, width, plane.data + slot * width * bytes_of(stored));
    };
    copy(*spec_.k, state.keys);
    copy(*spec_.v, state.values);
  }
}

}  // namespace sirocco::cpu
