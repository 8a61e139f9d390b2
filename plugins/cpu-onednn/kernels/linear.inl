// One row, or a few, times a weight: the weight is read once, front to back.

namespace sirocco::cpu {
namespace {

/// How far ahead of its use the weight is fetched, in bytes. The processor's own prefetchers stop
/// at the end of a page of 4 KiB, which is where mapped files are cut: this takes them over it.
constexpr int64_t kFetchAhead = 6144;

/// kRows rows of the weight times kM rows of x, in kParts accumulators each, which hide the latency
/// of the sums. With one row of x the memory sets the pace, and likes one stream best; with more
/// the arithmetic does, and rows of the weight share the loads of x.
template <int kRows, int kM, int kParts, class W>
void skinny_block(const float* x, const W* weight, int64_t k, float* out, int64_t out_stride) {
  constexpr int64_t kStep = kParts * kWidth;
  Vec sums[kParts][kRows][kM] = {};
  int64_t i = 0;
  for (; i + kStep <= k; i += kStep) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const auto* ahead = reinterpret_cast<const char*>(weight + r * k + i) + kFetchAhead / kRows;
      for (int64_t line = 0; line < kStep * static_cast<int64_t>(sizeof(W)); line += 64)
        __builtin_prefetch(ahead + line);
    }
#pragma GCC unroll 16
    for (int p = 0; p < kParts; ++p) {
      Vec w[kRows];
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) w[r] = load(weight + r * k + i + p * kWidth);
#pragma GCC unroll 16
      for (int m = 0; m < kM; ++m) {
        const Vec a = load(x + m * k + i + p * kWidth);
#pragma GCC unroll 16
        for (int r = 0; r < kRows; ++r) sums[p][r][m] = fma(w[r], a, sums[p][r][m]);
      }
    }
  }
  for (; i < k; i += kWidth) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const Vec w = load_some(weight + r * k + i, part(i, k));
#pragma GCC unroll 16
      for (int m = 0; m < kM; ++m)
        sums[0][r][m] = fma(w, load_some(x + m * k + i, part(i, k)), sums[0][r][m]);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < kM; ++m) {
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      Vec total = sums[0][r][m];
#pragma GCC unroll 16
      for (int p = 1; p < kParts; ++p) total += sums[p][r][m];
      out[m * out_stride + r] = sum(total);
    }
  }
}

template <int kM, class W>
void skinny_rows(const SkinnyArgs& args, int64_t m) {
  // kRows * kM sums, kRows weights and a row of x are held at once.
  constexpr int kRows = kM == 4 ? (kRegisters == 32 ? 4 : 2) : 1;
  constexpr int kParts = kM == 4 ? 1 : 4 / kM;
  const auto* weight = static_cast<const W*>(args.weight);
  const float* x = args.x + m * args.k;
  float* out = args.out + m * args.out_stride;
  int64_t n = 0;
  for (; n + kRows <= args.n; n += kRows)
    skinny_block<kRows, kM, kParts>(x, weight + n * args.k, args.k, out + n, args.out_stride);
  for (; n < args.n; ++n)
    skinny_block<1, kM, 2>(x, weight + n * args.k, args.k, out + n, args.out_stride);
}

template <class W>
void skinny_typed(const SkinnyArgs& args) {
  int64_t m = 0;
  for (; m + 4 <= args.m; m += 4) skinny_rows<4, W>(args, m);
  if (m + 2 <= args.m) {
    skinny_rows<2, W>(args, m);
    m += 2;
  }
  if (m < args.m) skinny_rows<1, W>(args, m);
}

void skinny(const SkinnyArgs& args) {
  switch (args.dtype) {
    case Dtype::f32:
      return skinny_typed<float>(args);
    case Dtype::bf16:
      return skinny_typed<Bf16>(args);
    case Dtype::f16:
      return skinny_typed<F16>(args);
  }
}

}  // namespace
}  // namespace sirocco::cpu
