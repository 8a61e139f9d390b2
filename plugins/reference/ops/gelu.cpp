// y = x/2 * (1 + erf(x/sqrt(2))), or the approximation by tanh.

#include <cmath>
#include <numbers>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

// Where 1 + erf and 1 + tanh would cancel, for x far below 0, these forms keep all digits.

double exact(double x) {
  return x / 2 * std::erfc(-x / std::numbers::sqrt2);
}

double by_tanh(double x) {
  const double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;  // sqrt(2/pi)
  return x / (1 + std::exp(-2 * scale * (x + 0.044715 * x * x * x)));
}

bool is_exact(const NodeView& node) {
  const auto formula = node.attr_string("approximate");
  require(formula == "none" || formula == "tanh", SIROCCO_REASON_ATTRIBUTE,
          "approximate must be none or tanh");
  return formula == "none";
}

void accepts(const NodeView& node) {
  sdk::ops::check_unary(node);
  is_exact(node);
}

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(is_exact(node));
}

void run(const KernelCall& call) {
  if (call.params<bool>()) {
    map_elements(call, exact);
  } else {
    map_elements(call, by_tanh);
  }
}

}  // namespace

sdk::Kernel gelu() {
  return {.op = "gelu", .accepts = accepts, .run = run, .prepare = prepare};
}

}  // namespace sirocco::reference
