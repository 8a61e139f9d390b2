// Attention: which of its kernels a step needs, and how far a token's keys are split.

#include <algorithm>

#include <sirocco/sdk/op_checks.hpp>

#include "ops/attention.hpp"
#include "work/lowering.hpp"

namespace sirocco::cuda {
namespace {

/// Blocks a multiprocessor is given before keys are split no further.
constexpr int64_t kBlocksPerMultiprocessor = 2;
constexpr int64_t kMostSplits = 64;

class AttentionWork : public Work {
 public:
  AttentionWork(Lowering& lowering, const sdk::NodeView& node, bool appended)
      : appended_(appended), multiprocessors_(lowering.multiprocessors) {
    const sdk::ops::AttentionAttributes attributes = sdk::ops::check_attention(node);
    state_ = attributes.state;
    q_ = node.input_index(0);
    out_ = node.output_index(0);
    if (!appended) {
      k_ = node.input_index(1);
      v_ = node.input_index(2);
    }
    args_.dtype = dtype_of(node.input(0).dtype());
    args_.state_dtype = dtype_of(state_.dtype);
    args_.kv_heads = static_cast<int32_t>(state_.heads);
    args_.group = static_cast<int32_t>(attributes.group);
    args_.k_dim = static_cast<int32_t>(state_.k_dim);
    args_.v_dim = static_cast<int32_t>(state_.v_dim);
    args_.window = static_cast<int32_t>(std::min<int64_t>(attributes.window, INT32_MAX));
    args_.scale = static_cast<float>(attributes.scale);
    args_.few_tokens = fits_decode(args_) ? kFewTokens : -1;
    most_keys_ = std::min<int64_t>(args_.window, lowering.limits.max_context);
    share_partials(lowering);
  }

  void bind(const Addresses& addresses) override {
    PagedStep& paged = args_.paged;
    const sdk::StepView& layout = addresses.layout();
    paged.step = addresses.step();
    paged.cu_seqlens = addresses.step_list(SIROCCO_STEP_OFF_CU_SEQLENS);
    paged.kv_lens = addresses.step_list(SIROCCO_STEP_OFF_KV_LENS);
    paged.seq_of_token = addresses.step_list(SIROCCO_STEP_OFF_SEQ_OF_TOKEN);
    paged.table = addresses.step() + layout.group_field(state_.group, SIROCCO_STEP_GROUP_OFF_TABLE);
    paged.slots = addresses.step() + layout.group_field(state_.group, SIROCCO_STEP_GROUP_OFF_SLOT);
    paged.table_stride = layout.group_field(state_.group, SIROCCO_STEP_GROUP_STRIDE);
    paged.page_tokens = static_cast<int32_t>(state_.page_tokens);
    args_.q = addresses.value(q_);
    args_.out = addresses.value(out_);
    args_.keys = addresses.state(state_, false);
    args_.values = addresses.state(state_, true);
    if (!appended_) {
      args_.new_keys = addresses.value(k_);
      args_.new_values = addresses.value(v_);
    }
    args_.partial = reinterpret_cast<float*>(addresses.shared());
  }

  void launch(Launcher& launcher, const Sizes& sizes) const override {
    const int64_t tokens = sizes.extents.tokens, seqs = sizes.extents.seqs;
    AttentionArgs args = args_;
    if (!appended_) append_state(launcher, args, tokens);
    const bool decode = args.few_tokens >= 0;
    if (decode && sizes.few) {
      args.splits = static_cast<int32_t>(splits(tokens));
      attention_decode(launcher, args, tokens);
    }
    if (decode && !sizes.many) return;
    if (!decode && sizes.few) clear_output(launcher, tokens);
    if (fits_prefill_tensor_cores(args)) {
      attention_prefill_tensor_cores(launcher, args, tokens, seqs);
    } else {
      attention_prefill_tiles(launcher, args, tokens, seqs);
    }
  }

 private:
  /// Rows that no sequence owns, which only `attention_decode` writes.
  void clear_output(Launcher& launcher, int64_t tokens) const {
    const int64_t width = int64_t{args_.kv_heads} * args_.group * args_.v_dim;
    const auto bytes = static_cast<size_t>(tokens * width * dtype_size(args_.dtype));
    const cudaError_t error = cudaMemsetAsync(args_.out, 0, bytes, launcher.stream);
    if (launcher.failed == cudaSuccess) launcher.failed = error;
  }

  /// Parts that the keys of a token are cut into where a step has so many tokens: enough to give
  /// every multiprocessor work, and none shorter than is worth a block.
  int64_t splits(int64_t tokens) const {
    const int64_t blocks = args_.kv_heads * ceil_div(args_.group, 8) * std::max<int64_t>(tokens, 1);
    const int64_t wanted = ceil_div(multiprocessors_ * kBlocksPerMultiprocessor, blocks);
    return std::clamp<int64_t>(wanted, 1, std::min(kMostSplits, ceil_div(most_keys_, kLeastSplit)));
  }

  void share_partials(Lowering& lowering) const {
    int64_t rows = 0;  // of all tokens' parts
    for (int64_t tokens = 1; tokens <= lowering.limits.max_tokens; ++tokens) {
      if (splits(tokens) == 1) break;
      rows = std::max(rows, tokens * splits(tokens));
    }
    const int64_t floats = sdk::checked_product(
        sdk::checked_product(rows, int64_t{args_.kv_heads} * args_.group), args_.v_dim + 2);
    lowering.share(static_cast<uint64_t>(floats) * sizeof(float));
  }

  bool appended_;
  int64_t multiprocessors_;
  int64_t most_keys_ = 0;
  sirocco_state state_{};
  uint32_t q_ = 0, k_ = 0, v_ = 0, out_ = 0;
  AttentionArgs args_;
};

}  // namespace

std::unique_ptr<Work> make_attention(Lowering& lowering, const sdk::NodeView& node, bool appended) {
  return std::make_unique<AttentionWork>(lowering, node, appended);
}

}  // namespace sirocco::cuda
