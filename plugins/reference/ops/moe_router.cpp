// The k experts of every token and their weights; of equal logits the lower index first.

#include <algorithm>
#include <cmath>
#include <cstring>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

using sdk::ops::RouterAttributes;

void accepts(const NodeView& node) {
  sdk::ops::check_moe_router(node);
}

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(sdk::ops::check_moe_router(node));
}

uint64_t scratch(const NodeView& node, const sirocco_limits& limits) {
  return 2 * scratch_row(node, limits) + Scratch::size_of<int32_t>(node.input(0).dim(-1).base);
}

void run(const KernelCall& call) {
  const Tensor& logits = call.input(0);
  const auto& params = call.params<RouterAttributes>();
  const int64_t width = logits.width(), k = call.output(0).width();
  call.parallel(logits.rows(), row_grain(width), [&](int64_t begin, int64_t end, Scratch memory) {
    const auto row = memory.take<double>(width);
    const auto chosen = memory.take<double>(width);
    const auto order = memory.take<int32_t>(width);
    for (int64_t r = begin; r < end; ++r) {
      sdk::load_row(logits, r, row.data());
      find_largest(row, k, order);
      const double most = row[order[0]];
      const auto score = [&](double x) {
        return params.sigmoid ? 1 / (1 + std::exp(-x)) : std::exp(x - most);
      };
      double sum = 0, all = 0;
      for (int64_t j = 0; j < k; ++j) sum += chosen[j] = score(row[order[j]]);
      if (!params.sigmoid)
        for (const double x : row) all += score(x);
      const double divisor = params.normalise ? sum : params.sigmoid ? 1 : all;
      for (int64_t j = 0; j < k; ++j) chosen[j] *= params.scale / divisor;
      std::memcpy(call.output(0).data + r * k * 4, order.data(), static_cast<size_t>(k * 4));
      sdk::store_doubles(call.output(1).data, SIROCCO_DTYPE_F32, r * k, k, chosen.data());
    }
  });
}

}  // namespace

sdk::Kernel moe_router() {
  return {
      .op = "moe_router", .accepts = accepts, .run = run, .scratch = scratch, .prepare = prepare};
}

}  // namespace sirocco::reference
