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

RopeParams read_params(const NodeView& node) {
  const int64_t head_dim = node.attr_int("head_dim");
  const int64_t rotary = node.attr_int_or_null("rotary_dim").value_or(head_dim);
  const double theta = node.attr_float("theta");
  const auto style = node.attr_string("style");
  require(style == "interleaved" || style == "half", SIROCCO_REASON_ATTRIBUTE,
          "style must be interleaved or half");
  require(head_dim > 0 && head_dim <= INT32_MAX && rotary > 0 && rotary % 2 == 0 &&
              rotary <= head_dim && theta > 0,
          SIROCCO_REASON_ATTRIBUTE, "head_dim, rotary_dim and theta contradict each other");
  RopeParams params{head_dim, style == "interleaved", {}};
  for (int64_t j = 0; j < rotary / 2; ++j)
    params.frequencies.push_back(
        std::pow(theta, -2 * static_cast<double>(j) / static_cast<double>(rotary)));
  return params;
}

void accepts(const NodeView& node) {
  require(node.n_inputs() == 2 && node.n_outputs() == 1, SIROCCO_REASON_SHAPE,
          "two inputs and one output were expected");
  const ValueView x = node.input(0), positions = node.input(1);
  require(x.is_float() && positions.dtype() == SIROCCO_DTYPE_I32, SIROCCO_REASON_DTYPE,
          "x must be float and positions i32");
  require_same_type(node.output(0), x);
  require_shape(x.rank() == 2 && positions.rank() == 1 && is_constant(x.dim(1)) &&
                    sdk::same_dim(x.dim(0), positions.dim(0)) &&
                    x.dim(1).base % read_params(node).head_dim == 0,
                "x [T, H*head_dim] and positions [T] were expected");
}

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(read_params(node));
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
