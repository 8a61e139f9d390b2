// y[.., d] = x[.., d] / sqrt(mean_j x[.., j]^2 + eps) * weight[d]

#include "kernels.hpp"

namespace minimal {
namespace {

sdk::Params prepare(const sdk::NodeView& node) {
  return sdk::make_params(node.attr_float("eps"));
}

void run(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  const double eps = call.params<double>();
  call.parallel(x.rows(), kGrain, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto row = memory.take<double>(x.width()), weight = memory.take<double>(x.width());
    sdk::load_row(call.input(1), 0, weight.data());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      double squares = 0;
      for (const double value : row) squares += value * value;
      const double mean = squares / static_cast<double>(x.width());
      const double root = std::sqrt(mean + eps);
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
          .scratch = scratch_rows<2>,
          .prepare = prepare};
}

}  // namespace minimal
