// y[t, d] = weight[tokens[t], d]

#include <string>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

uint64_t scratch(const NodeView& node, const sirocco_limits&) {
  return Scratch::size_of<double>(node.input(1).dim(1).base);
}

void run(const KernelCall& call) {
  const Tensor& weight = call.input(1);
  const auto* tokens = reinterpret_cast<const int32_t*>(call.input(0).data);
  const int64_t n = call.input(0).elements, vocabulary = weight.dims[0];
  for (int64_t t = 0; t < n; ++t) {
    if (tokens[t] < 0 || tokens[t] >= vocabulary)
      throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT, "token id " + std::to_string(tokens[t]) +
                                                           " is outside the vocabulary of " +
                                                           std::to_string(vocabulary));
  }
  call.parallel(n, row_grain(weight.width()), [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(weight.width());
    for (int64_t t = begin; t < end; ++t) {
      sdk::load_row(weight, tokens[t], row.data());
      sdk::store_row(call.output(0), t, row.data());
    }
  });
}

}  // namespace

sdk::Kernel embedding() {
  return {.op = "embedding", .accepts = sdk::ops::check_embedding, .run = run, .scratch = scratch};
}

}  // namespace sirocco::reference
