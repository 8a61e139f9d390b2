#include "work/linear_gemm.hpp"

#include <algorithm>

#include <sirocco/sdk/tensor.hpp>

namespace sirocco::cuda {
namespace {

/// Bytes of one product's sums, so that what follows is aligned.
uint64_t sums_bytes(int64_t rows, int64_t columns, Dtype dtype) {
  const auto bytes = static_cast<uint64_t>(
      sdk::checked_product(sdk::checked_product(rows, columns), dtype_size(dtype)));
  return (bytes + kGemmAlignment - 1) / kGemmAlignment * kGemmAlignment;
}

}  // namespace

LinearGemm::LinearGemm(Gemm* gemm, const LinearArgs& args, Dtype weight,
                       const std::vector<const sdk::Projection*>& sources, int64_t most_rows) {
  if (!gemm) return;
  // One launch of the plugin's own or products of the library's: not some of both.
  const auto shape_of = [&](const sdk::Projection* p) { return GemmShape{weight, p->n, args.k}; };
  int64_t least = 1;
  for (const sdk::Projection* p : sources)
    least = std::max(least, gemm->least_rows(shape_of(p), args.x_dtype, weight));
  if (least > most_rows) return;
  least_rows_ = least;
  for (const sdk::Projection* p : sources) {
    const bool whole = !p->up && !p->bias && !p->rope && !p->state;
    products_.push_back({gemm->plan(shape_of(p), least, most_rows), whole});
    workspace_bytes_ = std::max(workspace_bytes_, products_.back().plan->workspace_bytes());
    if (whole) continue;
    const uint64_t sums = sums_bytes(most_rows, p->n, args.x_dtype);
    workspace_offset_ = std::max(workspace_offset_, p->up ? 2 * sums : sums);
  }
}

bool LinearGemm::launch(Launcher& launcher, const LinearArgs& args, int64_t rows,
                        std::byte* scratch) const {
  if (products_.empty() || rows < least_rows_) return false;
  std::byte* workspace = scratch + workspace_offset_;
  for (int32_t i = 0; i < args.n_projections; ++i) {
    const Projection& p = args.projections[i];
    const Product& product = products_[static_cast<size_t>(i)];
    const auto multiply = [&](const void* weight, const void* residual, void* y) {
      return product.plan->launch(launcher, args.x, weight, residual, y, rows, workspace);
    };
    if (product.whole) {
      if (!multiply(p.weight, p.residual, p.out)) return false;
      continue;
    }
    FinishArgs finish;
    std::byte* up_sums = scratch + sums_bytes(rows, p.n, args.x_dtype);
    if (!multiply(p.weight, nullptr, scratch)) return false;
    if (p.up && !multiply(p.up, nullptr, up_sums)) return false;
    finish.step = args.step;
    finish.sums = scratch;
    finish.up_sums = p.up ? up_sums : nullptr;
    finish.rows = args.rows;
    finish.dtype = args.x_dtype;
    finish.projection = p;
    linear_finish(launcher, finish, rows);
  }
  return true;
}

}  // namespace sirocco::cuda
