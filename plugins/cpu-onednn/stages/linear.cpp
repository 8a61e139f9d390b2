#include "stages/linear.hpp"

#include <algorithm>

namespace sirocco::cpu {
namespace {

/// Outputs whose weights a thread takes at a time with few rows: their tile stays in the L1 cache.
constexpr int64_t kSkinnyTile = 64;
/// The same for matrix products, and the rows that go with them: a tile stays in the L2 cache.
constexpr int64_t kGemmTile = 256;
constexpr int64_t kGemmRows = 512;
/// A thread's share is a multiple of this, so that tiles are whole vectors and cache lines.
constexpr int64_t kUnit = 16;

const std::byte* weight_rows(const Worker& worker, uint32_t weight, Dtype dtype, int64_t k,
                             int64_t row) {
  return worker.tensor(weight).data + row * k * bytes_of(dtype);
}

}  // namespace

LinearStage::LinearStage(LinearSpec spec, Isa isa) : spec_(std::move(spec)) {
  const bool all_bf16 = spec_.input_dtype == Dtype::bf16 &&
                        std::ranges::all_of(spec_.projections, [](const Projection& p) {
                          return p.weight_dtype == Dtype::bf16;
                        });
  if (all_bf16 && has_bf16(isa)) gemm_dtype_ = Dtype::bf16;
}

bool LinearStage::needs_shared_rows() const {
  return spec_.norm || spec_.input_dtype != gemm_dtype_;
}

int64_t LinearStage::tile_rows(const Projection& projection, bool skinny) const {
  const int64_t unit = projection.rotation ? projection.rotation->head_dim : kUnit;
  const int64_t tile = skinny ? kSkinnyTile : kGemmTile / (projection.up ? 2 : 1);
  return std::max<int64_t>(tile / unit, 1) * unit;
}

StageMemory LinearStage::memory(int64_t max_rows) const {
  StageMemory memory;
  for (const Projection& p : spec_.projections) {
    const int64_t sides = p.up ? 2 : 1;
    const int64_t few = std::min(max_rows, kSkinnyRows), many = std::min(max_rows, kGemmRows);
    memory.scratch = std::max(memory.scratch, floats_bytes(few * spec_.k) +
                                                  sides * floats_bytes(few * tile_rows(p, true)));
    if (max_rows <= kSkinnyRows) continue;
    uint64_t bytes = sides * floats_bytes(many * tile_rows(p, false));
    if (p.weight_dtype != gemm_dtype_) bytes += floats_bytes(tile_rows(p, false) * spec_.k);
    memory.scratch = std::max(memory.scratch, bytes);
  }
  // One row of f32, while rows are prepared.
  memory.scratch = std::max(memory.scratch, floats_bytes(spec_.k));
  if (max_rows > kSkinnyRows && needs_shared_rows())
    memory.shared = round_up_64(static_cast<uint64_t>(max_rows * spec_.k * bytes_of(gemm_dtype_)));
  return memory;
}

bool LinearStage::skinny(const StepContext& context) const {
  return context.tensor(spec_.input).rows() <= kSkinnyRows;
}

int LinearStage::phases(const StepContext& context) const {
  return !skinny(context) && needs_shared_rows() ? 2 : 1;
}

void LinearStage::run(int phase, const Worker& worker) const {
  if (skinny(worker.context)) {
    run_skinny(worker);
  } else if (phase == 0 && needs_shared_rows()) {
    prepare_rows(worker);
  } else {
    run_gemm(worker);
  }
}

/// The rows of the input, normed, in f32.
static void load_row(const Worker& worker, const LinearSpec& spec, int64_t row, float* target) {
  const Tensor& x = worker.tensor(spec.input);
  const std::byte* source = x.data + row * spec.k * bytes_of(spec.input_dtype);
  if (spec.norm) {
    const Tensor& weight = worker.tensor(spec.norm->weight);
    worker.kernels().rms_norm(spec.input_dtype, source, spec.norm->weight_dtype, weight.data,
                              spec.k, spec.norm->eps, target);
  } else {
    worker.kernels().to_f32(spec.input_dtype, source, spec.k, target);
  }
}

void LinearStage::prepare_rows(const Worker& worker) const {
  auto* row = reinterpret_cast<float*>(worker.scratch);
  const auto range = worker.share(worker.tensor(spec_.input).rows());
  for (int64_t t = range.begin; t < range.end; ++t) {
    load_row(worker, spec_, t, row);
    worker.kernels().from_f32(gemm_dtype_, row, spec_.k,
                              worker.context.shared + t * spec_.k * bytes_of(gemm_dtype_));
  }
}

void LinearStage::run_skinny(const Worker& worker) const {
  const int64_t rows = worker.tensor(spec_.input).rows();
  // Every thread prepares all rows: that is cheaper than meeting the others.
  auto* x = reinterpret_cast<float*>(worker.scratch);
  for (int64_t t = 0; t < rows; ++t) load_row(worker, spec_, t, x + t * spec_.k);
  auto* tile =
      reinterpret_cast<float*>(worker.scratch + floats_bytes(std::max<int64_t>(rows, 1) * spec_.k));
  for (const Projection& p : spec_.projections) {
    const int64_t most = tile_rows(p, true);
    float* up = tile + floats_bytes(rows * most) / sizeof(float);
    const auto range = worker.share(p.n, p.rotation ? p.rotation->head_dim : kUnit);
    for (int64_t n0 = range.begin; n0 < range.end; n0 += most) {
      const int64_t n = std::min(most, range.end - n0);
      SkinnyArgs args{.x = x,
                      .weight = weight_rows(worker, p.weight, p.weight_dtype, spec_.k, n0),
                      .dtype = p.weight_dtype,
                      .m = rows,
                      .n = n,
                      .k = spec_.k,
                      .out = tile,
                      .out_stride = most};
      worker.kernels().skinny(args);
      if (p.up) {
        args.weight = weight_rows(worker, *p.up, p.weight_dtype, spec_.k, n0);
        args.out = up;
        worker.kernels().skinny(args);
      }
      finish(worker, p, tile, up, most, 0, rows, n0, n);
    }
  }
}

void LinearStage::run_gemm(const Worker& worker) const {
  const int64_t rows = worker.tensor(spec_.input).rows();
  const std::byte* a =
      needs_shared_rows() ? worker.context.shared : worker.tensor(spec_.input).data;
  const int64_t block = std::min(rows, kGemmRows);
  for (const Projection& p : spec_.projections) {
    const int64_t most = tile_rows(p, false);
    auto* tile = reinterpret_cast<float*>(worker.scratch);
    float* up = tile + floats_bytes(block * most) / sizeof(float);
    float* wide = p.up ? up + floats_bytes(block * most) / sizeof(float) : up;
    const auto multiply = [&](uint32_t weight, int64_t n0, int64_t n, int64_t m0, int64_t m,
                              float* out) {
      const void* b = weight_rows(worker, weight, p.weight_dtype, spec_.k, n0);
      if (p.weight_dtype != gemm_dtype_) {
        worker.kernels().to_f32(p.weight_dtype, b, n * spec_.k, wide);
        b = wide;
      }
      worker.gemm.run({.a = a + m0 * spec_.k * bytes_of(gemm_dtype_),
                       .b = b,
                       .dtype = gemm_dtype_,
                       .m = m,
                       .n = n,
                       .k = spec_.k,
                       .out = out,
                       .out_stride = most});
    };
    const auto range = worker.share(p.n, p.rotation ? p.rotation->head_dim : kUnit);
    for (int64_t n0 = range.begin; n0 < range.end; n0 += most) {
      const int64_t n = std::min(most, range.end - n0);
      for (int64_t m0 = 0; m0 < rows; m0 += kGemmRows) {
        const int64_t m = std::min(kGemmRows, rows - m0);
        multiply(p.weight, n0, n, m0, m, tile);
        if (p.up) multiply(*p.up, n0, n, m0, m, up);
        finish(worker, p, tile, up, most, m0, m, n0, n);
      }
    }
  }
}

/// Outputs [n0, n0 + n) of rows [m0, m0 + m), which lie in `tile`, to where they belong.
void LinearStage::finish(const Worker& worker, const Projection& p, float* tile, float* up,
                         int64_t tile_stride, int64_t m0, int64_t m, int64_t n0, int64_t n) const {
  const Kernels& kernels = worker.kernels();
  float buffer[kGemmTile];
  std::byte* target = nullptr;
  std::span<const int32_t> slots;
  if (p.state) {
    const sdk::StateView view = worker.context.stores[p.state->group]->view(*p.state);
    target = (p.state_values ? view.values : view.keys).data;
    slots = worker.context.step->slots(p.state->group);
  } else {
    target = worker.tensor(p.output).data;
  }
  const int64_t element = bytes_of(p.output_dtype);
  for (int64_t i = 0; i < m; ++i) {
    const int64_t row = m0 + i;
    const int64_t place = p.state ? slots[static_cast<size_t>(row)] : row;
    if (place < 0) continue;
    float* y = tile + i * tile_stride;
    const auto add_part = [&](const std::byte* source, Dtype dtype) {
      for (int64_t j = 0; j < n; j += kGemmTile) {
        const int64_t count = std::min(kGemmTile, n - j);
        kernels.to_f32(dtype, source + j * bytes_of(dtype), count, buffer);
        kernels.add(y + j, buffer, count);
      }
    };
    if (p.bias) add_part(worker.tensor(*p.bias).data + n0 * bytes_of(p.bias_dtype), p.bias_dtype);
    if (p.rotation) p.rotation->table->rotate(worker.context, row, y, n, p.rotation->head_dim);
    if (p.up) kernels.swiglu(y, up + i * tile_stride, n);
    if (p.residual)
      add_part(worker.tensor(*p.residual).data + (row * p.n + n0) * bytes_of(p.residual_dtype),
               p.residual_dtype);
    kernels.from_f32(p.output_dtype, y, n, target + (place * p.n + n0) * element);
  }
}

}  // namespace sirocco::cpu
