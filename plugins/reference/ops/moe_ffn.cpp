// y[t] = sum_j weights[t, j] * w2_e (silu(w1_e x[t]) * (w3_e x[t])), e = experts[t, j]

#include <algorithm>
#include <cmath>
#include <cstring>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

using sdk::ops::kFirstExpert;

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  const int64_t features = node.input(0).dim(1).base, hidden = node.input(kFirstExpert).dim(0).base;
  return 2 * scratch_row(node, limits) + Scratch::size_of<double>(hidden) +
         Scratch::size_of<double>(std::max(features, hidden));
}

int32_t expert_at(const Tensor& experts, int64_t index) {
  int32_t expert = 0;
  std::memcpy(&expert, experts.data + index * 4, 4);
  return expert;
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& experts = call.input(1);
  const int64_t width = x.width(), hidden = call.input(kFirstExpert).dims[0], k = experts.width();
  const auto n_experts = static_cast<int64_t>((call.n_inputs() - kFirstExpert) / 3);
  for (int64_t i = 0; i < experts.elements; ++i) {
    const int32_t expert = expert_at(experts, i);
    if (expert < 0 || expert >= n_experts)
      throw sdk::StatusError(SIROCCO_FAILED, "moe_ffn: there is no expert " +
                                                 std::to_string(expert) + " among " +
                                                 std::to_string(n_experts));
  }
  call.parallel(x.rows(), 1, [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(width);
    const auto sum = memory.take<double>(width);
    const auto inner = memory.take<double>(hidden);
    const auto weight = memory.take<double>(std::max(width, hidden));
    for (int64_t t = begin; t < end; ++t) {
      sdk::load_row(x, t, row.data());
      std::ranges::fill(sum, 0.0);
      for (int64_t j = 0; j < k; ++j) {
        const size_t first = kFirstExpert + 3 * static_cast<size_t>(expert_at(experts, t * k + j));
        double share = 0;
        sdk::load_doubles(call.input(2).data, call.input(2).dtype, t * k + j, 1, &share);
        for (int64_t i = 0; i < hidden; ++i) {
          sdk::load_row(call.input(first), i, weight.data());
          const double gate = dot(row.data(), weight.data(), width);
          sdk::load_row(call.input(first + 2), i, weight.data());
          inner[i] = gate / (1 + std::exp(-gate)) * dot(row.data(), weight.data(), width);
        }
        for (int64_t i = 0; i < width; ++i) {
          sdk::load_row(call.input(first + 1), i, weight.data());
          sum[i] += share * dot(inner.data(), weight.data(), hidden);
        }
      }
      sdk::store_row(call.output(0), t, sum.data());
    }
  });
}

}  // namespace

sdk::Kernel moe_ffn() {
  return {.op = "moe_ffn", .accepts = sdk::ops::check_moe_ffn, .run = run, .scratch = scratch};
}

}  // namespace sirocco::reference
