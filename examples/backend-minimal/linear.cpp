// y[.., n] = sum_k x[.., k] * weight[n, k] + bias[n]; and the same where x = swiglu(gate, up) is
// never stored.

#include "kernels.hpp"

namespace minimal {
namespace {

/// Rows of x that share one conversion of a weight's row.
constexpr int kBlock = 8;

double dot(const double* a, const double* b, int64_t width) {
  double sum = 0;
  for (int64_t k = 0; k < width; ++k) sum += a[k] * b[k];
  return sum;
}

/// `load(r, row, memory)` fills row r of the left side; the weight is the call's input `w`, the
/// bias the one after it.
template <class LoadRow>
void multiply(const sdk::KernelCall& call, size_t w, LoadRow load) {
  const sdk::Tensor &weight = call.input(w), &y = call.output(0);
  const int64_t width = weight.width(), rows = y.rows();
  call.parallel(weight.dims[0], kGrain, [&](int64_t begin, int64_t end, sdk::Scratch memory) {
    const auto block = memory.take<double>(kBlock * width), column = memory.take<double>(width);
    for (int64_t first = 0; first < rows; first += kBlock) {
      const int64_t n = std::min<int64_t>(kBlock, rows - first);
      for (int64_t r = 0; r < n; ++r) load(first + r, block.data() + r * width, column.data());
      for (int64_t output = begin; output < end; ++output) {
        sdk::load_row(weight, output, column.data());
        double bias = 0;
        if (call.has_input(w + 1)) {
          const sdk::Tensor& b = call.input(w + 1);
          sdk::load_doubles(b.data, b.dtype, output, 1, &bias);
        }
        for (int64_t r = 0; r < n; ++r) {
          const double sum = dot(block.data() + r * width, column.data(), width) + bias;
          sdk::store_doubles(y.data, y.dtype, (first + r) * y.width() + output, 1, &sum);
        }
      }
    }
  });
}

void run_linear(const sdk::KernelCall& call) {
  const sdk::Tensor& x = call.input(0);
  multiply(call, 1, [&](int64_t r, double* row, double*) { sdk::load_row(x, r, row); });
}

void run_swiglu_linear(const sdk::KernelCall& call) {
  const sdk::Tensor &gate = call.input(0), &up = call.input(1);
  multiply(call, 2, [&](int64_t r, double* row, double* other) {
    sdk::load_row(gate, r, row);
    sdk::load_row(up, r, other);
    for (int64_t k = 0; k < gate.width(); ++k) row[k] = swish(row[k]) * other[k];
  });
}

}  // namespace

sdk::Kernel linear() {
  return {.op = "linear",
          .accepts = sdk::ops::check_linear,
          .run = run_linear,
          .scratch = scratch_rows<kBlock + 1>};
}

sdk::Kernel swiglu_linear() {
  sdk::Kernel kernel = linear();
  kernel.after = "swiglu";
  kernel.run = run_swiglu_linear;
  return kernel;
}

}  // namespace minimal
