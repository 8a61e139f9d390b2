// Appends keys and values to a paged state, then attends: causal, grouped queries, maybe a window.

#include <algorithm>
#include <cmath>
#include <string>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

using sdk::ops::AttentionAttributes;

void accepts(const NodeView& node) {
  sdk::ops::check_attention(node);
}

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(sdk::ops::check_attention(node));
}

/// The queries of one key head, a row of scores for each, one key or value, and the sums.
uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  const sirocco_state state = node.attr_state("state");
  const int64_t group = node.input(0).dim(1).base / (state.heads * state.k_dim);
  const int64_t keys =
      std::min(limits.max_context, node.attr_int_or_null("window").value_or(INT64_MAX));
  return Scratch::size_of<double>(sdk::checked_product(group, state.k_dim)) +
         Scratch::size_of<double>(sdk::checked_product(group, keys)) +
         Scratch::size_of<double>(std::max(state.k_dim, state.v_dim)) +
         Scratch::size_of<double>(sdk::checked_product(group, state.v_dim));
}

/// Where the entry of a sequence's position lies in the state, or -1.
int64_t slot_of(std::span<const int32_t> table, int64_t position, int64_t page_tokens) {
  const int64_t page = table[static_cast<size_t>(position / page_tokens)];
  return page < 0 ? -1 : page * page_tokens + position % page_tokens;
}

/// Row `t` of `source` to its slot in `plane`, rounded to the plane's dtype.
void append(const Tensor& source, const Tensor& plane, int64_t t, int64_t slot) {
  double chunk[kChunk];
  const int64_t width = source.width();
  for (int64_t i = 0; i < width; i += kChunk) {
    const int64_t n = std::min(kChunk, width - i);
    sdk::load_doubles(source.data, source.dtype, t * width + i, n, chunk);
    sdk::store_doubles(plane.data, plane.dtype, slot * width + i, n, chunk);
  }
}

/// Scores of one query to weights that sum to one.
void to_weights(double* scores, int64_t n) {
  const double most = *std::max_element(scores, scores + n);
  double sum = 0;
  for (int64_t j = 0; j < n; ++j) sum += scores[j] = std::exp(scores[j] - most);
  for (int64_t j = 0; j < n; ++j) scores[j] /= sum;
}

/// One token's queries of key head `g` over positions [first, last].
void attend(const KernelCall& call, int64_t t, int64_t g, Scratch memory) {
  const auto& params = call.params<AttentionAttributes>();
  const sdk::StateView& state = call.state();
  const int64_t k_dim = state.spec.k_dim, v_dim = state.spec.v_dim, group = params.group;
  const auto seq = call.step().seq_of_token()[static_cast<size_t>(t)];
  const auto table = call.step().block_table(state.spec.group, seq);
  const int64_t last = call.step().index_in_sequence(t);
  const int64_t first = params.window > last ? 0 : last - params.window + 1;
  const int64_t n = last - first + 1;
  const auto query = memory.take<double>(group * k_dim), scores = memory.take<double>(group * n);
  const auto entry = memory.take<double>(std::max(k_dim, v_dim));
  const auto sums = memory.take<double>(group * v_dim);
  const Tensor& q = call.input(0);
  sdk::load_doubles(q.data, q.dtype, t * q.width() + g * group * k_dim, group * k_dim,
                    query.data());
  const auto load = [&](const Tensor& plane, int64_t position, int64_t dim) {
    const int64_t slot = slot_of(table, position, state.spec.page_tokens);
    sdk::load_doubles(plane.data, plane.dtype, slot * plane.width() + g * dim, dim, entry.data());
  };
  for (int64_t j = 0; j < n; ++j) {
    load(state.keys, first + j, k_dim);
    for (int64_t h = 0; h < group; ++h)
      scores[h * n + j] = params.scale * dot(query.data() + h * k_dim, entry.data(), k_dim);
  }
  for (int64_t h = 0; h < group; ++h) to_weights(scores.data() + h * n, n);
  std::ranges::fill(sums, 0.0);
  for (int64_t j = 0; j < n; ++j) {
    load(state.values, first + j, v_dim);
    for (int64_t h = 0; h < group; ++h)
      for (int64_t d = 0; d < v_dim; ++d) sums[h * v_dim + d] += scores[h * n + j] * entry[d];
  }
  const Tensor& y = call.output(0);
  sdk::store_doubles(y.data, y.dtype, t * y.width() + g * group * v_dim, group * v_dim,
                     sums.data());
}

void run(const KernelCall& call) {
  const sdk::StateView& state = call.state();
  sdk::ops::check_held(call.step(), state.spec, call.params<AttentionAttributes>().window);
  const auto slots = call.step().slots(state.spec.group);
  const int64_t tokens = call.step().n_tokens(), heads = state.spec.heads;
  call.parallel(tokens, row_grain(call.input(1).width()), [&](int64_t begin, int64_t end, Scratch) {
    for (int64_t t = begin; t < end; ++t) {
      const int32_t slot = slots[static_cast<size_t>(t)];
      if (slot < 0) continue;
      append(call.input(1), state.keys, t, slot);
      append(call.input(2), state.values, t, slot);
    }
  });
  const Tensor& y = call.output(0);
  const int64_t head_bytes = y.width() / heads * sdk::dtype_bytes(y.dtype);
  call.parallel(tokens * heads, 1, [&](int64_t begin, int64_t end, Scratch memory) {
    for (int64_t i = begin; i < end; ++i) {
      if (slots[static_cast<size_t>(i / heads)] < 0) {
        std::fill_n(y.data + i * head_bytes, head_bytes, std::byte{0});
      } else {
        attend(call, i / heads, i % heads, memory);
      }
    }
  });
}

}  // namespace

sdk::Kernel attention() {
  return {
      .op = "attention", .accepts = accepts, .run = run, .scratch = scratch, .prepare = prepare};
}

}  // namespace sirocco::reference
