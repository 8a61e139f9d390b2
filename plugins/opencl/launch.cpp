#include "launch.hpp"

#include <utility>

#include "device.hpp"
#include "error.hpp"

namespace sirocco::opencl {

Launch::Launch(Programs& programs, const KernelName& name, std::vector<Arg> args, Grid grid,
               Count number)
    : name_(name.function),
      kernel_(programs.kernel(name)),
      args_(std::move(args)),
      grid_(std::move(grid)),
      number_(std::move(number)) {}

Launch::Launch(Launch&& other) noexcept
    : name_(std::move(other.name_)),
      kernel_(std::exchange(other.kernel_, nullptr)),
      args_(std::move(other.args_)),
      grid_(std::move(other.grid_)),
      number_(std::move(other.number_)),
      number_index_(other.number_index_) {}

Launch::~Launch() {
  if (kernel_) clReleaseKernel(kernel_);
}

void Launch::bind(const Resolve& resolve, const sdk::StepView* layout) {
  cl_uint index = 0;
  const auto set = [&](const auto& value) {
    check(clSetKernelArg(kernel_, index++, sizeof value, &value), name_ + ": an argument");
  };
  const auto set_address = [&](const sdk::DeviceAddress& address) {
    set(buffer_of(address));
    set(static_cast<cl_ulong>(address.offset));
  };
  for (const Arg& arg : args_) {
    if (const auto* number = std::get_if<cl_uint>(&arg)) {
      set(*number);
    } else if (const auto* integer = std::get_if<cl_int>(&arg)) {
      set(*integer);
    } else if (const auto* large = std::get_if<cl_ulong>(&arg)) {
      set(*large);
    } else if (const auto* real = std::get_if<cl_float>(&arg)) {
      set(*real);
    } else if (const auto* stride = std::get_if<StrideArg>(&arg)) {
      set(static_cast<cl_uint>(layout->group_field(stride->group, SIROCCO_STEP_GROUP_STRIDE)));
    } else if (std::holds_alternative<NumberArg>(arg)) {
      number_index_ = index;
      set(cl_uint{0});
    } else {
      set_address(resolve(arg));
    }
  }
}

bool Launch::queue(cl_command_queue queue, const Sizes& sizes, cl_event* event) const {
  size_t global[3];
  for (int axis = 0; axis < 3; ++axis) {
    global[axis] = static_cast<size_t>(grid_.groups[axis](sizes)) * grid_.items[axis];
    if (global[axis] == 0) return false;
  }
  if (number_) {
    const auto number = static_cast<cl_uint>(number_(sizes));
    check(clSetKernelArg(kernel_, number_index_, sizeof number, &number), name_ + ": a number");
  }
  check(clEnqueueNDRangeKernel(queue, kernel_, 3, nullptr, global, grid_.items, 0, nullptr, event),
        name_);
  return true;
}

}  // namespace sirocco::opencl
