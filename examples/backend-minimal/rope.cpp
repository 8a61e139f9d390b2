// Pairs (a, b) of every head's elements turn by the angle position * theta^(-2j/d).

#include "kernels.hpp"

namespace minimal {
namespace {

void accepts(const sdk::NodeView& node) {
  sdk::ops::check_rope(node);
}

sdk::Params prepare(const sdk::NodeView& node) {
  return sdk::make_params(sdk::ops::check_rope(node));
}

void run(const sdk::KernelCall& call) {
  const auto& rope = call.params<sdk::ops::RopeAttributes>();
  const sdk::Tensor& x = call.input(0);
  const auto* positions = reinterpret_cast<const int32_t*>(call.input(1).data);
  const int64_t pairs = rope.rotary_dim / 2;
  call.parallel(x.rows(), 1, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto row = memory.take<double>(x.width());
    for (int64_t t = begin; t < end; ++t) {
      sdk::load_row(x, t, row.data());
      for (int64_t j = 0; j < pairs; ++j) {
        const double share = static_cast<double>(j) / static_cast<double>(pairs);
        const double angle = positions[t] * std::pow(rope.theta, -share);
        const double cosine = std::cos(angle), sine = std::sin(angle);
        for (double* head = row.data(); head < row.data() + x.width(); head += rope.head_dim) {
          double& a = head[rope.interleaved ? 2 * j : j];
          double& b = head[rope.interleaved ? 2 * j + 1 : j + pairs];
          const double x0 = a, x1 = b;
          a = x0 * cosine - x1 * sine;
          b = x0 * sine + x1 * cosine;
        }
      }
      sdk::store_row(call.output(0), t, row.data());
    }
  });
}

}  // namespace

sdk::Kernel rope() {
  return {
      .op = "rope", .accepts = accepts, .run = run, .scratch = scratch_rows<1>, .prepare = prepare};
}

}  // namespace minimal
