// y[r, ..] = x[rows[r], ..]

#include <cstring>
#include <string>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& y = call.output(0);
  const auto* rows = reinterpret_cast<const int32_t*>(call.input(1).data);
  const int64_t n = call.input(1).elements, bytes = inner_bytes(x, 1);
  for (int64_t r = 0; r < n; ++r) {
    if (rows[r] < 0 || rows[r] >= x.dims[0])
      throw sdk::StatusError(
          SIROCCO_INVALID_ARGUMENT,
          "row " + std::to_string(rows[r]) + " of " + std::to_string(x.dims[0]) + " is asked for");
  }
  call.parallel(n, row_grain(bytes), [&](int64_t begin, int64_t end, Scratch) {
    for (int64_t r = begin; r < end; ++r)
      std::memcpy(y.data + r * bytes, x.data + rows[r] * bytes, static_cast<size_t>(bytes));
  });
}

}  // namespace

sdk::Kernel gather_rows() {
  return {.op = "gather_rows", .accepts = sdk::ops::check_gather_rows, .run = run};
}

}  // namespace sirocco::reference
