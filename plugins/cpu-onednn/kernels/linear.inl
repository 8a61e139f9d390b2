// One row, or a few, times a weight: the weight is read once, front to back.

namespace sirocco::cpu {
namespace {

/// kRows rows of the weight times kM rows of x; accumulators stay in registers.
template <int kRows, int kM, class W>
void skinny_block(const float* x, const W* weight, int64_t k, float* out, int64_t out_stride) {
  Vec sums[kRows][kM] = {};
  int64_t i = 0;
  for (; i + kWidth <= k; i += kWidth) {
    Vec w[kRows];
    for (int r = 0; r < kRows; ++r) w[r] = load(weight + r * k + i);
    for (int m = 0; m < kM; ++m) {
      const Vec a = load(x + m * k + i);
      for (int r = 0; r < kRows; ++r) sums[r][m] = fma(w[r], a, sums[r][m]);
    }
  }
  if (i < k) {
    for (int r = 0; r < kRows; ++r) {
      const Vec w = load_part(weight + r * k + i, k - i);
      for (int m = 0; m < kM; ++m)
        sums[r][m] = fma(w, load_part(x + m * k + i, k - i), sums[r][m]);
    }
  }
  for (int m = 0; m < kM; ++m)
    for (int r = 0; r < kRows; ++r) out[m * out_stride + r] = sum(sums[r][m]);
}

/// kM rows of x, all rows of the weight. One row of x has too little arithmetic to hide a load's
/// latency behind, so it takes two accumulators a weight row.
template <int kM, class W>
void skinny_rows(const SkinnyArgs& args, int64_t m) {
  constexpr int kRows = kM == 1 ? 8 : 4;
  const auto* weight = static_cast<const W*>(args.weight);
  const float* x = args.x + m * args.k;
  float* out = args.out + m * args.out_stride;
  int64_t n = 0;
  for (; n + kRows <= args.n; n += kRows)
    skinny_block<kRows, kM>(x, weight + n * args.k, args.k, out + n, args.out_stride);
  for (; n < args.n; ++n)
    skinny_block<1, kM>(x, weight + n * args.k, args.k, out + n, args.out_stride);
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
