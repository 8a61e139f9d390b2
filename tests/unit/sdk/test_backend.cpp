#include "test_backend.hpp"

#include <sirocco/sdk/kernel_backend.hpp>

namespace sdk = sirocco::sdk;

namespace {

void accepts_like(const sdk::NodeView& node) {
  sdk::require_floats(node, 1, 1);
  sdk::require(node.output(0).same_type(node.input(0)), SIROCCO_REASON_SHAPE, "unlike x");
}

void run_increment(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  call.parallel(x.rows(), 1, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto row = memory.take<double>(x.width());
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(x, r, row.data());
      for (double& value : row) value += 1;
      sdk::store_row(call.output(0), r, row.data());
    }
  });
}

uint64_t scratch_row(const sdk::NodeView& node, const sirocco_limits&) {
  return sdk::Scratch::size_of<double>(node.input(0).dim(-1).base);
}

void run_greedy(const sdk::KernelCall& call) {
  call.parallel(4, 1, [](int64_t, int64_t, sdk::Scratch memory) { memory.take<double>(1000); });
}

void run_throwing(const sdk::KernelCall&) {
  throw std::runtime_error("a bug");
}

void accept_lazily(const sdk::NodeView& node) {
  node.attr_int("k");
}

/// Adds every live token's row to its sequence's slot and answers with the slot.
void run_sum(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  const sdk::StateView& state = call.state();
  const auto slots = call.step().sequence_slots(state.spec.group);
  double row[4], kept[4];
  for (int64_t t = 0; t < call.step().live_tokens(); ++t) {
    const int32_t slot = slots[call.step().seq_of_token()[static_cast<size_t>(t)]];
    sdk::load_row(x, t, row);
    sdk::load_row(state.keys, slot, kept);
    for (int i = 0; i < 4; ++i) kept[i] += row[i];
    sdk::store_row(state.keys, slot, kept);
    sdk::store_row(call.output(0), t, kept);
  }
}

const sdk::Kernel kKernels[] = {
    {.domain = "test",
     .op = "increment",
     .accepts = accepts_like,
     .run = run_increment,
     .scratch = scratch_row},
    {.domain = "test", .op = "greedy", .accepts = accepts_like, .run = run_greedy},
    {.domain = "test", .op = "throwing", .accepts = accepts_like, .run = run_throwing},
    {.domain = "test", .op = "lazy", .accepts = accept_lazily, .run = run_increment},
    {.domain = "test", .op = "sum", .accepts = accepts_like, .run = run_sum},
};
constexpr sdk::BackendDescription kDescription{.device = "test", .kernels = kKernels};

}  // namespace

const sirocco_backend_interface& test_backend() {
  return sdk::KernelBackend<kDescription>::table;
}

Chain::Chain(int n, const std::string& op) {
  const harness::Dims dims{harness::tokens(), harness::constant(4)};
  x = graph.input(SIROCCO_DTYPE_F32, dims);
  uint32_t last = x;
  for (int i = 1; i < n; ++i) {
    const uint32_t next = graph.internal(SIROCCO_DTYPE_F32, dims);
    graph.node(op, {last}, {next}, {}, "test");
    last = next;
  }
  y = graph.output(SIROCCO_DTYPE_F32, dims);
  graph.node(op, {last}, {y}, {}, "test");
}
