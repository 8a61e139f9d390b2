#pragma once
// A kernel of an executable with its arguments: where they are is bound once, how many work-items
// there are follows each step.

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <CL/cl.h>
#include <sirocco/sdk/accelerator.hpp>
#include <sirocco/sdk/step_view.hpp>

#include "device.hpp"

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
/// Rows of the step: set before each launch.
struct RowsArg {};

using Arg = std::variant<ValueArg, StateArg, StepArg, GroupArg, SharedArg, OwnArg, NoArg, StrideArg,
                         RowsArg, cl_uint, cl_int, cl_ulong, cl_float>;

/// What turns an address into a buffer and an offset.
using Resolve = std::function<sdk::DeviceAddress(const Arg&)>;
/// Numbers that a tensor's dimensions make in a step.
using Count = std::function<int64_t(const sdk::Extents&)>;

class Launch {
 public:
  /// `x` and `y`: work-items in the two dimensions. `rows` is what RowsArg becomes.
  Launch(Device& device, const std::string& file, const char* kernel, const std::string& options,
         std::vector<Arg> args, Count x, Count y, Count rows = {});
  Launch(Launch&& other) noexcept;
  Launch& operator=(Launch&&) = delete;
  ~Launch();

  /// Sets the arguments. `layout` is any step: lists lie at the same place in all of them.
  void bind(const Resolve& resolve, const sdk::StepView& layout);
  /// Queues it. Throws StatusError.
  void queue(Device& device, const sdk::Extents& extents) const;

 private:
  std::string name_;
  cl_kernel kernel_ = nullptr;
  std::vector<Arg> args_;
  Count x_, y_, rows_;
  cl_uint rows_index_ = 0;
};

}  // namespace sirocco::opencl
