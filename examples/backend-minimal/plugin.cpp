// A complete backend: rms_norm, and an op of its own domain, on the CPU.

#include <cmath>
#include <string_view>

#include <sirocco/sdk/kernel_backend.hpp>
#include <sirocco/sdk/numeric.hpp>
#include <sirocco/sdk/ops.hpp>
#include <sirocco/sdk/plugin.hpp>

namespace {

using namespace sirocco;

/// Sizes of rows that the kernels hold on the stack.
constexpr int64_t kMostWidth = 8192;

/// Both kernels map rows of the first input to rows of an output of the same type.
void accepts_rows(const sdk::NodeView& node, size_t n_inputs) {
  sdk::require_floats(node, n_inputs, n_inputs);
  const sdk::ValueView x = node.input(0);
  sdk::require(node.output(0).same_type(x), SIROCCO_REASON_SHAPE, "the output must be like x");
  sdk::require(x.rank() >= 1 && sdk::is_constant(x.dim(-1)) && x.dim(-1).base <= kMostWidth,
               SIROCCO_REASON_SHAPE, "rows must have at most 8192 elements");
}

// --- rms_norm: y[.., d] = x[.., d] / sqrt(mean_j x[.., j]^2 + eps) * weight[d] ------------------

void accepts_rms_norm(const sdk::NodeView& node) {
  accepts_rows(node, 2);
  const sdk::ValueView weight = node.input(1);
  sdk::require(weight.rank() == 1 && sdk::same_dim(weight.dim(0), node.input(0).dim(-1)),
               SIROCCO_REASON_SHAPE, "weight must have one element for each of a row of x");
  node.attr_float("eps");
}

sdk::Params prepare_rms_norm(const sdk::NodeView& node) {
  return sdk::make_params(node.attr_float("eps"));
}

void run_rms_norm(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  call.parallel(x.rows(), 16, [&](int64_t begin, int64_t end, sdk::Scratch) {
    double row[kMostWidth], weight[kMostWidth];
    sdk::load_row(call.input(1), 0, weight);
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row);
      double squares = 0;
      for (int64_t d = 0; d < x.width(); ++d) squares += row[d] * row[d];
      const double mean = squares / static_cast<double>(x.width());
      const double root = std::sqrt(mean + call.params<double>());
      for (int64_t d = 0; d < x.width(); ++d) row[d] = row[d] / root * weight[d];
      sdk::store_row(call.output(0), r, row);
    }
  });
}

// --- minimal.squared_silu: y = (x / (1 + exp(-x)))^2 --------------------------------------------

void accepts_squared_silu(const sdk::NodeView& node) {
  accepts_rows(node, 1);
}

void run_squared_silu(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  call.parallel(x.rows(), 16, [&](int64_t begin, int64_t end, sdk::Scratch) {
    double row[kMostWidth];
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row);
      for (int64_t d = 0; d < x.width(); ++d)
        row[d] = std::pow(row[d] / (1 + std::exp(-row[d])), 2);
      sdk::store_row(call.output(0), r, row);
    }
  });
}

void infer_squared_silu(sdk::InferView& node) {
  node.require(node.input(0).is_float(), "x must be float");
  node.set_output(0, node.input(0).tensor());
}

// --- The tables ---------------------------------------------------------------------------------

constexpr sirocco_op_input kInputs[] = {sdk::op_input("x", "[.., D] float")};
constexpr sirocco_op kOps[] = {sdk::make_op({
    .domain = "minimal",
    .name = "squared_silu",
    .doc = "The square of silu.",
    .formula = "y = (x / (1 + exp(-x)))^2, for every element of x [.., D]",
    .inputs = kInputs,
    .decomposition = "- s: silu(x)\n- return: mul(s, s)\n",
    .infer = sdk::infer<infer_squared_silu>,
})};
constexpr sirocco_ops_interface kOpsInterface = sdk::make_ops_interface(kOps);

constexpr sdk::Kernel kKernels[] = {
    {.op = "rms_norm",
     .accepts = accepts_rms_norm,
     .run = run_rms_norm,
     .prepare = prepare_rms_norm},
    {.domain = "minimal",
     .op = "squared_silu",
     .accepts = accepts_squared_silu,
     .run = run_squared_silu},
};
constexpr sdk::BackendDescription kBackend{
    .device = "CPU, minimal example", .kernels = kKernels, .unaligned_weights = true};

const void* get_interface(const char* id) {
  if (std::string_view(id) == SIROCCO_INTERFACE_BACKEND)
    return &sdk::KernelBackend<kBackend>::table;
  return std::string_view(id) == SIROCCO_INTERFACE_OPS ? &kOpsInterface : nullptr;
}

constexpr sirocco_plugin kPlugin{
    .struct_size = sizeof(sirocco_plugin),
    .abi_min = SIROCCO_ABI_VERSION_MIN,
    .abi_max = SIROCCO_ABI_VERSION,
    .name = "minimal",
    .version = "0.1.0",
    .vendor = "Sirocco",
    .licence = "Apache-2.0",
    .description = "A backend of two kernels, to start another one from",
    .get_interface = get_interface,
    .shutdown = nullptr,
};

}  // namespace

SIROCCO_DEFINE_PLUGIN(kPlugin)
