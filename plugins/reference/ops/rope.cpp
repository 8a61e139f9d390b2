// Rotates pairs of elements of every head by angles that grow with the position.

#include <cmath>
#include <cstring>
#include <vector>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

struct RopeParams {
  int64_t head_dim;
  bool interleaved;
  std::vector<double> frequencies;  ///< one a pair: theta^(-2j/d)
};

void accepts(const NodeView& node) {
  sdk::ops::check_rope(node);
}

sdk::Params prepare(const NodeView& node) {
  const sdk::ops::RopeAttributes attributes = sdk::ops::check_rope(node);
  RopeParams params{attributes.head_dim, attributes.interleaved, {}};
  for (int64_t j = 0; j < attributes.rotary_dim / 2; ++j)
    params.frequencies.push_back(
        std::pow(attributes.theta,
                 -2 * static_cast<double>(j) / static_cast<double>(attributes.rotary_dim)));
  return sdk::make_params(std::move(params));
}

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  return scratch_row(node, limits) + 2 * Scratch::size_of<double>(node.attr_int("head_dim"));
}

void rotate(double* head, const RopeParams& params, const double* cosines, const double* sines) {
  const size_t pairs = params.frequencies.size();
  for (size_t j = 0; j < pairs; ++j) {
    double& a = head[params.interleaved ? 2 * j : j];
    double& b = head[params.interleaved ? 2 * j + 1 : j + pairs];
    const double x = a, y = b;
    a = x * cosines[j] - y * sines[j];
    b = y * cosines[j] + x * sines[j];
  }
}

void run(const KernelCall& call) {
  const auto& params = call.params<RopeParams>();
  const Tensor& x = call.input(0);
  const auto* positions = reinterpret_cast<const int32_t*>(call.input(1).data);
  const int64_t width = x.width();
  call.parallel(x.rows(), row_grain(8 * width), [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(width);
    const auto cosines = memory.take<double>(params.head_dim);
    const auto sines = memory.take<double>(params.head_dim);
    for (int64_t t = begin; t < end; ++t) {
      for (size_t j = 0; j < params.frequencies.size(); ++j) {
        const double angle = positions[t] * params.frequencies[j];
        cosines[j] = std::cos(angle);
        sines[j] = std::sin(angle);
      }
      sdk::load_row(x, t, row.data());
      for (int64_t h = 0; h < width; h += params.head_dim)
        rotate(row.data() + h, params, cosines.data(), sines.data());
      sdk::store_row(call.output(0), t, row.data());
    }
  });
}

}  // namespace

sdk::Kernel rope() {
  return {.op = "rope", .accepts = accepts, .run = run, .scratch = scratch, .prepare = prepare};
}

}  // namespace sirocco::reference
