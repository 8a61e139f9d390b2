#include "exec/executor.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "graph/op.hpp"
#include "graph/scalar.hpp"

namespace sirocco {

/// The bytes of one group on one device.
struct Executor::StateStore {
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
struct Executor::BoundPart {
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

Extents largest(const Plan& plan) {
  const StepLimits& limits = plan.padded_limits();
  return {limits.max_tokens, limits.max_seqs, limits.max_rows};
}

}  // namespace

void OutputView::to_f32(int64_t first, int64_t n, float* target) const {
  scalars_to_f32(data + static_cast<uint64_t>(first) * dtype_bytes(dtype), dtype,
                 static_cast<size_t>(n), target);
}

Executor::Executor(std::shared_ptr<const Plan> plan, const FindWeight& find_weight,
                   const LoadProgress& progress)
    : plan_(std::move(plan)),
      sequences_(*plan_),
      step_(plan_->padded_limits(), step_groups(*plan_), plan_->sampling().has_value()),
      weights_(std::make_unique<WeightStore>(*plan_, find_weight, progress)) {
  find_vocab_size();
  create_arenas();
  create_states();
  bind_parts();
  staging_.resize(plan_->staging_bytes());
  for (const PlannedOutput& output : plan_->outputs()) {
    const TensorType& type = plan_->graph().values[output.value].type;
    const bool visible = plan_->devices()[output.device].host_visible();
    output_staging_.emplace_back(visible ? 0 : type.bytes(largest(*plan_)));
    views_.push_back({nullptr, type.dtype, std::vector<int64_t>(type.rank())});
    unread_.push_back(0);
  }
}

Executor::~Executor() = default;

void Executor::find_vocab_size() {
  const Graph& graph = plan_->graph();
  for (const Node& node : graph.nodes) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId weight = node.inputs[i];
      if (weight == kNone || graph.values[weight].kind != SIROCCO_VALUE_WEIGHT) continue;
      const size_t spec = std::min(i, node.op->inputs.size() - 1);
      const bool looked_up = std::ranges::any_of(node.inputs, [&](ValueId input) {
        return input != kNone && graph.values[input].kind == SIROCCO_VALUE_TOKENS;
      });
      if (!looked_up || node.op->inputs[spec].use != SIROCCO_USE_GATHER) continue;
      const int64_t rows = graph.values[weight].type.shape[0].base;
      vocab_size_ = static_cast<int32_t>(std::min<int64_t>(vocab_size_, rows));
    }
  }
}

void Executor::create_arenas() {
  for (size_t d = 0; d < plan_->devices().size(); ++d) {
    const Device& device = plan_->devices()[d];
    arenas_.push_back(DeviceBuffer::create(device, plan_->arena_bytes()[d], SIROCCO_MEMORY_ARENA));
    step_copies_.push_back(device.imports_host()
                               ? DeviceBuffer::import(device, step_.data(), step_.bytes())
                               : DeviceBuffer::create(device, step_.bytes(), SIROCCO_MEMORY_STEP));
  }
}

void Executor::create_states() {
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

sirocco_span Executor::bind_value(size_t part, size_t local) const {
  const PlannedPart& planned = plan_->parts()[part];
  const size_t device = planned.part.device;
  const ValueId id = planned.view->values()[local];
  const Extents most = largest(*plan_);
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
      return weights_->find(device, id);
    case SIROCCO_VALUE_INTERNAL:
      return {nullptr, 0, 0};
    default:
      return arenas_[device].span(planned.offsets[local],
                                  plan_->graph().values[id].type.bytes(most));
  }
}

void Executor::bind_parts() {
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

std::vector<std::span<const std::byte>> Executor::host_visible_weights() const {
  return weights_->host_visible();
}

std::span<const int32_t> Executor::tokens(SequenceId id) const {
  const Sequence& sequence = sequences_.at(id);
  return {sequence.tokens.data(), sequence.committed};
}

void Executor::check(std::span<const SequenceInput> inputs) const {
  const StepLimits& limits = plan_->options().limits;
  int64_t tokens = 0, rows = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const SequenceInput& input = inputs[i];
    const Sequence& sequence = sequences_.at(input.sequence);
    if (sequence.pending()) {
      throw Error(ErrorKind::usage, fmt::format("sequence {} has {} tokens that are not committed",
                                                input.sequence.index, sequence.pending()));
    }
    for (size_t j = 0; j < i; ++j) {
      if (inputs[j].sequence == input.sequence)
        throw Error(ErrorKind::usage,
                    fmt::format("sequence {} is in the step twice", input.sequence.index));
    }
    if (input.tokens.empty()) throw Error(ErrorKind::usage, "a sequence in a step has no tokens");
    sequences_.check_room(sequence, input.tokens.size());
    for (int32_t token : input.tokens) {
      if (token < 0 || token >= vocab_size_)
        throw Error(ErrorKind::invalid_file,
                    fmt::format("token id {} is outside the vocabulary of {}", token, vocab_size_));
    }
    if (!input.sampling.empty() &&
        (!plan_->sampling() || input.sampling.size() != input.wanted.size())) {
      throw Error(ErrorKind::usage, plan_->sampling()
                                        ? fmt::format("{} records of sampling for {} wanted rows",
                                                      input.sampling.size(), input.wanted.size())
                                        : "the plan does not sample, so its steps cannot either");
    }
    for (uint32_t row : input.wanted) {
      if (row >= input.tokens.size())
        throw Error(ErrorKind::usage,
                    fmt::format("row {} is wanted of {} tokens", row, input.tokens.size()));
    }
    tokens += static_cast<int64_t>(input.tokens.size());
    rows += static_cast<int64_t>(input.wanted.size());
  }
  const auto within = [](const char* what, int64_t value, int64_t limit) {
    if (value > limit)
      throw Error(ErrorKind::usage,
                  fmt::format("{} {} in one step, but the limit is {}", value, what, limit));
  };
  within("tokens", tokens, limits.max_tokens);
  within("sequences", static_cast<int64_t>(inputs.size()), limits.max_seqs);
  within("wanted rows", rows, limits.max_rows);
}

void Executor::step(std::span<const SequenceInput> inputs) {
  if (inputs.empty()) throw Error(ErrorKind::usage, "a step has no sequences");
  check(inputs);
  for (const SequenceInput& input : inputs) {
    const Sequence& sequence = sequences_.at(input.sequence);
    if (sequence.in_state < sequence.committed) replay(input.sequence);
  }
  run(inputs);
}

void Executor::replay(SequenceId id) {
  Sequence& sequence = sequences_.at(id);
  const auto chunk = static_cast<size_t>(plan_->options().limits.max_tokens);
  while (sequence.in_state < sequence.committed) {
    const size_t n = std::min(chunk, sequence.committed - sequence.in_state);
    const SequenceInput input{id, {sequence.tokens.data() + sequence.in_state, n}, {}};
    run({&input, 1});
    sequences_.reclaim(sequence);
  }
}

void Executor::check_pages(std::span<const SequenceInput> inputs) const {
  for (size_t g = 0; g < plan_->groups().size(); ++g) {
    size_t missing = 0;
    for (const SequenceInput& input : inputs) {
      const Sequence& sequence = sequences_.at(input.sequence);
      missing += sequences_.missing_pages(sequence, g, sequence.in_state + input.tokens.size());
    }
    if (missing > sequences_.available_pages(g)) {
      throw Error(ErrorKind::failure, fmt::format("state group {} needs {} more pages, {} are free",
                                                  plan_->graph().groups[g].name, missing,
                                                  sequences_.available_pages(g)));
    }
  }
}

void Executor::run(std::span<const SequenceInput> inputs) {
  check_pages(inputs);
  for (const SequenceInput& input : inputs) {
    Sequence& sequence = sequences_.at(input.sequence);
    sequences_.take_pages(sequence, sequence.in_state + input.tokens.size());
  }
  fill(inputs);
  try {
    execute();
  } catch (...) {
    // What a failed execute leaves in the states it touched is of no use to anybody.
    sequences_.drop_all_state();
    throw;
  }
  for (const SequenceInput& input : inputs) {
    Sequence& sequence = sequences_.at(input.sequence);
    const bool replaying = sequence.in_state < sequence.committed;
    if (!replaying)
      sequence.tokens.insert(sequence.tokens.end(), input.tokens.begin(), input.tokens.end());
    sequence.in_state += input.tokens.size();
  }
}

void Executor::fill(std::span<const SequenceInput> inputs) {
  live_ = {0, static_cast<int64_t>(inputs.size()), 0};
  for (const SequenceInput& input : inputs) {
    live_.tokens += static_cast<int64_t>(input.tokens.size());
    live_.rows += static_cast<int64_t>(input.wanted.size());
  }
  step_.begin(live_, plan_->pad(live_));
  sampled_ = true;
  size_t token = 0, row = 0;
  for (size_t s = 0; s < inputs.size(); ++s) {
    const Sequence& sequence = sequences_.at(inputs[s].sequence);
    const size_t start = sequence.in_state, n = inputs[s].tokens.size();
    step_.cu_seqlens()[s] = static_cast<int32_t>(token);
    step_.kv_lens()[s] = static_cast<int32_t>(start + n);
    sampled_ &= inputs[s].sampling.size() == inputs[s].wanted.size();
    for (size_t i = 0; i < inputs[s].wanted.size(); ++i, ++row) {
      const uint32_t wanted = inputs[s].wanted[i];
      step_.wanted()[row] = static_cast<int32_t>(token + wanted);
      if (inputs[s].sampling.empty()) continue;
      sdk::SamplingRecord record = inputs[s].sampling[i];
      record.position = start + wanted + 1;
      step_.set_sampling(row, record);
    }
    for (size_t g = 0; g < plan_->groups().size(); ++g) {
      std::ranges::copy(sequence.tables[g], step_.table(g, s).begin());
      const StateGroup& group = plan_->graph().groups[g];
      if (group.kind == SIROCCO_STATE_RECURRENT) continue;
      for (size_t i = 0; i < n; ++i) {
        const size_t position = start + i;
        step_.slots(g)[token + i] = static_cast<int32_t>(
            static_cast<size_t>(sequence.tables[g][position / group.page_tokens]) *
                group.page_tokens +
            position % group.page_tokens);
      }
    }
    for (size_t i = 0; i < n; ++i, ++token) {
      step_.tokens()[token] = inputs[s].tokens[i];
      step_.positions()[token] = static_cast<int32_t>(start + i);
      step_.seq_of_token()[token] = static_cast<int32_t>(s);
    }
  }
}

void Executor::execute() {
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
  read_outputs();
}

uint64_t Executor::made_at(size_t part, ValueId value) const {
  const PlannedPart& planned = plan_->parts().at(part);
  const auto ids = planned.view->values();
  for (size_t local = 0; local < ids.size(); ++local)
    if (ids[local] == value && planned.view->get()->values[local].kind == SIROCCO_VALUE_OUTPUT)
      return planned.offsets[local];
  throw Error(ErrorKind::usage, fmt::format("part {} makes no value '{}' that others read", part,
                                            plan_->graph().values.at(value).name));
}

std::span<const std::byte> Executor::made(size_t part, ValueId value) {
  const uint64_t offset = made_at(part, value);
  const DeviceBuffer& arena = arenas_[plan_->parts()[part].part.device];
  watched_.resize(plan_->graph().values[value].type.bytes(live_));
  if (arena.mapped()) return {arena.mapped() + offset, watched_.size()};
  arena.read(offset, watched_.data(), watched_.size());
  return watched_;
}

void Executor::replace(size_t part, ValueId value, std::span<const std::byte> content) {
  const uint64_t offset = made_at(part, value);
  const uint64_t bytes = plan_->graph().values[value].type.bytes(live_);
  if (content.size() != bytes) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' has {} bytes, not {}", plan_->graph().values[value].name, bytes,
                            content.size()));
  }
  arenas_[plan_->parts()[part].part.device].write(offset, content.data(), bytes);
}

void Executor::read_outputs() {
  for (size_t i = 0; i < views_.size(); ++i) {
    unread_[i] = sampled_ && plan_->sampling() && plan_->sampling()->logits == i;
    if (!unread_[i]) read_output(i);
  }
}

void Executor::read_output(size_t index) {
  unread_[index] = false;
  const PlannedOutput& planned = plan_->outputs()[index];
  const DeviceBuffer& arena = arenas_[planned.device];
  if (arena.mapped()) return;
  const uint64_t bytes = plan_->graph().values[planned.value].type.bytes(live_);
  arena.read(planned.offset, output_staging_[index].data(), bytes);
  bytes_read_ += bytes;
}

void Executor::transfer(const Transfer& transfer) {
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

void Executor::read_times(size_t part) {
  const PlannedPart& planned = plan_->parts()[part];
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

bool Executor::truncate_recurrent(Sequence& sequence, size_t n_tokens) {
  for (const StateStore& store : states_) {
    if (!store.recurrent) continue;
    const auto& interface = store.backend->interface();
    const auto& slot = sequence.tables[store.group];
    sirocco_error error = Backend::empty_error();
    if (!interface.state_truncate ||
        interface.state_truncate(store.backend->handle(), store.handle, slot.data(), slot.size(),
                                 n_tokens, &error) != SIROCCO_OK)
      return false;
  }
  return true;
}

void Executor::keep(Sequence& sequence, size_t n_tokens) {
  const bool cut = n_tokens < sequence.in_state;
  sequence.tokens.resize(n_tokens);
  sequence.committed = n_tokens;
  if (cut &&
      (!sequences_.holds_window(sequence, n_tokens) || !truncate_recurrent(sequence, n_tokens))) {
    sequences_.drop_state(sequence);
    return;
  }
  sequence.in_state = std::min(sequence.in_state, n_tokens);
  sequences_.reclaim(sequence);
}

void Executor::commit(SequenceId id, size_t n_accepted) {
  Sequence& sequence = sequences_.at(id);
  if (n_accepted > sequence.pending()) {
    throw Error(ErrorKind::usage,
                fmt::format("{} tokens committed of {} pending", n_accepted, sequence.pending()));
  }
  keep(sequence, sequence.committed + n_accepted);
}

void Executor::truncate(SequenceId id, size_t n_tokens) {
  Sequence& sequence = sequences_.at(id);
  if (sequence.pending()) {
    throw Error(ErrorKind::usage, "a sequence is truncated while it has tokens not committed");
  }
  if (n_tokens > sequence.committed) {
    throw Error(ErrorKind::usage,
                fmt::format("{} tokens kept of {}", n_tokens, sequence.committed));
  }
  keep(sequence, n_tokens);
}

const OutputView& Executor::output(size_t index) {
  const PlannedOutput& planned = plan_->outputs().at(index);
  if (unread_[index]) read_output(index);
  const TensorType& type = plan_->graph().values[planned.value].type;
  OutputView& view = views_[index];
  for (size_t i = 0; i < type.rank(); ++i) view.shape[i] = type.shape[i].at(live_);
  const DeviceBuffer& arena = arenas_[planned.device];
  view.data = arena.mapped() ? arena.mapped() + planned.offset : output_staging_[index].data();
  return view;
}

}  // namespace sirocco
