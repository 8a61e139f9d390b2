#pragma once
// What a backend author writes: kernels. Everything else of a backend is in kernel_backend.hpp.

#include <cstdint>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/graph_view.hpp>
#include <sirocco/sdk/step_view.hpp>
#include <sirocco/sdk/team.hpp>
#include <sirocco/sdk/tensor.hpp>

namespace sirocco::sdk {

/// Thrown by a kernel's `accepts`: this node is not for it, and why.
class Declined : public std::runtime_error {
 public:
  Declined(uint32_t reason, const std::string& text) : std::runtime_error(text), reason_(reason) {}
  uint32_t reason() const noexcept { return reason_; }  ///< SIROCCO_REASON_*

 private:
  uint32_t reason_;
};

/// Declines unless the condition holds.
inline void require(bool condition, uint32_t reason, const char* text) {
  if (!condition) throw Declined(reason, text);
}

/// Declines unless the node has so many outputs and inputs (absent optional ones included), all of
/// them float.
inline void require_floats(const NodeView& node, size_t least_inputs, size_t most_inputs,
                           size_t n_outputs = 1) {
  require(node.n_inputs() >= least_inputs && node.n_inputs() <= most_inputs &&
              node.n_outputs() == n_outputs,
          SIROCCO_REASON_SHAPE, "another number of inputs or outputs was expected");
  for (size_t i = 0; i < node.n_inputs(); ++i)
    require(!node.has_input(i) || node.input(i).is_float(), SIROCCO_REASON_DTYPE,
            "inputs must be f32, f16, bf16 or f64");
  for (size_t i = 0; i < n_outputs; ++i)
    require(node.output(i).is_float(), SIROCCO_REASON_DTYPE,
            "outputs must be f32, f16, bf16 or f64");
}

/// What `prepare` works out of a node's attributes once, for `run` to find.
using Params = std::shared_ptr<const void>;

template <class T>
Params make_params(T value) {
  return std::make_shared<const T>(std::move(value));
}

/// The bytes of one state member. Paged: keys and values are [slots, heads * dim], where a slot is
/// page * page_tokens + offset; values are absent where v_dim is 0. Recurrent: `keys` is
/// [slots, elements].
struct StateView {
  sirocco_state spec{};
  Tensor keys;
  Tensor values;
};

/// Memory of one thread during `run`, as much of it as the kernel's `scratch` asked for.
class Scratch {
 public:
  Scratch(std::byte* memory, uint64_t bytes) : memory_(memory), bytes_(bytes) {}
  /// The next `n` elements, uninitialised, aligned to 64 bytes.
  template <class T>
  std::span<T> take(int64_t n) {
    const uint64_t bytes = size_of<T>(n);
    if (bytes > bytes_)
      throw StatusError(SIROCCO_FAILED, "a kernel takes more scratch memory than it asked for");
    auto* taken = reinterpret_cast<T*>(memory_);
    memory_ += bytes;
    bytes_ -= bytes;
    return {taken, static_cast<size_t>(n)};
  }
  /// What one `take<T>(n)` uses up, for `Kernel::scratch` to add up.
  template <class T>
  static uint64_t size_of(int64_t n) {
    const int64_t bytes = checked_product(n, static_cast<int64_t>(sizeof(T)));
    return (static_cast<uint64_t>(bytes) + 63) / 64 * 64;
  }

 private:
  std::byte* memory_;
  uint64_t bytes_;
};

/// CLOCK_MONOTONIC in nanoseconds.
inline uint64_t now_ns() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<uint64_t>(time.tv_sec) * 1000000000u + static_cast<uint64_t>(time.tv_nsec);
}

/// One run of one node. Tensors lie inside their buffers and the step is consistent: both have been
/// checked. What the tensors hold, such as row numbers, has not.
class KernelCall {
 public:
  struct Data {
    std::span<const Tensor> tensors;   ///< by value index
    std::span<const uint32_t> inputs;  ///< value indices, SIROCCO_NONE where absent
    std::span<const uint32_t> outputs;
    const StepView* step = nullptr;
    const StateView* state = nullptr;
    const void* params = nullptr;
    const Team* team = nullptr;
    std::byte* scratch = nullptr;  ///< `scratch_bytes` for every thread
    uint64_t scratch_bytes = 0;
    sirocco_node_time* times = nullptr;  ///< one a thread, or NULL
  };
  explicit KernelCall(const Data& data) : data_(data) {}

  size_t n_inputs() const { return data_.inputs.size(); }
  bool has_input(size_t index) const {
    return index < data_.inputs.size() && data_.inputs[index] != SIROCCO_NONE;
  }
  const Tensor& input(size_t index) const { return data_.tensors[data_.inputs[index]]; }
  const Tensor& output(size_t index) const { return data_.tensors[data_.outputs[index]]; }
  const StepView& step() const { return *data_.step; }
  /// Of a node with a state attribute.
  const StateView& state() const { return *data_.state; }
  /// What the kernel's `prepare` made; of the type it gave to `make_params`.
  template <class T>
  const T& params() const {
    return *static_cast<const T*>(data_.params);
  }

  /// Runs `body(begin, end, scratch)` over parts of [0, n) on the team's threads; `scratch` is a
  /// Scratch of that thread's own. A part has `grain` items at least, so that small work stays on
  /// one thread. How the range is cut must not change what is computed.
  template <class Body>
  void parallel(int64_t n, int64_t grain, Body&& body) const {
    data_.team->split(n, grain, [&](int64_t begin, int64_t end, uint32_t thread) {
      const uint64_t started = data_.times ? now_ns() : 0;
      body(begin, end, scratch(thread));
      if (data_.times) record(thread, started, now_ns());
    });
  }
  /// The scratch memory of a thread; outside `parallel` that of the caller.
  Scratch scratch(uint32_t thread = 0) const {
    return {data_.scratch + thread * data_.scratch_bytes, data_.scratch_bytes};
  }

 private:
  void record(uint32_t thread, uint64_t begin, uint64_t end) const {
    sirocco_node_time& time = data_.times[thread];
    if (time.begin_ns == 0) time.begin_ns = begin;
    time.end_ns = end;
  }

  Data data_;
};

/// One op on this device.
struct Kernel {
  const char* domain = "sirocco";
  const char* op = nullptr;
  uint32_t version = 1;
  /// Returns where the kernel can run the node; throws Declined where not. It must check every
  /// relation between shapes that `run` relies on, because what it accepts is run as it is.
  void (*accepts)(const NodeView& node) = nullptr;
  /// Throws StatusError where the data is at fault. Allocates nothing.
  void (*run)(const KernelCall& call) = nullptr;
  /// Bytes of scratch memory a thread needs at these limits; NULL: none.
  uint64_t (*scratch)(const NodeView& node, const sirocco_limits& limits) = nullptr;
  /// Attributes turned into what `run` needs; NULL: nothing.
  Params (*prepare)(const NodeView& node) = nullptr;
  /// Not NULL: the kernel runs the node together with the one right before it, of this op, whose
  /// output is this node's first input and read by nothing else. The call's inputs are those of the
  /// node before, then this node's second and following ones. `accepts`, `scratch` and `prepare`
  /// are asked about this node alone, which some other kernel must take by itself.
  const char* after = nullptr;
};

}  // namespace sirocco::sdk
