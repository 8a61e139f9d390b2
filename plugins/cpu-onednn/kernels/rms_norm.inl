// y = x / sqrt(mean(x^2) + eps) * weight (Zhang and Sennrich 2019), one row, to f32.

namespace sirocco::cpu {
namespace {

void rms_norm(Dtype dtype, const void* x, Dtype weight_dtype, const void* weight, int64_t n,
              float eps, float* out) {
  to_f32(dtype, x, n, out);
  Vec squares[4] = {};
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
    for (int j = 0; j < 4; ++j) {
      const Vec v = load(out + i + j * kWidth);
      squares[j] = fma(v, v, squares[j]);
    }
  }
  for (; i < n; i += kWidth) {
    const Vec v = load_some(out + i, part(i, n));
    squares[0] = fma(v, v, squares[0]);
  }
  const float total = sum((squares[0] + squares[1]) + (squares[2] + squares[3]));
  const Vec factor = splat(1.0f / __builtin_sqrtf(total / static_cast<float>(n) + eps));
  with_type(weight_dtype, [&](auto* type) {
    const auto* w = static_cast<decltype(type)>(const_cast<void*>(weight));
    for (int64_t j = 0; j < n; j += kWidth) {
      const int64_t count = part(j, n);
      store_some(out + j, count, load_some(out + j, count) * factor * load_some(w + j, count));
    }
  });
}

}  // namespace
}  // namespace sirocco::cpu
