#include "executable.hpp"

#include <algorithm>
#include <string>

#include <sirocco/sdk/regions.hpp>

#include "error.hpp"
#include "work/lowering.hpp"

namespace sirocco::cuda {
namespace {

/// Steps of more tokens are queued launch by launch: they take long enough to hide it.
constexpr int64_t kMostCaptured = 128;

}  // namespace

/// What the SDK has resolved, for the works.
class Executable::Bound : public Addresses {
 public:
  Bound(const Executable& executable, const sdk::StepView& layout)
      : executable_(executable), layout_(layout) {}
  std::byte* value(uint32_t index) const override { return pointer(executable_.address(index)); }
  std::byte* state(const sirocco_state& state, bool values) const override {
    return pointer(executable_.state_address(state, values));
  }
  std::byte* shared() const override { return pointer(executable_.extra()); }
  const int32_t* step() const override {
    return reinterpret_cast<const int32_t*>(pointer(executable_.step_buffer()));
  }
  const sdk::StepView& layout() const override { return layout_; }

 private:
  const Executable& executable_;
  const sdk::StepView& layout_;
};

std::unique_ptr<sdk::AcceleratorExecutable> Executable::compile(
    const sdk::AcceleratorContext& context, const sirocco_graph* graph,
    const sirocco_compile_options* options) {
  return std::unique_ptr<sdk::AcceleratorExecutable>(
      new Executable(context, sdk::GraphView(graph), options));
}

Executable::Executable(const sdk::AcceleratorContext& context, const sdk::GraphView& graph,
                       const sirocco_compile_options* options)
    : AcceleratorExecutable(context, graph, options),
      device_(static_cast<Device&>(context.device)),
      angles_(device_, limits_.max_context),
      graphs_(device_),
      times_of_works_(device_) {
  device_.use();
  Lowering lowering{graph, limits_, angles_, device_.multiprocessors(), device_.gemm()};
  for (const sdk::Region& region : sdk::find_regions(graph)) {
    region.tell(graph, values_, static_cast<uint32_t>(works_.size()));
    works_.push_back(make_work(lowering, region));
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
  lay_out_workspace(lowering.shared_bytes);
}

void Executable::bound() {
  graphs_.clear();
  rebind_ = true;
}

void Executable::check_lists(const sdk::StepView& step) const {
  for (const int32_t token : step.tokens()) {
    if (token < 0 || token >= vocabulary_)
      throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT, "token id " + std::to_string(token) +
                                                           " is outside the vocabulary of " +
                                                           std::to_string(vocabulary_));
  }
  if (angles_.empty()) return;
  for (const int32_t position : step.positions()) {
    if (position >= angles_.n_positions())
      throw sdk::StatusError(SIROCCO_INVALID_ARGUMENT, "position " + std::to_string(position) +
                                                           " is outside the context of " +
                                                           std::to_string(angles_.n_positions()));
  }
}

Sizes Executable::sizes_of(const sdk::StepView& step) const {
  Sizes sizes;
  sizes.extents = step.extents();
  sizes.few = step.live_tokens() < step.n_tokens();
  const auto begins = step.cu_seqlens();
  for (size_t s = 0; s < static_cast<size_t>(step.live_seqs()); ++s) {
    const int32_t fresh = begins[s + 1] - begins[s];
    if (fresh > kFewTokens) {
      sizes.many = true;
    } else if (fresh > 0) {
      sizes.few = true;
    }
  }
  return sizes;
}

void Executable::queue(const Sizes& sizes) {
  Launcher& launcher = device_.launcher();
  launcher.failed = cudaSuccess;
  for (const auto& work : works_) {
    if (timed_) times_of_works_.mark(work->node_id);
    try {
      work->launch(launcher, sizes);
      check(launcher.failed, "a launch");
    } catch (const sdk::StatusError& error) {
      throw sdk::StatusError(error.status(), work->path + ": " + error.what());
    }
  }
}

void Executable::run(const sdk::StepView& step) {
  check_lists(step);
  device_.use();
  if (rebind_) {
    const Bound addresses(*this, step);
    for (const auto& work : works_) work->bind(addresses);
    rebind_ = false;
  }
  Sizes sizes = sizes_of(step);
  const sdk::Extents most = largest();
  if (timed_) {
    times_of_works_.begin();
    queue(sizes);
    times_of_works_.end();
  } else if (device_.graphs() && !sizes.many && sizes.extents.tokens <= kMostCaptured) {
    sizes.few = true;
    sizes.extents = {bucket(sizes.extents.tokens, most.tokens),
                     bucket(sizes.extents.seqs, most.seqs), bucket(sizes.extents.rows, most.rows)};
    graphs_.run({sizes.extents.tokens, sizes.extents.seqs, sizes.extents.rows},
                [&] { queue(sizes); });
  } else {
    queue(sizes);
  }
  for (const auto& work : works_) launches_ += work->n_nodes;
}

size_t Executable::read_times(sirocco_node_time* times, size_t capacity) const {
  if (!timed_) return 0;
  device_.use();
  return times_of_works_.read(times, capacity);
}

}  // namespace sirocco::cuda
