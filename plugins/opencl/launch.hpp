#pragma once
// A kernel of an executable with its arguments: where they are is bound once, how many work-groups
// there are follows each step.

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <CL/cl.h>
#include <sirocco/sdk/accelerator.hpp>
#include <sirocco/sdk/step_view.hpp>

#include "programs.hpp"

namespace sirocco::opencl {

/// Addresses that are known when an executable is bound.
struct ValueArg {
  uint32_t value;
};
struct StateArg {
  sirocco_state state;
  bool values;
};
struct StepArg {
  int field;  ///< SIROCCO_STEP_OFF_*
};
struct GroupArg {
  uint32_t group;
  int field;  ///< SIROCCO_STEP_GROUP_OFF_*
};
/// Memory that launches share, one after the other.
struct SharedArg {};
/// A buffer of the executable's own.
struct OwnArg {
  cl_mem buffer;
};
/// A pointer that the kernel does not look at.
struct NoArg {};
/// Elements of one sequence in a group's block table.
struct StrideArg {
  uint32_t group;
};
/// What `Launch` was given as `number`: set before each launch.
struct NumberArg {};

using Arg = std::variant<ValueArg, StateArg, StepArg, GroupArg, SharedArg, OwnArg, NoArg, StrideArg,
                         NumberArg, cl_uint, cl_int, cl_ulong, cl_float>;

/// What turns an address into a buffer and an offset.
using Resolve = std::function<sdk::DeviceAddress(const Arg&)>;

/// A step as far as the sizes of launches depend on it.
struct Sizes {
  sdk::Extents extents;
  int64_t longest = 0;  ///< tokens that the longest sequence holds after the step
  int64_t newest = 0;   ///< tokens that a sequence brings, at most
};
using Count = std::function<int64_t(const Sizes&)>;

inline Count constant(int64_t n) {
  return [n](const Sizes&) { return n; };
}
inline int64_t ceil_div(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

/// Work-groups in each dimension, and the items of one. No work-groups: nothing is launched.
struct Grid {
  Count groups[3] = {constant(1), constant(1), constant(1)};
  size_t items[3] = {1, 1, 1};
};

class Launch {
 public:
  /// Throws StatusError.
  Launch(Programs& programs, const KernelName& name, std::vector<Arg> args, Grid grid,
         Count number = {});
  Launch(Launch&& other) noexcept;
  Launch& operator=(Launch&&) = delete;
  ~Launch();

  /// Sets the arguments. `layout` is any step, as lists lie at the same place in all of them; NULL
  /// where no argument looks at it.
  void bind(const Resolve& resolve, const sdk::StepView* layout);
  /// Queues it, unless there is nothing to do: then false. With `event`, the caller releases what
  /// comes there. Throws StatusError.
  bool queue(cl_command_queue queue, const Sizes& sizes, cl_event* event = nullptr) const;

 private:
  std::string name_;
  cl_kernel kernel_ = nullptr;
  std::vector<Arg> args_;
  Grid grid_;
  Count number_;
  cl_uint number_index_ = 0;
};

}  // namespace sirocco::opencl
