// add:    y = a + b         mul:  y = a * b, b repeated over a's leading dimensions
// swiglu: y = silu(gate) * up          silu: y = x / (1 + exp(-x))

#include "kernels.hpp"

namespace minimal {
namespace {

void accepts_binary(const sdk::NodeView& node) {
  sdk::ops::check_broadcast(node);
  sdk::require(row_width(node.input(0)) == row_width(node.input(1)), SIROCCO_REASON_SHAPE,
               "rows of one size were expected");
}

void accepts_swiglu(const sdk::NodeView& node) {
  sdk::ops::check_swiglu(node);
  row_width(node.input(0));
}

void accepts_silu(const sdk::NodeView& node) {
  sdk::ops::check_unary(node);
  row_width(node.input(0));
}

/// y = f(a, b) for every element, row by row.
template <class Function>
void run_binary(const sdk::KernelCall& call, Function f) {
  const sdk::Tensor &a = call.input(0), &b = call.input(1);
  call.parallel(a.rows(), kGrain, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto left = memory.take<double>(a.width()), right = memory.take<double>(a.width());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(a, r, left.data());
      sdk::load_row(b, r % b.rows(), right.data());
      for (size_t d = 0; d < left.size(); ++d) left[d] = f(left[d], right[d]);
      sdk::store_row(call.output(0), r, left.data());
    }
  });
}

void run_add(const sdk::KernelCall& call) {
  run_binary(call, [](double a, double b) { return a + b; });
}

void run_mul(const sdk::KernelCall& call) {
  run_binary(call, [](double a, double b) { return a * b; });
}

void run_swiglu(const sdk::KernelCall& call) {
  run_binary(call, [](double gate, double up) { return swish(gate) * up; });
}

void run_silu(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  call.parallel(x.rows(), kGrain, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto row = memory.take<double>(x.width());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      for (double& value : row) value = swish(value);
      sdk::store_row(call.output(0), r, row.data());
    }
  });
}

}  // namespace

sdk::Kernel add() {
  return {.op = "add", .accepts = accepts_binary, .run = run_add, .scratch = scratch_rows<2>};
}
sdk::Kernel mul() {
  return {.op = "mul", .accepts = accepts_binary, .run = run_mul, .scratch = scratch_rows<2>};
}
sdk::Kernel silu() {
  return {.op = "silu", .accepts = accepts_silu, .run = run_silu, .scratch = scratch_rows<1>};
}
sdk::Kernel swiglu() {
  return {.op = "swiglu", .accepts = accepts_swiglu, .run = run_swiglu, .scratch = scratch_rows<2>};
}

}  // namespace minimal
