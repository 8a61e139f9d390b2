// y[r, ..] = x[rows[r], ..]

#include "kernels/launch.hpp"
#include "kernels/step.hpp"
#include "ops/rows.hpp"

namespace sirocco::cuda {
namespace {

constexpr int kThreads = 256;

template <class Unit>
__device__ void copy_row(const char* source, char* target, int64_t bytes) {
  constexpr int64_t kSize = sizeof(Unit);
#pragma unroll 1
  for (int64_t i = threadIdx.x; i < bytes / kSize; i += kThreads) {
    Unit unit{};
    if (source) unit = reinterpret_cast<const Unit*>(source)[i];
    reinterpret_cast<Unit*>(target)[i] = unit;
  }
}

__global__ void __launch_bounds__(kThreads) gather(const __grid_constant__ GatherArgs args) {
  const int64_t row = blockIdx.x;
  if (row >= count_of(args.n_rows, args.step)) return;
  const int64_t from = args.rows ? args.rows[row] : row;
  const bool there = from >= 0 && from < count_of(args.n_x, args.step);
  const char* source = there ? static_cast<const char*>(args.x) + from * args.row_bytes : nullptr;
  char* target = static_cast<char*>(args.y) + row * args.row_bytes;
  if (args.row_bytes % 16 == 0) return copy_row<uint4>(source, target, args.row_bytes);
  if (args.row_bytes % 4 == 0) return copy_row<uint32_t>(source, target, args.row_bytes);
  copy_row<unsigned char>(source, target, args.row_bytes);
}

}  // namespace

void gather_rows(Launcher& launcher, const GatherArgs& args, int64_t rows) {
  launch(launcher, {.x = rows, .threads = kThreads}, gather, args);
}

void reshape(Launcher& launcher, const GatherArgs& args, int64_t rows) {
  gather_rows(launcher, args, rows);
}

}  // namespace sirocco::cuda
