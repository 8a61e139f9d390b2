// embedding:   y[t, d] = weight[tokens[t], d]
// gather_rows: y[r, ..] = x[rows[r], ..]

#include <cstring>
#include <string>

#include "kernels.hpp"

namespace minimal {
namespace {

/// Indices are data: nobody has checked them.
void check_indices(const sdk::Tensor& indices, int64_t n_rows, const char* what) {
  const auto* index = reinterpret_cast<const int32_t*>(indices.data);
  for (int64_t i = 0; i < indices.elements; ++i)
    if (index[i] < 0 || index[i] >= n_rows)
      throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT,
                             std::string(what) + " " + std::to_string(index[i]) +
                                 " is outside the " + std::to_string(n_rows) + " there are");
}

uint64_t scratch_embedding(const sdk::NodeView& node, const sirocco_limits&) {
  return sdk::Scratch::size_of<double>(row_width(node.input(1)));
}

void run_embedding(const sdk::KernelCall& call) {
  const sdk::Tensor &tokens = call.input(0), &weight = call.input(1);
  check_indices(tokens, weight.dims[0], "token");
  const auto* token = reinterpret_cast<const int32_t*>(tokens.data);
  call.parallel(tokens.elements, kGrain, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto row = memory.take<double>(weight.width());
    for (int64_t t = begin; t < end; ++t) {
      sdk::load_row(weight, token[t], row.data());
      sdk::store_row(call.output(0), t, row.data());
    }
  });
}

void run_gather_rows(const sdk::KernelCall& call) {
  const sdk::Tensor &x = call.input(0), &rows = call.input(1), &y = call.output(0);
  check_indices(rows, x.dims[0], "row");
  const auto* row = reinterpret_cast<const int32_t*>(rows.data);
  if (rows.elements == 0) return;
  const int64_t bytes = y.bytes / rows.elements;
  for (int64_t r = 0; r < rows.elements; ++r)
    std::memcpy(y.data + r * bytes, x.data + row[r] * bytes, static_cast<size_t>(bytes));
}

}  // namespace

sdk::Kernel embedding() {
  return {.op = "embedding",
          .accepts = sdk::ops::check_embedding,
          .run = run_embedding,
          .scratch = scratch_embedding};
}
sdk::Kernel gather_rows() {
  return {.op = "gather_rows", .accepts = sdk::ops::check_gather_rows, .run = run_gather_rows};
}

}  // namespace minimal
