#include "common.hpp"

namespace sirocco::reference {

void accepts_broadcast(const NodeView& node) {
  sdk::require_floats(node, 2, 2);
  const ValueView a = node.input(0), b = node.input(1);
  require_same_type(node.output(0), a);
  require_shape(b.rank() <= a.rank(), "b has more dimensions than a");
  for (int axis = -1; axis >= -static_cast<int>(b.rank()); --axis)
    require_shape(sdk::same_dim(a.dim(axis), b.dim(axis)),
                  "b must have the shape of a's last dimensions");
}

double dot(const double* a, const double* b, int64_t n) {
  double sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int64_t j = 0; j < 8; ++j) sums[j] += a[i + j] * b[i + j];
  for (int64_t j = 0; i + j < n; ++j) sums[j] += a[i + j] * b[i + j];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

uint32_t axis_of(const NodeView& node, const ValueView& value) {
  const int64_t rank = value.rank(), axis = node.attr_int("axis");
  require_shape(axis >= -rank && axis < rank, "axis lies outside the tensor");
  return static_cast<uint32_t>(axis < 0 ? axis + rank : axis);
}

int64_t inner_bytes(const Tensor& tensor, uint32_t axis) {
  int64_t bytes = sdk::dtype_bytes(tensor.dtype);
  for (uint32_t i = axis; i < tensor.rank; ++i) bytes *= tensor.dims[i];
  return bytes;
}

}  // namespace sirocco::reference
