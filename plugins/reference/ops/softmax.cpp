// y[.., i] = exp(x[.., i] - m) / sum_j exp(x[.., j] - m), m = max_j x[.., j]

#include <algorithm>
#include <cmath>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  call.parallel(x.rows(), row_grain(x.width()), [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(x.width());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      const double most = *std::ranges::max_element(row);
      double sum = 0;
      for (double& value : row) sum += value = std::exp(value - most);
      for (double& value : row) value /= sum;
      sdk::store_row(call.output(0), r, row.data());
    }
  });
}

}  // namespace

sdk::Kernel softmax() {
  return {.op = "softmax", .accepts = sdk::ops::check_softmax, .run = run, .scratch = scratch_row};
}

}  // namespace sirocco::reference
