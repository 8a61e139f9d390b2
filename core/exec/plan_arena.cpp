#include "exec/plan_arena.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <sirocco/sdk/arena.hpp>

namespace sirocco {
namespace {

constexpr uint64_t kNotInArena = UINT64_MAX;

/// A value as it stands in one device's arena. Times are indices of parts.
struct Slot {
  uint64_t bytes = 0;
  uint32_t first = 0;
  uint32_t last = 0;
  uint64_t offset = 0;
};

using SlotKey = std::pair<size_t, ValueId>;  // device, value

class Layout {
 public:
  Layout(const Graph& graph, const std::vector<Device>& devices, const StepLimits& limits,
         std::vector<PlannedPart>& parts, std::vector<PlannedOutput>& outputs)
      : graph_(graph),
        devices_(devices),
        extents_{limits.max_tokens, limits.max_seqs, limits.max_rows},
        parts_(parts),
        outputs_(outputs) {}

  ArenaPlan run() {
    for (uint32_t p = 0; p < parts_.size(); ++p) visit(p);
    const auto end = static_cast<uint32_t>(parts_.size());
    for (const PlannedOutput& output : outputs_)
      slots_.at({output.device, output.value}).last = end;
    ArenaPlan plan;
    for (size_t d = 0; d < devices_.size(); ++d) plan.bytes.push_back(place(d));
    write_back(plan);
    return plan;
  }

 private:
  /// Opens slots for what a part makes, and slots with transfers for what it reads from elsewhere.
  void visit(uint32_t p) {
    const size_t device = parts_[p].part.device;
    parts_[p].transfers.clear();
    const sirocco_graph& view = *parts_[p].view->get();
    const auto ids = parts_[p].view->values();
    for (size_t v = 0; v < ids.size(); ++v) {
      const SlotKey here{device, ids[v]};
      if (view.values[v].kind == SIROCCO_VALUE_OUTPUT) {
        home_[ids[v]] = device;
        slots_[here] = {graph_.values[ids[v]].type.bytes(extents_), p, p, 0};
      } else if (view.values[v].kind == SIROCCO_VALUE_INPUT) {
        const size_t home = home_.at(ids[v]);
        Slot& source = slots_.at({home, ids[v]});
        source.last = std::max(source.last, p);
        if (home == device) continue;
        const auto [copy, fresh] = slots_.try_emplace(here, Slot{source.bytes, p, p, 0});
        copy->second.last = p;
        if (fresh) parts_[p].transfers.push_back({ids[v], home, device, 0, 0});
      }
    }
  }

  uint64_t place(size_t device) {
    std::vector<sdk::ArenaItem> items;
    std::vector<uint64_t*> targets;
    const auto add = [&](uint64_t bytes, uint32_t first, uint32_t last, uint64_t* target) {
      items.push_back({bytes, first, last, 0});
      targets.push_back(target);
    };
    for (auto& [key, slot] : slots_)
      if (key.first == device) add(slot.bytes, slot.first, slot.last, &slot.offset);
    for (uint32_t p = 0; p < parts_.size(); ++p) {
      if (parts_[p].part.device == device && parts_[p].info.workspace_bytes)
        add(parts_[p].info.workspace_bytes, p, p, &parts_[p].workspace_offset);
    }
    const uint64_t alignment = std::max<uint64_t>(64, devices_[device].info.alignment);
    const uint64_t total = sdk::plan_arena(items, alignment);
    for (size_t i = 0; i < items.size(); ++i) *targets[i] = items[i].offset;
    return total;
  }

  void write_back(ArenaPlan& plan) {
    for (PlannedPart& part : parts_) {
      const auto ids = part.view->values();
      part.offsets.assign(ids.size(), kNotInArena);
      for (size_t v = 0; v < ids.size(); ++v) {
        const auto slot = slots_.find({part.part.device, ids[v]});
        if (slot != slots_.end()) part.offsets[v] = slot->second.offset;
      }
      for (Transfer& transfer : part.transfers) {
        const Slot& source = slots_.at({transfer.from, transfer.value});
        transfer.from_offset = source.offset;
        transfer.to_offset = slots_.at({transfer.to, transfer.value}).offset;
        plan.staging_bytes = std::max(plan.staging_bytes, source.bytes);
      }
    }
    for (PlannedOutput& output : outputs_)
      output.offset = slots_.at({output.device, output.value}).offset;
  }

  const Graph& graph_;
  const std::vector<Device>& devices_;
  const Extents extents_;
  std::vector<PlannedPart>& parts_;
  std::vector<PlannedOutput>& outputs_;
  std::map<SlotKey, Slot> slots_;
  std::map<ValueId, size_t> home_;
};

}  // namespace

ArenaPlan lay_out_arenas(const Graph& graph, const std::vector<Device>& devices,
                         const StepLimits& limits, std::vector<PlannedPart>& parts,
                         std::vector<PlannedOutput>& outputs) {
  return Layout(graph, devices, limits, parts, outputs).run();
}

}  // namespace sirocco
