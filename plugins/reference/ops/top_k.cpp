// The k largest elements of every row in descending order, of equal ones the lower index first.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void accepts(const NodeView& node) {
  require(node.n_inputs() == 1 && node.n_outputs() == 2, SIROCCO_REASON_SHAPE,
          "one input and two outputs were expected");
  const ValueView x = node.input(0), values = node.output(0), indices = node.output(1);
  require(x.is_float() && values.dtype() == x.dtype() && indices.dtype() == SIROCCO_DTYPE_I32,
          SIROCCO_REASON_DTYPE, "x and values must be of one float dtype, indices i32");
  const int64_t k = node.attr_int("k");
  require_shape(x.rank() >= 1 && values.rank() == x.rank() && indices.same_shape(values) &&
                    is_constant(x.dim(-1)) && x.dim(-1).base <= INT32_MAX && k > 0 &&
                    k <= x.dim(-1).base && is_constant(values.dim(-1)) && values.dim(-1).base == k,
                "outputs [.., k] of x [.., N] with k in [1, N] were expected");
  for (int axis = 0; axis + 1 < static_cast<int>(x.rank()); ++axis)
    require_shape(sdk::same_dim(x.dim(axis), values.dim(axis)),
                  "only the last dimension may differ");
}

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  return scratch_row(node, limits) + Scratch::size_of<int32_t>(node.input(0).dim(-1).base);
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const int64_t width = x.width(), k = call.output(0).width(), bytes = sdk::dtype_bytes(x.dtype);
  call.parallel(x.rows(), row_grain(width), [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(width);
    const auto order = memory.take<int32_t>(width);
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      find_largest(row, k, order);
      std::memcpy(call.output(1).data + r * k * 4, order.data(), static_cast<size_t>(k * 4));
      for (int64_t i = 0; i < k; ++i)
        std::memcpy(call.output(0).data + (r * k + i) * bytes,
                    x.data + (r * width + order[static_cast<size_t>(i)]) * bytes,
                    static_cast<size_t>(bytes));
    }
  });
}

}  // namespace

sdk::Kernel top_k() {
  return {.op = "top_k", .accepts = accepts, .run = run, .scratch = scratch};
}

}  // namespace sirocco::reference
