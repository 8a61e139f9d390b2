// y[.., n] = sum_k x[.., k] * weight[n, k] + bias[n]

#include <algorithm>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

/// Rows of x that share one conversion of a weight row to double.
constexpr int64_t kBlock = 8;

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  return Scratch::size_of<double>(sdk::checked_product(kBlock, node.input(0).dim(-1).base)) +
         scratch_row(node, limits);
}

/// Outputs [begin, end) of every row.
void run_outputs(const KernelCall& call, int64_t begin, int64_t end, Scratch memory) {
  const Tensor& x = call.input(0);
  const Tensor& y = call.output(0);
  const int64_t width = x.width(), rows = x.rows();
  const auto block = memory.take<double>(kBlock * width);
  const auto weight = memory.take<double>(width);
  for (int64_t first = 0; first < rows; first += kBlock) {
    const int64_t n = std::min(kBlock, rows - first);
    sdk::load_doubles(x.data, x.dtype, first * width, n * width, block.data());
    for (int64_t output = begin; output < end; ++output) {
      sdk::load_row(call.input(1), output, weight.data());
      double bias = 0;
      if (call.has_input(2))
        sdk::load_doubles(call.input(2).data, call.input(2).dtype, output, 1, &bias);
      for (int64_t r = 0; r < n; ++r) {
        const double sum = dot(block.data() + r * width, weight.data(), width) + bias;
        sdk::store_doubles(y.data, y.dtype, (first + r) * y.width() + output, 1, &sum);
      }
    }
  }
}

void run(const KernelCall& call) {
  const Tensor& weight = call.input(1);
  const int64_t grain = kGrain / (weight.width() * std::max<int64_t>(call.input(0).rows(), 1) + 1);
  call.parallel(weight.dims[0], std::max<int64_t>(grain, 1),
                [&](int64_t begin, int64_t end, Scratch memory) {
                  if (call.input(0).rows()) run_outputs(call, begin, end, memory);
                });
}

}  // namespace

sdk::Kernel linear() {
  return {.op = "linear", .accepts = sdk::ops::check_linear, .run = run, .scratch = scratch};
}

}  // namespace sirocco::reference
