#include "stages/rope_table.hpp"

#include <cmath>

namespace sirocco::cpu {

RopeTable::RopeTable(uint32_t positions, int64_t rotary, double theta, bool interleaved)
    : positions_(positions), rotary_(rotary), theta_(theta), interleaved_(interleaved) {
  for (int64_t j = 0; j < pairs(); ++j)
    frequencies_.push_back(
        std::pow(theta, -2 * static_cast<double>(j) / static_cast<double>(rotary)));
}

float* RopeTable::cosines(const StepContext& context) const {
  return reinterpret_cast<float*>(context.shared + offset_);
}
float* RopeTable::sines(const StepContext& context) const {
  return reinterpret_cast<float*>(context.shared + offset_ + floats_bytes(max_tokens_ * pairs()));
}

void RopeTable::run(int, const Worker& worker) const {
  const Tensor& positions = worker.tensor(positions_);
  const auto* position = reinterpret_cast<const int32_t*>(positions.data);
  float* cosine = cosines(worker.context);
  float* sine = sines(worker.context);
  const auto range = worker.share(positions.elements * pairs(), 16);
  for (int64_t i = range.begin; i < range.end; ++i) {
    const double angle = position[i / pairs()] * frequencies_[static_cast<size_t>(i % pairs())];
    cosine[i] = static_cast<float>(std::cos(angle));
    sine[i] = static_cast<float>(std::sin(angle));
  }
}

void RopeTable::rotate(const StepContext& context, int64_t token, float* row, int64_t n,
                       int64_t head_dim) const {
  const float* cosine = cosines(context) + token * pairs();
  const float* sine = sines(context) + token * pairs();
  const auto rotate_head =
      interleaved_ ? context.kernels->rope_interleaved : context.kernels->rope_half;
  for (int64_t h = 0; h < n; h += head_dim) rotate_head(row + h, cosine, sine, pairs());
}

}  // namespace sirocco::cpu
