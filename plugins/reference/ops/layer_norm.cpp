// y[.., d] = (x[.., d] - m) / sqrt(v + eps) * weight[d] + bias[d], with m and v the row's mean and
// variance.

#include <algorithm>
#include <cmath>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void accepts(const NodeView& node) {
  sdk::require_floats(node, 2, 3);
  require_same_type(node.output(0), node.input(0));
  for (const size_t index : {1, 2}) {
    if (index == 2 && !node.has_input(2)) continue;
    const ValueView value = node.input(index);
    require_shape(node.input(0).rank() >= 1 && value.rank() == 1 && is_constant(value.dim(0)) &&
                      sdk::same_dim(value.dim(0), node.input(0).dim(-1)),
                  "weight and bias must have one element for each of a row of x");
  }
  node.attr_float("eps");
}

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(node.attr_float("eps"));
}

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  return 3 * scratch_row(node, limits);
}

void normalise(std::span<double> row, std::span<const double> weight, std::span<const double> bias,
               double eps) {
  const auto n = static_cast<double>(row.size());
  double sum = 0, squares = 0;
  for (const double value : row) sum += value;
  const double mean = sum / n;
  for (const double value : row) squares += (value - mean) * (value - mean);
  const double root = std::sqrt(squares / n + eps);
  for (size_t d = 0; d < row.size(); ++d) row[d] = (row[d] - mean) / root * weight[d] + bias[d];
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const int64_t width = x.width();
  call.parallel(x.rows(), row_grain(width), [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(width), weight = memory.take<double>(width),
               bias = memory.take<double>(width);
    sdk::load_row(call.input(1), 0, weight.data());
    std::ranges::fill(bias, 0.0);
    if (call.has_input(2)) sdk::load_row(call.input(2), 0, bias.data());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      normalise(row, weight, bias, call.params<double>());
      sdk::store_row(call.output(0), r, row.data());
    }
  });
}

}  // namespace

sdk::Kernel layer_norm() {
  return {
      .op = "layer_norm", .accepts = accepts, .run = run, .scratch = scratch, .prepare = prepare};
}

}  // namespace sirocco::reference
