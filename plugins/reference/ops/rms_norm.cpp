// y[.., d] = x[.., d] / sqrt(mean_j x[.., j]^2 + eps) * weight[d]

#include <cmath>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(node.attr_float("eps"));
}

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  return 2 * scratch_row(node, limits);
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const int64_t width = x.width();
  call.parallel(x.rows(), row_grain(width), [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(width), weight = memory.take<double>(width);
    sdk::load_row(call.input(1), 0, weight.data());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      double squares = 0;
      for (const double value : row) squares += value * value;
      const double root = std::sqrt(squares / static_cast<double>(width) + call.params<double>());
      for (size_t d = 0; d < row.size(); ++d) row[d] = row[d] / root * weight[d];
      sdk::store_row(call.output(0), r, row.data());
    }
  });
}

}  // namespace

sdk::Kernel rms_norm() {
  return {.op = "rms_norm",
          .accepts = sdk::ops::check_rms_norm,
          .run = run,
          .scratch = scratch,
          .prepare = prepare};
}

}  // namespace sirocco::reference
