#include "bench/device_probe.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <numeric>

#include <sirocco/error.hpp>

#include "graph/attrs.hpp"

namespace sirocco {
namespace {

constexpr int64_t kFeatures = 4096;  ///< elements of a row
constexpr int64_t kIds = 16;
/// Larger than the caches of any device, small beside its memory.
constexpr uint64_t kMostBytes = 512ull << 20;
constexpr uint64_t kMemoryShare = 8;
constexpr int64_t kMostRows = 512;
/// Rows are doubled until a step takes so long, so that slow devices are not kept busy for minutes.
constexpr double kLongStep = 0.05;
constexpr int kRepeats = 3;

/// embedding → linear → the last row.
Graph probe_graph(const OpRegistry& ops, sirocco_dtype dtype, int64_t outputs) {
  Graph graph;
  const auto value = [&](const char* name, uint32_t kind, TensorType type) {
    graph.values.push_back({name, kind, std::move(type), kNone});
    return static_cast<ValueId>(graph.values.size() - 1);
  };
  const auto weight = [&](const char* name, int64_t rows) {
    const ValueId id =
        value(name, SIROCCO_VALUE_WEIGHT, {dtype, {Dim::constant(rows), Dim::constant(kFeatures)}});
    graph.weights.push_back({id, name});
    return id;
  };
  const auto node = [&](const char* name, std::vector<ValueId> inputs) {
    const OpDef* op = ops.find("sirocco", name);
    if (!op) throw Error(ErrorKind::failure, std::string("the probe needs the op ") + name);
    Node made{.op = op, .inputs = std::move(inputs), .path = std::string("probe/") + name};
    made.attrs = complete_attrs(*op, {});
    resolve_activation_dtype(made.attrs, dtype);
    std::vector<const TensorType*> types;
    for (const ValueId id : made.inputs)
      types.push_back(id == kNone ? nullptr : &graph.values[id].type);
    const TensorType type = infer_outputs(*op, types, made.attrs, {}, {})[0];
    const ValueId output = value(name, SIROCCO_VALUE_INTERNAL, type);
    graph.values.back().producer = static_cast<NodeId>(graph.nodes.size());
    made.outputs = {output};
    graph.nodes.push_back(std::move(made));
    return output;
  };
  const TensorType ids{SIROCCO_DTYPE_I32, {Dim::of(SIROCCO_SYM_TOKENS)}};
  const TensorType rows{SIROCCO_DTYPE_I32, {Dim::of(SIROCCO_SYM_ROWS)}};
  const ValueId tokens = value("tokens", SIROCCO_VALUE_TOKENS, ids);
  const ValueId wanted = value("wanted", SIROCCO_VALUE_WANTED, rows);
  const ValueId x = node("embedding", {tokens, weight("table", kIds)});
  const ValueId y = node("linear", {x, weight("weight", outputs), kNone});
  graph.outputs.push_back({"last", node("gather_rows", {y, wanted})});
  return graph;
}

}  // namespace

DeviceProbe::DeviceProbe(const Device& device, const OpRegistry& ops, sirocco_dtype dtype) {
  const uint64_t memory = device.info.memory_bytes ? device.info.memory_bytes : kMostBytes;
  const uint64_t bytes = std::min(kMostBytes, memory / kMemoryShare);
  const auto outputs = static_cast<int64_t>(
      std::max<uint64_t>(bytes / (static_cast<uint64_t>(kFeatures) * dtype_bytes(dtype)), 64));
  weight_bytes_ =
      static_cast<double>(outputs * kFeatures) * static_cast<double>(dtype_bytes(dtype));
  flops_per_row_ = 2.0 * static_cast<double>(outputs) * static_cast<double>(kFeatures);
  PlanOptions options;
  options.limits = {kMostRows, 1, 1, kMostRows};
  options.placement.fallback = Fallback::forbid;
  auto plan = std::make_shared<const Plan>(
      probe_graph(ops, dtype, outputs), std::vector<Device>{device}, std::move(options),
      [](Graph&, NodeId) { throw Error(ErrorKind::plugin, "the device has no plain product"); });
  const uint64_t item_bytes = dtype_bytes(dtype);
  weights_.resize(static_cast<size_t>(weight_bytes_));
  executor_ = std::make_unique<Executor>(std::move(plan), [&](const GraphWeight& weight) {
    const uint64_t table = static_cast<uint64_t>(kIds * kFeatures) * item_bytes;
    return WeightBytes{weights_.data(), weight.file_name == "table" ? table : weights_.size(), {}};
  });
}

double DeviceProbe::seconds(int64_t rows) {
  const std::vector<int32_t> tokens(static_cast<size_t>(rows), 0);
  const auto last = static_cast<uint32_t>(rows - 1);
  double best = std::numeric_limits<double>::infinity();
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const SequenceId id = executor_->open();
    const SequenceInput input{id, tokens, {&last, 1}};
    const auto start = std::chrono::steady_clock::now();
    executor_->step({&input, 1});
    executor_->output(0);
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    executor_->close(id);
  }
  return best;
}

double DeviceProbe::bandwidth() {
  return weight_bytes_ / seconds(1);
}

double DeviceProbe::flops() {
  if (many_rows_ == 0) {
    many_rows_ = 16;
    while (many_rows_ < kMostRows && seconds(many_rows_) < kLongStep) many_rows_ *= 2;
  }
  return flops_per_row_ * static_cast<double>(many_rows_) / seconds(many_rows_);
}

}  // namespace sirocco
