#include "work/angles.hpp"

#include <cmath>
#include <vector>

namespace sirocco::cuda {
namespace {

/// Positions whose angles are made and copied at a time.
constexpr int64_t kBlock = 4096;

}  // namespace

Angles::~Angles() {
  for (const Table& table : tables_) device_.release(table.memory);
}

const Angles::Table& Angles::table(int64_t rotary_dim, double theta) {
  for (const Table& table : tables_)
    if (table.rotary_dim == rotary_dim && table.theta == theta) return table;
  const int64_t pairs = rotary_dim / 2;
  const auto row_bytes = static_cast<uint64_t>(pairs) * sizeof(float2);
  void* memory =
      device_.allocate(static_cast<uint64_t>(n_positions_) * row_bytes, SIROCCO_MEMORY_ARENA);
  tables_.push_back({rotary_dim, theta, memory});
  std::vector<double> frequencies;
  for (int64_t j = 0; j < pairs; ++j)
    frequencies.push_back(
        std::pow(theta, -2 * static_cast<double>(j) / static_cast<double>(rotary_dim)));
  std::vector<float2> rows;
  for (int64_t begin = 0; begin < n_positions_; begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, n_positions_);
    rows.clear();
    for (int64_t position = begin; position < end; ++position) {
      for (const double frequency : frequencies) {
        const double angle = static_cast<double>(position) * frequency;
        rows.push_back({static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))});
      }
    }
    device_.write({memory, static_cast<uint64_t>(begin) * row_bytes}, rows.data(),
                  rows.size() * sizeof(float2));
  }
  return tables_.back();
}

Rotation Angles::of(const sdk::ops::RopeAttributes& rope) {
  Rotation rotation;
  rotation.table = static_cast<const float2*>(table(rope.rotary_dim, rope.theta).memory);
  rotation.n_positions = static_cast<int32_t>(n_positions_);
  rotation.head_dim = static_cast<int32_t>(rope.head_dim);
  rotation.rotary_dim = static_cast<int32_t>(rope.rotary_dim);
  rotation.interleaved = rope.interleaved;
  return rotation;
}

}  // namespace sirocco::cuda
