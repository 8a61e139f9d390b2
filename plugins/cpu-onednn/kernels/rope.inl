// Rotates pairs of one head's elements by angles whose cosines and sines are given, one a pair.

namespace sirocco::cpu {
namespace {

/// Pair j is (j, j + pairs). Elements behind 2 * pairs stay.
void rope_half(float* head, const float* cosines, const float* sines, int64_t pairs) {
  for (int64_t j = 0; j < pairs; j += kWidth) {
    const int64_t n = part(j, pairs);
    const Vec x = load_some(head + j, n), y = load_some(head + pairs + j, n);
    const Vec c = load_some(cosines + j, n), s = load_some(sines + j, n);
    store_some(head + j, n, x * c - y * s);
    store_some(head + pairs + j, n, y * c + x * s);
  }
}

/// Pair j is (2j, 2j + 1).
void rope_interleaved(float* head, const float* cosines, const float* sines, int64_t pairs) {
  for (int64_t j = 0; j < pairs; ++j) {
    const float x = head[2 * j], y = head[2 * j + 1];
    head[2 * j] = x * cosines[j] - y * sines[j];
    head[2 * j + 1] = y * cosines[j] + x * sines[j];
  }
}

}  // namespace
}  // namespace sirocco::cpu
