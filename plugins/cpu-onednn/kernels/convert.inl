// Between stored dtypes and f32.

namespace sirocco::cpu {
namespace {

/// Calls `body` with a null pointer of the dtype's element type.
template <class Body>
inline void with_type(Dtype dtype, Body body) {
  switch (dtype) {
    case Dtype::f32:
      return body(static_cast<float*>(nullptr));
    case Dtype::bf16:
      return body(static_cast<Bf16*>(nullptr));
    case Dtype::f16:
      return body(static_cast<F16*>(nullptr));
  }
}

template <class T>
inline Vec load_some(const T* p, int64_t n) {
  return n == kWidth ? load(p) : load_part(p, n);
}
template <class T>
inline void store_some(T* p, int64_t n, Vec x) {
  if (n == kWidth) {
    store(p, x);
  } else {
    store_part(p, n, x);
  }
}
inline int64_t part(int64_t i, int64_t n) {
  return n - i < kWidth ? n - i : kWidth;
}

void to_f32(Dtype dtype, const void* source, int64_t n, float* target) {
  with_type(dtype, [&](auto* type) {
    const auto* from = static_cast<decltype(type)>(const_cast<void*>(source));
    for (int64_t i = 0; i < n; i += kWidth)
      store_some(target + i, part(i, n), load_some(from + i, part(i, n)));
  });
}

void from_f32(Dtype dtype, const float* source, int64_t n, void* target) {
  with_type(dtype, [&](auto* type) {
    auto* to = static_cast<decltype(type)>(target);
    for (int64_t i = 0; i < n; i += kWidth)
      store_some(to + i, part(i, n), load_some(source + i, part(i, n)));
  });
}

}  // namespace
}  // namespace sirocco::cpu
