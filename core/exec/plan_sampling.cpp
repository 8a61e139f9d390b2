#include "exec/plan_sampling.hpp"

#include <algorithm>
#include <utility>

#include <sirocco/abi/step.h>
#include <sirocco/error.hpp>

#include "graph/op.hpp"

namespace sirocco {
namespace {

/// Backends that settled on less do not know the kind of value that the settings are.
constexpr uint32_t kAbiWithSampling = 3;
// No statement of a topology can have such a name.
constexpr const char* kIds = "sample#ids";
constexpr const char* kSettings = "sample#settings";

/// Types of the settings and of the ids. Throws Error where these logits cannot be sampled.
std::pair<TensorType, TensorType> infer(const Graph& graph, ValueId logits, const OpDef& sample) {
  const TensorType settings{SIROCCO_DTYPE_I32,
                            {Dim::of(SIROCCO_SYM_ROWS), Dim::constant(SIROCCO_SAMPLING_INTS)}};
  return {settings, infer_outputs(sample, {&graph.values[logits].type, &settings}, {}, {})[0]};
}

void append(Graph& graph, ValueId logits, std::pair<TensorType, TensorType> types,
            const OpDef& sample) {
  const auto node = static_cast<NodeId>(graph.nodes.size());
  const auto settings = static_cast<ValueId>(graph.values.size());
  graph.values.push_back(
      {.name = kSettings, .kind = SIROCCO_VALUE_SAMPLING, .type = std::move(types.first)});
  graph.values.push_back({.name = kIds, .type = std::move(types.second), .producer = node});
  graph.nodes.push_back(
      {.op = &sample, .inputs = {logits, settings}, .outputs = {settings + 1}, .path = kIds});
  graph.outputs.push_back({kIds, settings + 1});
}

void take_back(Graph& graph) {
  graph.outputs.pop_back();
  graph.nodes.pop_back();
  graph.values.resize(graph.values.size() - 2);
}

}  // namespace

std::string append_sampling(Graph& graph, Placement& placement, const std::vector<Device>& devices,
                            const StepLimits& limits, const OpDef& sample) {
  const GraphOutput* output = graph.find_output("logits");
  if (!output) return "the model has no output 'logits'";
  const ValueId logits = output->value;
  const NodeId producer = graph.values[logits].producer;
  if (producer == kNone) return "the output 'logits' is not computed by any node";
  const size_t device = placement.nodes[producer].device;
  const Backend& backend = *devices[device].backend;
  if (backend.plugin().abi_version() < kAbiWithSampling) {
    return devices[device].name + " speaks plugin ABI " +
           std::to_string(backend.plugin().abi_version()) + ", which has no sampling";
  }
  try {
    append(graph, logits, infer(graph, logits, sample), sample);
  } catch (const Error& error) {
    return error.what();
  }
  const auto id = static_cast<NodeId>(graph.nodes.size() - 1);
  const Verdict verdict = ask(graph, id, devices[device], limits);
  if (verdict.verdict != SIROCCO_CLAIM_ACCEPTED) {
    take_back(graph);
    return devices[device].name + ": " + describe(verdict);
  }
  NodePlacement placed;
  placed.device = device;
  for (const NodePlacement& node : placement.nodes) placed.unit = std::max(placed.unit, node.unit);
  ++placed.unit;
  placed.reason = "where the logits are";
  placed.verdicts.resize(devices.size());
  placed.verdicts[device] = verdict;
  placement.nodes.push_back(std::move(placed));
  return {};
}

}  // namespace sirocco
