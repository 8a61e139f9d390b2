// Element by element, in f32: a[i] becomes f(a[i], b[i]).

namespace sirocco::cpu {
namespace {

template <class F>
inline void map(float* a, int64_t n, F f) {
  for (int64_t i = 0; i < n; i += kWidth)
    store_some(a + i, part(i, n), f(load_some(a + i, part(i, n))));
}
template <class F>
inline void map(float* a, const float* b, int64_t n, F f) {
  for (int64_t i = 0; i < n; i += kWidth)
    store_some(a + i, part(i, n), f(load_some(a + i, part(i, n)), load_some(b + i, part(i, n))));
}

inline Vec silu(Vec x) {
  return x / (exp(-x) + 1.0f);
}

void add(float* a, const float* b, int64_t n) {
  map(a, b, n, [](Vec x, Vec y) { return x + y; });
}
void mul(float* a, const float* b, int64_t n) {
  map(a, b, n, [](Vec x, Vec y) { return x * y; });
}
void silu(float* a, int64_t n) {
  map(a, n, [](Vec x) { return silu(x); });
}
/// a = silu(a) * b
void swiglu(float* a, const float* b, int64_t n) {
  map(a, b, n, [](Vec x, Vec y) { return silu(x) * y; });
}
/// a += factor * b
void add_scaled(float* a, const float* b, int64_t n, float factor) {
  map(a, b, n, [factor](Vec x, Vec y) { return fma(y, splat(factor), x); });
}

}  // namespace
}  // namespace sirocco::cpu
