#include <cuda_emulation/ptx.hpp>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstring>
#include <vector>

#include <cuda_emulation/shared.hpp>

#include "copies.hpp"
#include "state.hpp"

namespace cuda_emulation {
namespace {

struct Copy {
  void* target;
  uint64_t bytes[2];
};

/// Those of one thread that have not landed.
struct Copies {
  std::vector<Copy> open;                 ///< in no group yet
  std::vector<std::vector<Copy>> groups;  ///< oldest first
};

std::vector<Copies>& copies() {
  static std::vector<Copies> of_threads(1024);
  return of_threads;
}

constexpr uint32_t kAllLanes = 0xffffffffu;

}  // namespace

void forget_copies(unsigned threads) {
  for (unsigned t = 0; t < threads; ++t) copies()[t] = {};
}

namespace ptx {

void copy_async(void* target, const void* source, bool there) {
  Copy copy{target, {0, 0}};
  if (there) {
    note_access(source, 16, false);
    std::memcpy(copy.bytes, source, 16);
  }
  forget_written(target, 16);
  copies()[place.thread.x].open.push_back(copy);
}

void commit_copies() {
  Copies& mine = copies()[place.thread.x];
  mine.groups.push_back(std::move(mine.open));
  mine.open.clear();
}

void wait_copies(int pending) {
  Copies& mine = copies()[place.thread.x];
  while (mine.groups.size() > static_cast<size_t>(pending)) {
    for (const Copy& copy : mine.groups.front()) {
      note_access(copy.target, 16, true);
      std::memcpy(copy.target, copy.bytes, 16);
    }
    mine.groups.erase(mine.groups.begin());
  }
}

void load_matrices(uint32_t (&target)[4], const void* row, bool transposed) {
  const uint64_t* rows = exchange(Meeting::matrix, kAllLanes, reinterpret_cast<uint64_t>(row));
  const unsigned mine = lane();
  // The lane whose row it is loads it, for the checks; what each gets follows from the layout.
  note_access(row, 16, false);
  for (unsigned m = 0; m < 4; ++m) {
    uint16_t pair[2];
    for (unsigned half = 0; half < 2; ++half) {
      const unsigned r = transposed ? mine % 4 * 2 + half : mine / 4;
      const unsigned column = transposed ? mine / 4 : mine % 4 * 2 + half;
      std::memcpy(&pair[half], reinterpret_cast<const uint16_t*>(rows[m * 8 + r]) + column, 2);
    }
    std::memcpy(&target[m], pair, 4);
  }
}

namespace {

/// PTX ISA, "Matrix fragments for mma.m16n8k16 with floating point type": lane l holds of a the
/// rows l / 4 and l / 4 + 8, of b the column l / 4, of d the columns 2 * (l % 4) and the next.
template <float (*kToFloat)(uint16_t)>
void multiply(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  float left[16][16], right[16][8];
  uint64_t words[3] = {a[0] | uint64_t{a[1]} << 32, a[2] | uint64_t{a[3]} << 32,
                       b0 | uint64_t{b1} << 32};
  for (unsigned w = 0; w < 3; ++w) {
    const uint64_t* given = exchange(Meeting::matrix, kAllLanes, words[w]);
    for (unsigned l = 0; l < 32; ++l) {
      for (unsigned i = 0; i < 4; ++i) {
        const float value = kToFloat(static_cast<uint16_t>(given[l] >> (16 * i)));
        const unsigned k = l % 4 * 2 + i % 2;
        if (w < 2)
          left[l / 4 + i / 2 * 8][k + w * 8] = value;
        else
          right[k + i / 2 * 8][l / 4] = value;
      }
    }
  }
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = lane() / 4 + i / 2 * 8, column = lane() % 4 * 2 + i % 2;
    for (unsigned k = 0; k < 16; ++k) d[i] += left[row][k] * right[k][column];
  }
}

float from_f16(uint16_t bits) {
  return __half2float({bits});
}
float from_bf16(uint16_t bits) {
  return __bfloat162float({bits});
}

}  // namespace

void multiply_f16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  multiply<from_f16>(d, a, b0, b1);
}
void multiply_bf16(float (&d)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  multiply<from_bf16>(d, a, b0, b1);
}

}  // namespace ptx
}  // namespace cuda_emulation
