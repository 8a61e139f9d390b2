// y[r, ..] = x[rows[r], ..]

#include <cstring>
#include <string>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void accepts(const NodeView& node) {
  require(node.n_inputs() == 2 && node.n_outputs() == 1, SIROCCO_REASON_SHAPE,
          "two inputs and one output were expected");
  const ValueView x = node.input(0), rows = node.input(1), y = node.output(0);
  require(rows.dtype() == SIROCCO_DTYPE_I32 && y.dtype() == x.dtype() &&
              sdk::dtype_bytes(x.dtype()) > 0,
          SIROCCO_REASON_DTYPE, "rows must be i32, and the output of the dtype of x");
  require_shape(rows.rank() == 1 && x.rank() >= 1 && y.rank() == x.rank() &&
                    sdk::same_dim(y.dim(0), rows.dim(0)),
                "x [T, ..], rows [R] and output [R, ..] were expected");
  for (int axis = 1; axis < static_cast<int>(x.rank()); ++axis)
    require_shape(sdk::same_dim(x.dim(axis), y.dim(axis)),
                  "rows of x and the output must be alike");
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& y = call.output(0);
  const auto* rows = reinterpret_cast<const int32_t*>(call.input(1).data);
  const int64_t n = call.input(1).elements, bytes = inner_bytes(x, 1);
  for (int64_t r = 0; r < n; ++r) {
    if (rows[r] < 0 || rows[r] >= x.dims[0])
      throw sdk::StatusError(
          SIROCCO_INVALID_ARGUMENT,
          "row " + std::to_string(rows[r]) + " of " + std::to_string(x.dims[0]) + " is asked for");
  }
  call.parallel(n, row_grain(bytes), [&](int64_t begin, int64_t end, Scratch) {
    for (int64_t r = begin; r < end; ++r)
      std::memcpy(y.data + r * bytes, x.data + rows[r] * bytes, static_cast<size_t>(bytes));
  });
}

}  // namespace

sdk::Kernel gather_rows() {
  return {.op = "gather_rows", .accepts = accepts, .run = run};
}

}  // namespace sirocco::reference
