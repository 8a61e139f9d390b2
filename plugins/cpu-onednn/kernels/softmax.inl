// e^(x - max) over its sum, one row in place.

namespace sirocco::cpu {
namespace {

void softmax(float* x, int64_t n) {
  float most = x[0];
  for (int64_t i = 1; i < n; ++i) most = x[i] > most ? x[i] : most;
  float total = 0;
  for (int64_t i = 0; i < n; i += kWidth) {
    const int64_t count = part(i, n);
    store_some(x + i, count, exp(load_some(x + i, count) - most));
    for (int64_t j = 0; j < count; ++j) total += x[i + j];
  }
  const float factor = 1.0f / total;
  map(x, n, [factor](Vec v) { return v * factor; });
}

}  // namespace
}  // namespace sirocco::cpu
