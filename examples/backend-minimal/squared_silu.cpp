// minimal.squared_silu, an op of this plugin's own domain: y = (x / (1 + exp(-x)))^2

#include "kernels.hpp"

namespace minimal {
namespace {

// --- What the op is, for every host and backend -------------------------------------------------

void infer(sdk::InferView& node) {
  node.require(node.input(0).is_float(), "x must be float");
  node.set_output(0, node.input(0).tensor());
}

constexpr sirocco_op_input kInputs[] = {sdk::op_input("x", "[.., D] float")};
constexpr sirocco_op kOps[] = {sdk::make_op({
    .domain = "minimal",
    .name = "squared_silu",
    .doc = "The square of silu.",
    .formula = "y = (x / (1 + exp(-x)))^2, for every element of x [.., D]",
    .inputs = kInputs,
    .decomposition = "- s: silu(x)\n- return: mul(s, s)\n",
    .infer = sdk::infer<infer>,
})};

// --- Its kernel ---------------------------------------------------------------------------------

void accepts(const sdk::NodeView& node) {
  sdk::ops::check_unary(node);
  row_width(node.input(0));
}

void run(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  call.parallel(x.rows(), kGrain, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto row = memory.take<double>(x.width());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      for (double& value : row) value = std::pow(swish(value), 2);
      sdk::store_row(call.output(0), r, row.data());
    }
  });
}

}  // namespace

constinit const sirocco_ops_interface kOwnOps = sdk::make_ops_interface(kOps);

sdk::Kernel squared_silu() {
  return {.domain = "minimal",
          .op = "squared_silu",
          .accepts = accepts,
          .run = run,
          .scratch = scratch_rows<1>};
}

}  // namespace minimal
