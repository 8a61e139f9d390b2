#include "stages/moe.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace sirocco::cpu {
namespace {

/// Outputs and rows of a tile, as in the stage of linear nodes.
constexpr int64_t kTile = 128;
constexpr int64_t kRows = 512;
constexpr int64_t kUnit = 16;
/// Rows of an expert are multiplied in multiples of this, for the library makes a kernel a size;
/// what the last of them hold is not used.
constexpr int64_t kPad = 32;

int64_t padded(int64_t rows) {
  return (rows + kPad - 1) / kPad * kPad;
}

/// Whether logit a comes before b: larger first, of equal ones the lower index, NaN last.
bool comes_before(const float* row, int32_t a, int32_t b) {
  if (std::isnan(row[a]) || std::isnan(row[b]))
    return std::isnan(row[a]) == std::isnan(row[b]) ? a < b : std::isnan(row[b]);
  return row[a] != row[b] ? row[a] > row[b] : a < b;
}

}  // namespace

void RouterStage::run(int, const Worker& worker) const {
  const Tensor& logits = worker.tensor(logits_);
  const int64_t width = logits.width(), k = attributes_.k;
  const Dtype dtype = dtype_of(logits.dtype);
  auto* row = reinterpret_cast<float*>(worker.scratch);
  auto* order = reinterpret_cast<int32_t*>(worker.scratch + floats_bytes(width));
  auto* experts = reinterpret_cast<int32_t*>(worker.tensor(experts_).data);
  auto* weights = reinterpret_cast<float*>(worker.tensor(weights_).data);
  const auto range = worker.share(logits.rows());
  for (int64_t t = range.begin; t < range.end; ++t) {
    worker.kernels().to_f32(dtype, logits.data + t * width * bytes_of(dtype), width, row);
    for (int32_t e = 0; e < width; ++e) order[e] = e;
    std::partial_sort(order, order + k, order + width,
                      [&](int32_t a, int32_t b) { return comes_before(row, a, b); });
    const double most = row[order[0]];
    const auto score = [&](double x) {
      return attributes_.sigmoid ? 1 / (1 + std::exp(-x)) : std::exp(x - most);
    };
    double chosen = 0, all = 0;
    for (int64_t j = 0; j < k; ++j) chosen += score(row[order[j]]);
    if (!attributes_.normalise && !attributes_.sigmoid)
      for (int64_t e = 0; e < width; ++e) all += score(row[e]);
    const double divisor = attributes_.normalise ? chosen : attributes_.sigmoid ? 1 : all;
    for (int64_t j = 0; j < k; ++j) {
      experts[t * k + j] = order[j];
      weights[t * k + j] = static_cast<float>(attributes_.scale * score(row[order[j]]) / divisor);
    }
  }
}

ExpertsStage::ExpertsStage(ExpertsSpec spec, Isa isa) : spec_(std::move(spec)) {
  if (spec_.dtype == Dtype::bf16 && spec_.weight_dtype == Dtype::bf16 && has_bf16(isa))
    compute_ = Dtype::bf16;
}

int64_t ExpertsStage::buffer_rows() const {
  return max_tokens_ * spec_.per_token + kPad;
}
int64_t ExpertsStage::block_rows() const {
  return padded(std::min(max_tokens_ * spec_.per_token, kRows));
}
uint64_t ExpertsStage::gathered_bytes() const {
  return round_up_64(static_cast<uint64_t>(buffer_rows() * spec_.features * bytes_of(compute_)));
}
uint64_t ExpertsStage::hidden_bytes() const {
  return round_up_64(static_cast<uint64_t>(buffer_rows() * spec_.hidden * bytes_of(compute_)));
}
std::byte* ExpertsStage::hidden(const Worker& worker) const {
  return worker.context.shared + gathered_bytes();
}
float* ExpertsStage::sums(const Worker& worker) const {
  return reinterpret_cast<float*>(hidden(worker) + hidden_bytes());
}

StageMemory ExpertsStage::memory(int64_t max_tokens) {
  max_tokens_ = max_tokens;
  const int64_t pairs = max_tokens * spec_.per_token,
                widest = std::max(spec_.features, spec_.hidden);
  const auto n_experts = static_cast<int64_t>(spec_.w1.size());
  StageMemory memory;
  memory.shared = gathered_bytes() + hidden_bytes() + floats_bytes(max_tokens * spec_.features);
  memory.scratch = floats_bytes(pairs) + floats_bytes(n_experts + 1) +
                   2 * floats_bytes(block_rows() * kTile) +
                   floats_bytes(std::min(pairs, kSkinnyRows) * widest);
  // A slice of a weight that is not in the dtype of the products.
  if (spec_.weight_dtype != compute_) memory.scratch += floats_bytes(kTile * widest);
  return memory;
}

ExpertsStage::Order ExpertsStage::sort(const Worker& worker, std::byte*& scratch) const {
  const Tensor& experts = worker.tensor(spec_.experts);
  const auto* expert = reinterpret_cast<const int32_t*>(experts.data);
  const auto n_experts = static_cast<int64_t>(spec_.w1.size());
  Order order{};
  order.pairs = reinterpret_cast<int32_t*>(scratch);
  scratch += floats_bytes(max_tokens_ * spec_.per_token);
  order.begins = reinterpret_cast<int32_t*>(scratch);
  scratch += floats_bytes(n_experts + 1);
  std::fill_n(order.begins, n_experts + 1, 0);
  for (int64_t p = 0; p < experts.elements; ++p) {
    if (expert[p] < 0 || expert[p] >= n_experts)
      throw sdk::StatusError(SIROCCO_FAILED, "there is no expert " + std::to_string(expert[p]) +
                                                 " among " + std::to_string(n_experts));
    ++order.begins[expert[p] + 1];
  }
  for (int64_t e = 0; e < n_experts; ++e) order.begins[e + 1] += order.begins[e];
  // Filling moves each begin to its end, which is the next one's begin.
  for (int64_t p = 0; p < experts.elements; ++p)
    order.pairs[order.begins[expert[p]]++] = static_cast<int32_t>(p);
  for (int64_t e = n_experts; e > 0; --e) order.begins[e] = order.begins[e - 1];
  order.begins[0] = 0;
  return order;
}

bool ExpertsStage::few(const StepContext& context) const {
  return context.tensor(spec_.experts).elements <= kSkinnyRows;
}

void ExpertsStage::run(int phase, const Worker& worker) const {
  if (few(worker.context)) ++phase;
  if (phase == 0) return gather(worker);
  if (phase == 1) return hidden_rows(worker);
  outputs(worker);
}

void ExpertsStage::gather(const Worker& worker) const {
  std::byte* scratch = worker.scratch;
  const Order order = sort(worker, scratch);
  auto* row = reinterpret_cast<float*>(scratch);
  const auto range = worker.share(worker.tensor(spec_.experts).elements);
  for (int64_t i = range.begin; i < range.end; ++i) {
    load_tokens(worker, order, i, 1, row);
    worker.kernels().from_f32(compute_, row, spec_.features,
                              gathered(worker) + i * spec_.features * bytes_of(compute_));
  }
}

void ExpertsStage::load_tokens(const Worker& worker, const Order& order, int64_t row, int64_t m,
                               float* target) const {
  const Tensor& x = worker.tensor(spec_.x);
  for (int64_t i = 0; i < m; ++i) {
    const int64_t token = order.pairs[row + i] / spec_.per_token;
    worker.kernels().to_f32(spec_.dtype, x.data + token * spec_.features * bytes_of(spec_.dtype),
                            spec_.features, target + i * spec_.features);
  }
}

void ExpertsStage::multiply_few(const Worker& worker, const float* x, int64_t k, int64_t m,
                                uint32_t weight, int64_t n0, int64_t n, float* out) const {
  worker.kernels().skinny(
      {.x = x,
       .weight = worker.tensor(weight).data + n0 * k * bytes_of(spec_.weight_dtype),
       .dtype = spec_.weight_dtype,
       .m = m,
       .n = n,
       .k = k,
       .out = out,
       .out_stride = kTile});
}

void ExpertsStage::multiply(const Worker& worker, const std::byte* rows, int64_t k, int64_t row,
                            int64_t m, uint32_t weight, int64_t n0, int64_t n, float* out,
                            std::byte* scratch) const {
  const std::byte* a = rows + row * k * bytes_of(compute_);
  if (m <= kSkinnyRows) {
    auto* x = reinterpret_cast<float*>(scratch);
    worker.kernels().to_f32(compute_, a, m * k, x);
    return multiply_few(worker, x, k, m, weight, n0, n, out);
  }
  const std::byte* b = worker.tensor(weight).data + n0 * k * bytes_of(spec_.weight_dtype);
  if (spec_.weight_dtype != compute_) {
    auto* wide = reinterpret_cast<float*>(scratch);
    worker.kernels().to_f32(spec_.weight_dtype, b, n * k, wide);
    b = reinterpret_cast<const std::byte*>(wide);
  }
  worker.gemm.run({.a = a,
                   .b = b,
                   .dtype = compute_,
                   .m = padded(m),
                   .n = n,
                   .k = k,
                   .out = out,
                   .out_stride = kTile});
}

void ExpertsStage::hidden_rows(const Worker& worker) const {
  std::byte* scratch = worker.scratch;
  const Order order = sort(worker, scratch);
  const int64_t block = block_rows();
  auto* gate = reinterpret_cast<float*>(scratch);
  auto* up = reinterpret_cast<float*>(scratch + floats_bytes(block * kTile));
  scratch += 2 * floats_bytes(block * kTile);
  const auto range = worker.share(spec_.hidden, kUnit);
  const bool direct = few(worker.context);
  for (size_t e = 0; e < spec_.w1.size(); ++e) {
    for (int64_t row = order.begins[e]; row < order.begins[e + 1]; row += kRows) {
      const int64_t m = std::min<int64_t>(kRows, order.begins[e + 1] - row);
      auto* x = reinterpret_cast<float*>(scratch);
      if (direct) load_tokens(worker, order, row, m, x);
      for (int64_t n0 = range.begin; n0 < range.end; n0 += kTile) {
        const int64_t n = std::min(kTile, range.end - n0);
        const auto multiply_side = [&](uint32_t weight, float* out) {
          if (direct) return multiply_few(worker, x, spec_.features, m, weight, n0, n, out);
          multiply(worker, gathered(worker), spec_.features, row, m, weight, n0, n, out, scratch);
        };
        multiply_side(spec_.w1[e], gate);
        multiply_side(spec_.w3[e], up);
        for (int64_t i = 0; i < m; ++i) {
          worker.kernels().swiglu(gate + i * kTile, up + i * kTile, n);
          worker.kernels().from_f32(
              compute_, gate + i * kTile, n,
              hidden(worker) + ((row + i) * spec_.hidden + n0) * bytes_of(compute_));
        }
      }
    }
  }
}

void ExpertsStage::outputs(const Worker& worker) const {
  std::byte* scratch = worker.scratch;
  const Order order = sort(worker, scratch);
  const int64_t block = block_rows();
  auto* tile = reinterpret_cast<float*>(scratch);
  scratch += 2 * floats_bytes(block * kTile);
  const auto range = worker.share(spec_.features, kUnit);
  const Tensor& y = worker.tensor(spec_.out);
  const Tensor& weights = worker.tensor(spec_.weights);
  const Dtype weights_dtype = dtype_of(weights.dtype);
  float* sum = sums(worker);
  // Columns are this thread's own: experts add to them one after the other, always in one order.
  for (int64_t t = 0; t < y.rows(); ++t)
    std::fill(sum + t * spec_.features + range.begin, sum + t * spec_.features + range.end, 0.0f);
  for (size_t e = 0; e < spec_.w2.size(); ++e) {
    for (int64_t row = order.begins[e]; row < order.begins[e + 1]; row += kRows) {
      const int64_t m = std::min<int64_t>(kRows, order.begins[e + 1] - row);
      for (int64_t n0 = range.begin; n0 < range.end; n0 += kTile) {
        const int64_t n = std::min(kTile, range.end - n0);
        multiply(worker, hidden(worker), spec_.hidden, row, m, spec_.w2[e], n0, n, tile, scratch);
        for (int64_t i = 0; i < m; ++i) {
          const int64_t pair = order.pairs[row + i];
          float share = 0;
          worker.kernels().to_f32(weights_dtype, weights.data + pair * bytes_of(weights_dtype), 1,
                                  &share);
          worker.kernels().add_scaled(sum + pair / spec_.per_token * spec_.features + n0,
                                      tile + i * kTile, n, share);
        }
      }
    }
  }
  for (int64_t t = 0; t < y.rows(); ++t)
    worker.kernels().from_f32(spec_.dtype, sum + t * spec_.features + range.begin,
                              range.end - range.begin,
                              y.data + (t * spec_.features + range.begin) * bytes_of(spec_.dtype));
}

}  // namespace sirocco::cpu
