#include "exec/step_outputs.hpp"

#include "graph/scalar.hpp"

namespace sirocco {

void OutputView::to_f32(int64_t first, int64_t n, float* target) const {
  scalars_to_f32(data + static_cast<uint64_t>(first) * dtype_bytes(dtype), dtype,
                 static_cast<size_t>(n), target);
}

StepOutputs::StepOutputs(const Plan& plan, std::span<const DeviceBuffer> arenas)
    : plan_(plan), arenas_(arenas) {
  for (const PlannedOutput& output : plan.outputs()) {
    const TensorType& type = plan.graph().values[output.value].type;
    const bool visible = plan.devices()[output.device].host_visible();
    staging_.emplace_back(visible ? 0 : type.bytes(plan.largest_extents()));
    views_.push_back({nullptr, type.dtype, std::vector<int64_t>(type.rank())});
    unread_.push_back(0);
  }
}

void StepOutputs::read(const Extents& live, bool sampled) {
  live_ = live;
  for (size_t i = 0; i < views_.size(); ++i) {
    unread_[i] = sampled && plan_.sampling() && plan_.sampling()->logits == i;
    if (!unread_[i]) fetch(i);
  }
}

void StepOutputs::fetch(size_t index) {
  unread_[index] = false;
  const PlannedOutput& planned = plan_.outputs()[index];
  const DeviceBuffer& arena = arenas_[planned.device];
  if (arena.mapped()) return;
  const uint64_t bytes = plan_.graph().values[planned.value].type.bytes(live_);
  arena.read(planned.offset, staging_[index].data(), bytes);
  bytes_read_ += bytes;
}

const OutputView& StepOutputs::view(size_t index) {
  const PlannedOutput& planned = plan_.outputs().at(index);
  if (unread_[index]) fetch(index);
  const TensorType& type = plan_.graph().values[planned.value].type;
  OutputView& view = views_[index];
  for (size_t i = 0; i < type.rank(); ++i) view.shape[i] = type.shape[i].at(live_);
  const DeviceBuffer& arena = arenas_[planned.device];
  view.data = arena.mapped() ? arena.mapped() + planned.offset : staging_[index].data();
  return view;
}

}  // namespace sirocco
