// y[s, d] = mean of x[t, d] over the sequence's tokens of this step

#include <algorithm>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void accepts(const NodeView& node) {
  sdk::require_floats(node, 1, 1);
  const ValueView x = node.input(0), y = node.output(0);
  require(y.dtype() == x.dtype(), SIROCCO_REASON_DTYPE, "the output must have the input's dtype");
  const sirocco_dim tokens{0, 1, SIROCCO_SYM_TOKENS}, seqs{0, 1, SIROCCO_SYM_SEQS};
  require_shape(x.rank() == 2 && y.rank() == 2 && is_constant(x.dim(1)) &&
                    sdk::same_dim(x.dim(0), tokens) && sdk::same_dim(y.dim(0), seqs) &&
                    sdk::same_dim(x.dim(1), y.dim(1)),
                "x [T, D] and output [S, D] were expected");
}

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  return 2 * scratch_row(node, limits);
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const int64_t width = x.width();
  const auto begins = call.step().cu_seqlens();
  call.parallel(call.step().n_seqs(), 1, [&](int64_t first, int64_t last, Scratch memory) {
    const auto sum = memory.take<double>(width), row = memory.take<double>(width);
    for (int64_t s = first; s < last; ++s) {
      const int64_t begin = begins[static_cast<size_t>(s)],
                    end = begins[static_cast<size_t>(s) + 1];
      std::ranges::fill(sum, 0.0);
      for (int64_t t = begin; t < end; ++t) {
        sdk::load_row(x, t, row.data());
        for (size_t d = 0; d < row.size(); ++d) sum[d] += row[d];
      }
      for (double& value : sum) value /= static_cast<double>(std::max<int64_t>(end - begin, 1));
      sdk::store_row(call.output(0), s, sum.data());
    }
  });
}

}  // namespace

sdk::Kernel mean_pool() {
  return {.op = "mean_pool", .accepts = accepts, .run = run, .scratch = scratch};
}

}  // namespace sirocco::reference
