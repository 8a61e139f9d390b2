#include "exec/bound_plan.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "exec/sequences.hpp"

namespace sirocco {

/// The bytes of one group on one device.
struct BoundPlan::StateStore {
  std::shared_ptr<Backend> backend;
  sirocco_state_store* handle = nullptr;
  size_t device = 0;
  uint32_t group = 0;
  bool recurrent = false;

  StateStore() = default;
  StateStore(StateStore&& other) noexcept { *this = std::move(other); }
  StateStore& operator=(StateStore&& other) noexcept {
    std::swap(backend, other.backend);
    std::swap(handle, other.handle);
    device = other.device;
    group = other.group;
    recurrent = other.recurrent;
    return *this;
  }
  ~StateStore() {
    if (handle) backend->interface().state_destroy(backend->handle(), handle);
  }
};

/// A part with everything it needs at an execute; none of it changes from step to step.
struct BoundPlan::BoundPart {
  std::vector<sirocco_span> values;
  std::vector<sirocco_state_store*> states;  ///< by group
  sirocco_bindings bindings{};
  sirocco_step step{};
};

namespace {

std::vector<StepGroup> step_groups(const Plan& plan) {
  const std::vector<uint32_t> entries = table_entries(plan);
  std::vector<StepGroup> groups;
  for (size_t g = 0; g < entries.size(); ++g)
    groups.push_back({plan.graph().groups[g].kind == SIROCCO_STATE_RECURRENT, entries[g]});
  return groups;
}

}  // namespace

BoundPlan::BoundPlan(std::shared_ptr<const Plan> plan, const FindWeight& find_weight,
                     const LoadProgress& progress)
    : plan_(std::move(plan)),
      step_(plan_->padded_limits(), step_groups(*plan_), plan_->sampling().has_value()),
      weights_(*plan_, find_weight, progress) {
  create_arenas();
  create_states();
  bind_parts();
  staging_.resize(plan_->staging_bytes());
}

BoundPlan::~BoundPlan() = default;

void BoundPlan::create_arenas() {
  for (size_t d = 0; d < plan_->devices().size(); ++d) {
    const Device& device = plan_->devices()[d];
    arenas_.push_back(DeviceBuffer::create(device, plan_->arena_bytes()[d], SIROCCO_MEMORY_ARENA));
    step_copies_.push_back(device.imports_host()
                               ? DeviceBuffer::import(device, step_.data(), step_.bytes())
                               : DeviceBuffer::create(device, step_.bytes(), SIROCCO_MEMORY_STEP));
  }
}

void BoundPlan::create_states() {
  for (uint32_t g = 0; g < plan_->groups().size(); ++g) {
    for (size_t d = 0; d < plan_->devices().size(); ++d) {
      std::vector<sirocco_state> members;
      const sirocco_state_group group = plan_->abi_group(g, d, members);
      if (members.empty()) continue;
      const Device& device = plan_->devices()[d];
      StateStore store;
      store.backend = device.backend;
      store.device = d;
      store.group = g;
      store.recurrent = group.kind == SIROCCO_STATE_RECURRENT;
      device.backend->call(device.backend->interface().state_create, "state_create", device.index,
                           &group, &store.handle);
      states_.push_back(std::move(store));
    }
  }
}

sirocco_span BoundPlan::bind_value(size_t part, size_t local) const {
  const PlannedPart& planned = plan_->parts()[part];
  const size_t device = planned.part.device;
  const ValueId id = planned.view->values()[local];
  const Extents most = plan_->largest_extents();
  const auto step_span = [&](size_t field, int64_t n) {
    return step_copies_[device].span(step_.offset(field) * sizeof(int32_t),
                                     static_cast<uint64_t>(n) * sizeof(int32_t));
  };
  switch (planned.view->get()->values[local].kind) {
    case SIROCCO_VALUE_TOKENS:
      return step_span(SIROCCO_STEP_OFF_TOKENS, most.tokens);
    case SIROCCO_VALUE_POSITIONS:
      return step_span(SIROCCO_STEP_OFF_POSITIONS, most.tokens);
    case SIROCCO_VALUE_WANTED:
      return step_span(SIROCCO_STEP_OFF_WANTED, most.rows);
    case SIROCCO_VALUE_SAMPLING:
      return step_span(SIROCCO_STEP_OFF_SAMPLING, most.rows * SIROCCO_SAMPLING_INTS);
    case SIROCCO_VALUE_WEIGHT:
      return weights_.find(device, id);
    case SIROCCO_VALUE_INTERNAL:
      return {nullptr, 0, 0};
    default:
      return arenas_[device].span(planned.offsets[local],
                                  plan_->graph().values[id].type.bytes(most));
  }
}

void BoundPlan::bind_parts() {
  parts_.resize(plan_->parts().size());
  for (size_t p = 0; p < parts_.size(); ++p) {
    const PlannedPart& planned = plan_->parts()[p];
    const size_t device = planned.part.device;
    BoundPart& part = parts_[p];
    for (size_t v = 0; v < planned.view->values().size(); ++v)
      part.values.push_back(bind_value(p, v));
    part.states.assign(plan_->groups().size(), nullptr);
    for (const StateStore& store : states_)
      if (store.device == device) part.states[store.group] = store.handle;
    part.bindings = {sizeof(sirocco_bindings), part.values.data(), part.values.size(),
                     part.states.data(),       part.states.size(), {nullptr, 0, 0}};
    if (planned.info.workspace_bytes) {
      part.bindings.workspace =
          arenas_[device].span(planned.workspace_offset, planned.info.workspace_bytes);
    }
    part.step = {sizeof(sirocco_step), step_.data(), step_copies_[device].span(0, step_.bytes()),
                 nullptr};
  }
  if (!plan_->options().timed) return;
  // Every node may have run once on every thread of a large team.
  constexpr size_t kMostThreads = 256;
  raw_times_.resize(plan_->graph().nodes.size() * kMostThreads);
  times_.resize(raw_times_.size());
}

void BoundPlan::execute(const Extents& live) {
  live_ = live;
  n_times_ = 0;
  for (size_t d = 0; d < plan_->devices().size(); ++d)
    if (!plan_->devices()[d].imports_host()) step_copies_[d].write(0, step_.data(), step_.bytes());
  for (size_t p = 0; p < parts_.size(); ++p) {
    const PlannedPart& planned = plan_->parts()[p];
    for (const Transfer& moved : planned.transfers) transfer(moved);
    const Backend& backend = *plan_->devices()[planned.part.device].backend;
    backend.call(backend.interface().execute, "execute", planned.executable->get(),
                 static_cast<const sirocco_bindings*>(&parts_[p].bindings),
                 static_cast<const sirocco_step*>(&parts_[p].step));
    if (plan_->options().timed) read_times(p);
    if (watch_) watch_(p);
  }
}

void BoundPlan::transfer(const Transfer& transfer) {
  const Extents padded{step_.data()[SIROCCO_STEP_N_TOKENS], step_.data()[SIROCCO_STEP_N_SEQS],
                       step_.data()[SIROCCO_STEP_N_ROWS]};
  const uint64_t bytes = plan_->graph().values[transfer.value].type.bytes(padded);
  const DeviceBuffer& from = arenas_[transfer.from];
  const DeviceBuffer& to = arenas_[transfer.to];
  if (from.mapped()) {
    to.write(transfer.to_offset, from.mapped() + transfer.from_offset, bytes);
  } else if (to.mapped()) {
    from.read(transfer.from_offset, to.mapped() + transfer.to_offset, bytes);
  } else {
    from.read(transfer.from_offset, staging_.data(), bytes);
    to.write(transfer.to_offset, staging_.data(), bytes);
  }
}

void BoundPlan::read_times(size_t part) {
  const PlannedPart& planned = plan_->parts()[part];
  if (!plan_->devices()[planned.part.device].offers_times()) return;
  const Backend& backend = *plan_->devices()[planned.part.device].backend;
  size_t count = 0;
  backend.call(backend.interface().read_times, "read_times", planned.executable->get(),
               raw_times_.data(), raw_times_.size(), &count);
  count = std::min({count, raw_times_.size(), times_.size() - n_times_});
  for (size_t i = 0; i < count; ++i) {
    const sirocco_node_time& raw = raw_times_[i];
    times_[n_times_++] = {raw.node, planned.part.device, raw.thread, raw.begin_ns, raw.end_ns};
  }
}

uint64_t BoundPlan::made_at(size_t part, ValueId value) const {
  const PlannedPart& planned = plan_->parts().at(part);
  const auto ids = planned.view->values();
  for (size_t local = 0; local < ids.size(); ++local)
    if (ids[local] == value && planned.view->get()->values[local].kind == SIROCCO_VALUE_OUTPUT)
      return planned.offsets[local];
  throw Error(ErrorKind::usage, fmt::format("part {} makes no value '{}' that others read", part,
                                            plan_->graph().values.at(value).name));
}

std::span<const std::byte> BoundPlan::made(size_t part, ValueId value) {
  const uint64_t offset = made_at(part, value);
  const DeviceBuffer& arena = arenas_[plan_->parts()[part].part.device];
  watched_.resize(plan_->graph().values[value].type.bytes(live_));
  if (arena.mapped()) return {arena.mapped() + offset, watched_.size()};
  arena.read(offset, watched_.data(), watched_.size());
  return watched_;
}

void BoundPlan::replace(size_t part, ValueId value, std::span<const std::byte> content) {
  const uint64_t offset = made_at(part, value);
  const uint64_t bytes = plan_->graph().values[value].type.bytes(live_);
  if (content.size() != bytes) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' has {} bytes, not {}", plan_->graph().values[value].name, bytes,
                            content.size()));
  }
  arenas_[plan_->parts()[part].part.device].write(offset, content.data(), bytes);
}

bool BoundPlan::truncate_recurrent(const std::vector<std::vector<int32_t>>& tables,
                                   size_t n_tokens) const {
  for (const StateStore& store : states_) {
    if (!store.recurrent) continue;
    const auto& interface = store.backend->interface();
    const auto& slot = tables[store.group];
    sirocco_error error = Backend::empty_error();
    if (!interface.state_truncate ||
        interface.state_truncate(store.backend->handle(), store.handle, slot.data(), slot.size(),
                                 n_tokens, &error) != SIROCCO_OK)
      return false;
  }
  return true;
}

}  // namespace sirocco
