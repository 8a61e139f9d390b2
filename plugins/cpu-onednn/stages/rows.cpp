#include "stages/rows.hpp"

#include <cstring>

namespace sirocco::cpu {
namespace {

/// Row `row` of a tensor, as the kernels convert it.
const std::byte* row_of(const Tensor& tensor, int64_t row) {
  return tensor.data + row * tensor.width() * bytes_of(dtype_of(tensor.dtype));
}
std::byte* row_of_output(const Tensor& tensor, int64_t row) {
  return tensor.data + row * tensor.width() * bytes_of(dtype_of(tensor.dtype));
}

/// f(row) for this thread's rows of `x`, each in f32, then stored into `y`.
template <class F>
void each_row(const Worker& worker, const Tensor& x, const Tensor& y, F f) {
  auto* row = reinterpret_cast<float*>(worker.scratch);
  const auto range = worker.share(x.rows());
  for (int64_t r = range.begin; r < range.end; ++r) {
    worker.kernels().to_f32(dtype_of(x.dtype), row_of(x, r), x.width(), row);
    f(r, row);
    worker.kernels().from_f32(dtype_of(y.dtype), row, x.width(), row_of_output(y, r));
  }
}

void check_rows(const Tensor& rows, int64_t n, const char* what) {
  const auto* row = reinterpret_cast<const int32_t*>(rows.data);
  for (int64_t i = 0; i < rows.elements; ++i) {
    if (row[i] < 0 || row[i] >= n)
      throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT, std::string(what) + " " +
                                                           std::to_string(row[i]) +
                                                           " is none of the " + std::to_string(n));
  }
}

}  // namespace

void EmbeddingStage::check(const StepContext& context) const {
  check_rows(context.tensor(tokens_), context.tensor(weight_).dims[0], "token id");
}

void EmbeddingStage::run(int, const Worker& worker) const {
  const Tensor& weight = worker.tensor(weight_);
  const Tensor& y = worker.tensor(out_);
  const auto* tokens = reinterpret_cast<const int32_t*>(worker.tensor(tokens_).data);
  auto* row = reinterpret_cast<float*>(worker.scratch);
  const auto range = worker.share(y.rows());
  for (int64_t t = range.begin; t < range.end; ++t) {
    worker.kernels().to_f32(dtype_of(weight.dtype), row_of(weight, tokens[t]), y.width(), row);
    worker.kernels().from_f32(dtype_of(y.dtype), row, y.width(), row_of_output(y, t));
  }
}

void GatherStage::check(const StepContext& context) const {
  check_rows(context.tensor(rows_), context.tensor(x_).dims[0], "row");
}

void GatherStage::run(int, const Worker& worker) const {
  const Tensor& x = worker.tensor(x_);
  const Tensor& y = worker.tensor(out_);
  const auto* rows = reinterpret_cast<const int32_t*>(worker.tensor(rows_).data);
  const int64_t bytes = x.dims[0] ? x.bytes / x.dims[0] : 0;
  const auto range = worker.share(worker.tensor(rows_).elements);
  for (int64_t r = range.begin; r < range.end; ++r)
    std::memcpy(y.data + r * bytes, x.data + rows[r] * bytes, static_cast<size_t>(bytes));
}

void NormStage::run(int, const Worker& worker) const {
  const Tensor& x = worker.tensor(x_);
  const Tensor& y = worker.tensor(out_);
  auto* row = reinterpret_cast<float*>(worker.scratch);
  const auto range = worker.share(x.rows());
  for (int64_t r = range.begin; r < range.end; ++r) {
    worker.kernels().rms_norm(dtype_of(x.dtype), row_of(x, r), norm_.weight_dtype,
                              worker.tensor(norm_.weight).data, x.width(), norm_.eps, row);
    worker.kernels().from_f32(dtype_of(y.dtype), row, x.width(), row_of_output(y, r));
  }
}

void RopeStage::run(int, const Worker& worker) const {
  const Tensor& x = worker.tensor(x_);
  each_row(worker, x, worker.tensor(out_), [&](int64_t token, float* row) {
    rotation_.table->rotate(worker.context, token, row, x.width(), rotation_.head_dim);
  });
}

void SoftmaxStage::run(int, const Worker& worker) const {
  const Tensor& x = worker.tensor(x_);
  each_row(worker, x, worker.tensor(out_),
           [&](int64_t, float* row) { worker.kernels().softmax(row, x.width()); });
}

}  // namespace sirocco::cpu
