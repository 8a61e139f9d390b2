#pragma once
// What the kernels of this folder share: loops in which every element and every row is computed on
// its own, so that neither threads nor chunks nor padding change a bit.

#include <algorithm>
#include <cstdint>
#include <span>

#include <sirocco/sdk/kernel.hpp>
#include <sirocco/sdk/numeric.hpp>
#include <sirocco/sdk/op_checks.hpp>

namespace sirocco::reference {

using sdk::is_constant;
using sdk::KernelCall;
using sdk::NodeView;
using sdk::require;
using sdk::Scratch;
using sdk::Tensor;
using sdk::ValueView;

/// Elements that are worth a thread.
constexpr int64_t kGrain = 16384;
/// Elements that elementwise loops convert at a time, on the stack.
constexpr int64_t kChunk = 256;

/// The numbers of the row's `k` largest elements, to the front of `order` [row]: largest first, of
/// equals the lower number, NaN last.
void find_largest(std::span<const double> row, int64_t k, std::span<int32_t> order);

/// Rows of that width that are worth a thread.
inline int64_t row_grain(int64_t width) {
  return std::max<int64_t>(kGrain / (width + 1), 1);
}

using sdk::ops::axis_of;
using sdk::ops::require_same_type;
using sdk::ops::require_shape;

/// y = f(x) for every element.
template <class Function>
void map_elements(const KernelCall& call, Function f) {
  const Tensor& x = call.input(0);
  const Tensor& y = call.output(0);
  call.parallel(y.elements, kGrain, [&](int64_t begin, int64_t end, Scratch) {
    double chunk[kChunk];
    for (int64_t i = begin; i < end; i += kChunk) {
      const int64_t n = std::min(kChunk, end - i);
      sdk::load_doubles(x.data, x.dtype, i, n, chunk);
      for (int64_t j = 0; j < n; ++j) chunk[j] = f(chunk[j]);
      sdk::store_doubles(y.data, y.dtype, i, n, chunk);
    }
  });
}

/// The scratch memory of kernels that hold one row of their first input as doubles.
inline uint64_t scratch_row(const NodeView& node, const sirocco_limits&) {
  return Scratch::size_of<double>(node.input(0).dim(-1).base);
}

/// y = f(a, b) for every element, b repeated over a's leading dimensions.
template <class Function>
void map_broadcast(const KernelCall& call, Function f) {
  const Tensor& a = call.input(0);
  const Tensor& b = call.input(1);
  const Tensor& y = call.output(0);
  if (b.elements == 0) return;
  call.parallel(y.elements, kGrain, [&](int64_t begin, int64_t end, Scratch) {
    double left[kChunk], right[kChunk];
    for (int64_t i = begin; i < end;) {
      const int64_t in_b = i % b.elements;
      const int64_t n = std::min({kChunk, end - i, b.elements - in_b});
      sdk::load_doubles(a.data, a.dtype, i, n, left);
      sdk::load_doubles(b.data, b.dtype, in_b, n, right);
      for (int64_t j = 0; j < n; ++j) left[j] = f(left[j], right[j]);
      sdk::store_doubles(y.data, y.dtype, i, n, left);
      i += n;
    }
  });
}

/// The sum of products, in eight partial sums that are added up in one order.
double dot(const double* a, const double* b, int64_t n);

/// Bytes of `tensor` from dimension `axis` on.
int64_t inner_bytes(const Tensor& tensor, uint32_t axis);

}  // namespace sirocco::reference
