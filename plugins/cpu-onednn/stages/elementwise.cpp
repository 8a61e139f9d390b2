#include "stages/elementwise.hpp"

#include <algorithm>

namespace sirocco::cpu {

void ElementwiseStage::run(int, const Worker& worker) const {
  constexpr int64_t kChunk = 512;
  const Kernels& kernels = worker.kernels();
  const Tensor& a = worker.tensor(a_);
  const Tensor& y = worker.tensor(out_);
  const Tensor* b = b_ == SIROCCO_NONE ? nullptr : &worker.tensor(b_);
  if (b && b->elements == 0) return;
  const Dtype a_type = dtype_of(a.dtype), y_type = dtype_of(y.dtype);
  const Dtype b_type = b ? dtype_of(b->dtype) : Dtype::f32;
  float left[kChunk], right[kChunk];
  const auto range = worker.share(y.elements, 64);
  for (int64_t i = range.begin; i < range.end;) {
    int64_t n = std::min(kChunk, range.end - i);
    if (b) {
      const int64_t in_b = i % b->elements;
      n = std::min(n, b->elements - in_b);
      kernels.to_f32(b_type, b->data + in_b * bytes_of(b_type), n, right);
    }
    kernels.to_f32(a_type, a.data + i * bytes_of(a_type), n, left);
    switch (operation_) {
      case Elementwise::add:
        kernels.add(left, right, n);
        break;
      case Elementwise::mul:
        kernels.mul(left, right, n);
        break;
      case Elementwise::silu:
        kernels.silu(left, n);
        break;
      case Elementwise::swiglu:
        kernels.swiglu(left, right, n);
        break;
      case Elementwise::copy:
        break;
    }
    kernels.from_f32(y_type, left, n, y.data + i * bytes_of(y_type));
    i += n;
  }
}

}  // namespace sirocco::cpu
