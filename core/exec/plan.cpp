#include "exec/plan.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "exec/plan_arena.hpp"
#include "graph/op.hpp"

namespace sirocco {
namespace {

sirocco_limits to_abi(const StepLimits& limits) {
  return {sizeof(sirocco_limits), limits.max_tokens, limits.max_seqs, limits.max_rows,
          limits.max_context};
}

constexpr int64_t kMostRows = 1 << 24;

/// A backend's list must be one that `round_up` may walk: its sizes are the host's from now on.
void check_buckets(const Device& device, const char* what, const int64_t* buckets, size_t n) {
  if (n == 0) return;
  const bool sound = buckets && n <= size_t{kMostRows} && buckets[0] >= 1 &&
                     buckets[n - 1] <= kMostRows && std::is_sorted(buckets, buckets + n);
  if (!sound) {
    throw Error(ErrorKind::plugin,
                fmt::format("{}: its {} buckets are not ascending sizes between 1 and {}",
                            device.name, what, kMostRows));
  }
}

/// The smallest bucket that holds `size`; `size` itself where there are none or none does.
int64_t round_up(int64_t size, const int64_t* buckets, size_t n_buckets) {
  for (size_t i = 0; i < n_buckets; ++i)
    if (buckets[i] >= size) return buckets[i];
  return size;
}

uint64_t pages_of(int64_t tokens, uint32_t page_tokens) {
  return static_cast<uint64_t>((tokens + page_tokens - 1) / page_tokens);
}

/// Pages that a group needs so that sequences whose steps are committed never run out of them.
uint64_t page_count(const StateGroup& group, const StepLimits& limits) {
  const auto seqs = static_cast<uint64_t>(limits.max_seqs);
  if (group.kind == SIROCCO_STATE_RECURRENT) return seqs;
  const uint64_t full = pages_of(limits.max_context, group.page_tokens);
  if (group.window == 0) return seqs * full;
  // Behind the window a sequence keeps W-1 keys, cut at both ends of a page; a step adds its
  // tokens, spread over the sequences.
  const uint64_t kept = pages_of(group.window - 1, group.page_tokens) + 2;
  const uint64_t windowed = seqs * kept + pages_of(limits.max_tokens, group.page_tokens);
  return std::min(windowed, seqs * full);
}

uint32_t use_bits(uint32_t use) {
  const uint32_t bit = 1u << use;
  return use == SIROCCO_USE_MANY_ROWS ? bit | 1u << SIROCCO_USE_ONE_ROW : bit;
}

/// Every use of a weight by the nodes of one device.
std::vector<sirocco_weight_use> uses_of(const Graph& graph, const Placement& placement,
                                        ValueId weight, size_t device) {
  std::vector<sirocco_weight_use> uses;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    if (placement.nodes[id].device != device) continue;
    const Node& node = graph.nodes[id];
    for (uint32_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] != weight) continue;
      const size_t spec = std::min<size_t>(i, node.op->inputs.size() - 1);
      uses.push_back({sizeof(sirocco_weight_use),
                      {node.op->domain.data(), node.op->domain.size()},
                      {node.op->name.data(), node.op->name.size()},
                      i,
                      use_bits(node.op->inputs[spec].use)});
    }
  }
  return uses;
}

}  // namespace

Executable::Executable(const Device& device, const sirocco_graph& graph,
                       const sirocco_compile_options& options)
    : backend_(device.backend) {
  backend_->call(backend_->interface().compile, "compile", device.index, &graph, &options,
                 &handle_);
  if (!handle_) backend_->missing("compile");
}

Executable::Executable(Executable&& other) noexcept
    : backend_(std::move(other.backend_)), handle_(std::exchange(other.handle_, nullptr)) {}

Executable::~Executable() {
  if (handle_) backend_->interface().executable_destroy(backend_->handle(), handle_);
}

sirocco_executable_info Executable::info() const {
  sirocco_executable_info info{};
  info.struct_size = sizeof info;
  backend_->call(backend_->interface().executable_info, "executable_info",
                 static_cast<const sirocco_executable*>(handle_), &info);
  return info;
}

Plan::Plan(Graph graph, std::vector<Device> devices, PlanOptions options, const ExpandNode& expand)
    : graph_(std::move(graph)),
      devices_(std::move(devices)),
      options_(std::move(options)),
      padded_(options_.limits) {
  check_options();
  placement_ = place(graph_, devices_, options_.placement, options_.limits, expand);
  plan_sampling();
  resolve_observed();
  build_views(partition(graph_, placement_, options_.separate));
  query_weights();
  // Buckets may ask for more than the limits, and a larger limit may move the buckets.
  constexpr int kMostRounds = 16;
  compile_parts();
  for (int round = 0; raise_to_buckets(); ++round) {
    if (round == kMostRounds)
      throw Error(ErrorKind::plugin, "the backends' buckets grow with every limit they are given");
    compile_parts();
  }
  plan_state();
  plan_arenas();
}

void Plan::check_options() const {
  const StepLimits& limits = options_.limits;
  const std::pair<const char*, int64_t> named[] = {{"tokens a step", limits.max_tokens},
                                                   {"sequences", limits.max_seqs},
                                                   {"rows a step", limits.max_rows},
                                                   {"context", limits.max_context}};
  for (const auto& [name, value] : named) {
    if (value < 1 || value > kMostRows)
      throw Error(ErrorKind::usage,
                  fmt::format("limit of {}: {} is not between 1 and {}", name, value, kMostRows));
  }
}

void Plan::plan_sampling() {
  if (options_.sample == SampleOn::host) return;
  const std::string refused =
      append_sampling(graph_, placement_, devices_, options_.limits, *options_.sample_op);
  if (refused.empty()) {
    const auto logits = graph_.find_output("logits") - graph_.outputs.data();
    sampling_ = {static_cast<size_t>(logits), graph_.outputs.size() - 1};
  } else if (options_.sample == SampleOn::device) {
    throw Error(ErrorKind::plugin,
                "tokens cannot be chosen on the device (" + refused +
                    "); let the host choose them, or use a backend that has the op `sample`");
  }
}

void Plan::resolve_observed() {
  for (const GraphOutput& output : graph_.outputs) {
    wanted_.push_back(output.value);
    outputs_.push_back({output.name, output.value, 0, 0});
  }
  for (const std::string& name : options_.observe) {
    const ValueId value = graph_.find_value(name);
    if (value == kNone || graph_.values[value].producer == kNone) {
      throw Error(ErrorKind::usage, fmt::format("no value '{}' is computed in this model; `inspect "
                                                "--explain` lists the nodes by name",
                                                name));
    }
    wanted_.push_back(value);
    outputs_.push_back({name, value, 0, 0});
  }
  for (PlannedOutput& output : outputs_) {
    const NodeId producer = graph_.values[output.value].producer;
    if (producer == kNone) {
      throw Error(ErrorKind::invalid_file,
                  "output '" + output.name + "' is not computed by any node");
    }
    output.device = placement_.nodes[producer].device;
  }
}

void Plan::build_views(const std::vector<SubGraph>& parts) {
  for (const SubGraph& part : parts) {
    PlannedPart planned;
    planned.part = part;
    planned.view = std::make_unique<AbiGraph>(graph_, part.nodes, wanted_);
    parts_.push_back(std::move(planned));
  }
}

void Plan::query_weights() {
  for (size_t w = 0; w < graph_.weights.size(); ++w) {
    const ValueId value = graph_.weights[w].value;
    std::vector<bool> seen(devices_.size());
    for (const PlannedPart& part : parts_) {
      const size_t d = part.part.device;
      const uint32_t local = part.view->local(value);
      if (local == kNone || seen[d]) continue;
      seen[d] = true;
      const std::vector<sirocco_weight_use> uses = uses_of(graph_, placement_, value, d);
      const sirocco_value& described = part.view->get()->values[local];
      const sirocco_weight weight{
          sizeof(sirocco_weight), described.name, described.tensor, uses.data(), uses.size(),
          sizeof uses[0]};
      PlannedWeight planned{w, d, {}, graph_.values[value].type.bytes({})};
      planned.pack.struct_size = sizeof planned.pack;
      const Backend& backend = *devices_[d].backend;
      backend.call(backend.interface().pack_query, "pack_query", devices_[d].index, &weight,
                   &planned.pack);
      planned.pack.layout[sizeof planned.pack.layout - 1] = '\0';
      weights_.push_back(planned);
    }
  }
}

void Plan::compile_parts() {
  for (PlannedPart& part : parts_) {
    const size_t d = part.part.device;
    std::vector<const sirocco_pack_plan*> layouts(part.view->values().size(), nullptr);
    for (const PlannedWeight& weight : weights_) {
      if (weight.device != d) continue;
      const uint32_t local = part.view->local(graph_.weights[weight.weight].value);
      if (local != kNone) layouts[local] = &weight.pack;
    }
    const sirocco_limits limits = to_abi(padded_);
    const bool timed = options_.timed && devices_[d].offers_times();
    const sirocco_compile_options options{
        sizeof options, &limits, timed ? uint32_t{SIROCCO_COMPILE_TIMED} : 0u, 0, layouts.data()};
    part.executable.reset();
    part.executable = std::make_unique<Executable>(devices_[d], *part.view->get(), options);
    part.info = part.executable->info();
    check_buckets(devices_[d], "token", part.info.token_buckets, part.info.n_token_buckets);
    check_buckets(devices_[d], "sequence", part.info.seq_buckets, part.info.n_seq_buckets);
    check_buckets(devices_[d], "row", part.info.row_buckets, part.info.n_row_buckets);
  }
}

Extents Plan::pad(const Extents& live) const {
  Extents padded{std::max<int64_t>(live.tokens, 1), std::max<int64_t>(live.seqs, 1),
                 std::max<int64_t>(live.rows, 1)};
  for (bool changed = true; changed;) {
    changed = false;
    for (const PlannedPart& part : parts_) {
      const sirocco_executable_info& info = part.info;
      const Extents next{round_up(padded.tokens, info.token_buckets, info.n_token_buckets),
                         round_up(padded.seqs, info.seq_buckets, info.n_seq_buckets),
                         round_up(padded.rows, info.row_buckets, info.n_row_buckets)};
      changed |=
          next.tokens != padded.tokens || next.seqs != padded.seqs || next.rows != padded.rows;
      padded = next;
    }
  }
  return padded;
}

bool Plan::raise_to_buckets() {
  const Extents largest = pad({padded_.max_tokens, padded_.max_seqs, padded_.max_rows});
  const bool raised = largest.tokens > padded_.max_tokens || largest.seqs > padded_.max_seqs ||
                      largest.rows > padded_.max_rows;
  padded_.max_tokens = largest.tokens;
  padded_.max_seqs = largest.seqs;
  padded_.max_rows = largest.rows;
  return raised;
}

sirocco_state_group Plan::abi_group(uint32_t group, size_t device,
                                    std::vector<sirocco_state>& members) const {
  members.clear();
  std::vector<bool> used(graph_.states.size());
  for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
    if (placement_.nodes[id].device != device) continue;
    for (const Attr& attr : graph_.nodes[id].attrs)
      if (const auto* state = std::get_if<StateRef>(&attr.value)) used[state->index] = true;
  }
  for (size_t s = 0; s < graph_.states.size(); ++s) {
    if (used[s] && graph_.states[s].group == group)
      members.push_back(abi_state(graph_, static_cast<uint32_t>(s)));
  }
  const StateGroup& described = graph_.groups[group];
  return {sizeof(sirocco_state_group),
          group,
          described.kind,
          {described.name.data(), described.name.size()},
          members.data(),
          members.size(),
          sizeof(sirocco_state),
          groups_[group].n_pages};
}

void Plan::plan_state() {
  groups_.resize(graph_.groups.size());
  for (uint32_t g = 0; g < graph_.groups.size(); ++g) {
    PlannedGroup& planned = groups_[g];
    planned.n_pages = page_count(graph_.groups[g], options_.limits);
    // Slots are 32-bit numbers in the step buffer.
    if (planned.n_pages * std::max(1u, graph_.groups[g].page_tokens) > uint64_t{INT32_MAX}) {
      throw Error(ErrorKind::usage,
                  fmt::format("{} sequences of {} tokens are more than state group {} can number; "
                              "lower the limit of sequences or the context",
                              options_.limits.max_seqs, options_.limits.max_context,
                              graph_.groups[g].name));
    }
    planned.device_bytes.assign(devices_.size(), 0);
    for (const StateMember& member : graph_.states) {
      if (member.group != g) continue;
      const int64_t elements = graph_.groups[g].kind == SIROCCO_STATE_PAGED
                                   ? member.heads * (member.k_dim + member.v_dim)
                                   : member.elements;
      planned.bytes_per_token +=
          static_cast<uint64_t>(elements) * dtype_bytes(graph_.groups[g].dtype);
    }
    for (size_t d = 0; d < devices_.size(); ++d) {
      std::vector<sirocco_state> members;
      const sirocco_state_group group = abi_group(g, d, members);
      if (members.empty()) continue;
      const Backend& backend = *devices_[d].backend;
      backend.call(backend.interface().state_bytes, "state_bytes", devices_[d].index, &group,
                   &planned.device_bytes[d]);
    }
  }
}

void Plan::plan_arenas() {
  ArenaPlan arenas = lay_out_arenas(graph_, devices_, padded_, parts_, outputs_);
  arena_bytes_ = std::move(arenas.bytes);
  staging_bytes_ = arenas.staging_bytes;
}

MemoryPlan Plan::memory() const {
  MemoryPlan memory;
  for (const PlannedWeight& weight : weights_) {
    // A device that cannot read host memory holds a copy even of what needs no packing.
    const bool in_place = weight.pack.as_mapped && devices_[weight.device].imports_host();
    if (in_place)
      memory.weights_mapped += weight.file_bytes;
    else
      memory.weights_packed += weight.pack.as_mapped ? weight.file_bytes : weight.pack.bytes;
  }
  for (const PlannedGroup& group : groups_)
    for (uint64_t bytes : group.device_bytes) memory.state += bytes;
  for (uint64_t bytes : arena_bytes_) memory.arenas += bytes;
  return memory;
}

}  // namespace sirocco
