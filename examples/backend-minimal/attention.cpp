// Keys and values of the step's tokens go to their slots in the paged state; then every query
// attends to the positions of its sequence up to its own, those of the window where there is one.

#include <limits>

#include "kernels.hpp"

namespace minimal {
namespace {

using sdk::ops::AttentionAttributes;

void accepts(const sdk::NodeView& node) {
  sdk::ops::check_attention(node);
}

sdk::Params prepare(const sdk::NodeView& node) {
  return sdk::make_params(sdk::ops::check_attention(node));
}

/// One query, a key or value, and the sums; or a token's keys or values.
uint64_t scratch(const sdk::NodeView& node, const sirocco_limits&) {
  const sirocco_state state = node.attr_state("state");
  return sdk::Scratch::size_of<double>(state.k_dim) +
         sdk::Scratch::size_of<double>(state.heads * std::max(state.k_dim, state.v_dim)) +
         sdk::Scratch::size_of<double>(state.v_dim);
}

/// Row t of `source` to its slot, rounded to the state's dtype.
void append(const sdk::Tensor& source, const sdk::Tensor& plane, int64_t t, int64_t slot,
            sdk::Scratch memory) {
  const auto row = memory.take<double>(source.width());
  sdk::load_row(source, t, row.data());
  sdk::store_row(plane, slot, row.data());
}

/// Query head `h` of token t. Weights are summed as they come: where a score exceeds all before it,
/// what was summed shrinks, so that no exponential overflows and no scores are kept.
void attend(const sdk::KernelCall& call, int64_t t, int64_t h, sdk::Scratch memory) {
  const auto& params = call.params<AttentionAttributes>();
  const sdk::StateView& state = call.state();
  const int64_t k_dim = state.spec.k_dim, v_dim = state.spec.v_dim;
  const int64_t page_tokens = state.spec.page_tokens, key_head = h / params.group;
  const int32_t seq = call.step().seq_of_token()[static_cast<size_t>(t)];
  const auto table = call.step().block_table(state.spec.group, seq);
  const int64_t last = call.step().index_in_sequence(t);
  const int64_t first = params.window > last ? 0 : last - params.window + 1;
  const auto query = memory.take<double>(k_dim);
  const auto entry = memory.take<double>(std::max(k_dim, v_dim));
  const auto sums = memory.take<double>(v_dim);
  const sdk::Tensor &q = call.input(0), &y = call.output(0);
  sdk::load_doubles(q.data, q.dtype, t * q.width() + h * k_dim, k_dim, query.data());
  std::ranges::fill(sums, 0.0);
  double most = -std::numeric_limits<double>::infinity(), total = 0;
  for (int64_t position = first; position <= last; ++position) {
    const int64_t page = table[static_cast<size_t>(position / page_tokens)];
    const int64_t slot = page * page_tokens + position % page_tokens;
    const auto load = [&](const sdk::Tensor& plane, int64_t dim) {
      sdk::load_doubles(plane.data, plane.dtype, slot * plane.width() + key_head * dim, dim,
                        entry.data());
    };
    load(state.keys, k_dim);
    double score = 0;
    for (size_t d = 0; d < query.size(); ++d) score += query[d] * entry[d];
    score *= params.scale;
    const double shrink = score > most ? std::exp(most - score) : 1;
    most = std::max(most, score);
    const double weight = std::exp(score - most);
    total = total * shrink + weight;
    load(state.values, v_dim);
    for (size_t d = 0; d < sums.size(); ++d) sums[d] = sums[d] * shrink + weight * entry[d];
  }
  for (double& sum : sums) sum /= total;
  sdk::store_doubles(y.data, y.dtype, t * y.width() + h * v_dim, v_dim, sums.data());
}

void run(const sdk::KernelCall& call) {
  const auto& params = call.params<AttentionAttributes>();
  const sdk::StateView& state = call.state();
  sdk::ops::check_held(call.step(), state.spec, params.window);
  const auto slots = call.step().slots(state.spec.group);
  const int64_t tokens = call.step().n_tokens(), heads = params.group * state.spec.heads;
  call.parallel(tokens, kGrain, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    for (int64_t t = begin; t < end; ++t) {
      const int64_t slot = slots[static_cast<size_t>(t)];
      if (slot < 0) continue;  // a null row, which pads the step
      append(call.input(1), state.keys, t, slot, memory);
      append(call.input(2), state.values, t, slot, memory);
    }
  });
  const sdk::Tensor& y = call.output(0);
  const int64_t row_bytes = y.width() * sdk::dtype_bytes(y.dtype);
  call.parallel(tokens * heads, 1, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t t = i / heads, h = i % heads;
      if (slots[static_cast<size_t>(t)] >= 0) {
        attend(call, t, h, memory);
      } else {
        std::fill_n(y.data + t * row_bytes + h * (row_bytes / heads), row_bytes / heads,
                    std::byte{0});
      }
    }
  });
}

}  // namespace

sdk::Kernel attention() {
  return {
      .op = "attention", .accepts = accepts, .run = run, .scratch = scratch, .prepare = prepare};
}

}  // namespace minimal
