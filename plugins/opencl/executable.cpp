#include "executable.hpp"

#include <algorithm>

#include <sirocco/sdk/regions.hpp>

#include "error.hpp"
#include "lowering.hpp"

namespace sirocco::opencl {

std::unique_ptr<sdk::AcceleratorExecutable> Executable::compile(
    const sdk::AcceleratorContext& context, const sirocco_graph* graph,
    const sirocco_compile_options* options) {
  return std::unique_ptr<sdk::AcceleratorExecutable>(
      new Executable(context, sdk::GraphView(graph), options));
}

Executable::Executable(const sdk::AcceleratorContext& context, const sdk::GraphView& graph,
                       const sirocco_compile_options* options)
    : AcceleratorExecutable(context, graph, options),
      device_(static_cast<Device&>(context.device)) {
  const std::vector<sdk::Region> regions = sdk::find_regions(graph);
  Lowering lowering(device_, graph, limits_, tables_);
  for (const sdk::Region& region : regions) {
    region.tell(graph, values_, static_cast<uint32_t>(works_.size()));
    works_.push_back(lowering.lower(region));
  }
  for (uint32_t i = 0; i < graph.n_nodes(); ++i) {
    const sdk::NodeView node = graph.node(i);
    if (node.op() == "attention") {
      const auto attributes = sdk::ops::check_attention(node);
      attend(attributes.state, attributes.window);
    }
    if (node.op() == "embedding" && node.input(0).kind() == SIROCCO_VALUE_TOKENS)
      vocabulary_ = std::min(vocabulary_, node.input(1).dim(0).base);
  }
  lay_out_workspace(lowering.shared_bytes());
  if (timed_) timing_queue_ = device_.timing_queue();
}

Executable::~Executable() {
  clFinish(device_.queue());
  if (timing_queue_) clReleaseCommandQueue(timing_queue_);
  for (cl_mem table : tables_) clReleaseMemObject(table);
}

sdk::DeviceAddress Executable::resolve(const Arg& arg, const sdk::StepView& layout) const {
  const auto list = [&](int32_t offset) {
    return step_buffer() + static_cast<uint64_t>(offset) * sizeof(int32_t);
  };
  if (const auto* value = std::get_if<ValueArg>(&arg)) return address(value->value);
  if (const auto* state = std::get_if<StateArg>(&arg))
    return state_address(state->state, state->values);
  if (const auto* step = std::get_if<StepArg>(&arg)) return list(layout.offset(step->field));
  if (const auto* group = std::get_if<GroupArg>(&arg))
    return list(layout.group_field(group->group, group->field));
  if (const auto* own = std::get_if<OwnArg>(&arg)) return {own->buffer, 0};
  if (std::holds_alternative<SharedArg>(arg)) return extra();
  // Not looked at, but some drivers want a buffer all the same.
  return step_buffer();
}

void Executable::check_lists(const sdk::StepView& step) const {
  for (const int32_t token : step.tokens())
    if (token < 0 || token >= vocabulary_)
      throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT, "token id " + std::to_string(token) +
                                                           " is outside the vocabulary of " +
                                                           std::to_string(vocabulary_));
  for (const int32_t position : step.positions())
    if (position >= limits_.max_context)
      throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT, "position " + std::to_string(position) +
                                                           " is outside the context of " +
                                                           std::to_string(limits_.max_context));
}

void Executable::run(const sdk::StepView& step) {
  check_lists(step);
  if (rebind_) {
    for (Work& work : works_)
      for (Launch& launch : work.launches)
        launch.bind([&](const Arg& arg) { return resolve(arg, step); }, &step);
    rebind_ = false;
  }
  Sizes sizes{step.extents(), 0, 0};
  const auto begins = step.cu_seqlens();
  for (size_t s = 0; s < step.kv_lens().size(); ++s) {
    sizes.longest = std::max<int64_t>(sizes.longest, step.kv_lens()[s]);
    sizes.newest = std::max<int64_t>(sizes.newest, begins[s + 1] - begins[s]);
  }
  if (timed_) return run_timed(sizes);
  for (const Work& work : works_) queue(work, sizes);
  check(clFlush(device_.queue()), "clFlush");
}

void Executable::run_timed(const Sizes& sizes) {
  device_times_.clear();
  // What was queued before, as the step buffer's content, is on the other queue.
  check(clFinish(device_.queue()), "clFinish");
  for (const Work& work : works_) queue(work, sizes);
  check(clFinish(timing_queue_), "clFinish");
  times_ = device_times_.read(sdk::now_ns());
}

void Executable::queue(const Work& work, const Sizes& sizes) {
  bool launched = false;
  try {
    for (const Launch& launch : work.launches) {
      cl_event event = nullptr;
      launched |=
          launch.queue(timed_ ? timing_queue_ : device_.queue(), sizes, timed_ ? &event : nullptr);
      if (event) device_times_.add(work.node_id, event);
    }
  } catch (const sdk::StatusError& e) {
    throw sdk::StatusError(e.status(), work.path + ": " + e.what());
  }
  if (launched) launches_ += work.n_nodes;
}

}  // namespace sirocco::opencl
