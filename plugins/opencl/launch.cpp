#include "launch.hpp"

#include <utility>

#include "error.hpp"

namespace sirocco::opencl {

Launch::Launch(Device& device, const std::string& file, const char* kernel,
               const std::string& options, std::vector<Arg> args, Count x, Count y, Count rows)
    : name_(kernel),
      kernel_(device.kernel(file, kernel, options)),
      args_(std::move(args)),
      x_(std::move(x)),
      y_(std::move(y)),
      rows_(std::move(rows)) {}

Launch::Launch(Launch&& other) noexcept
    : name_(std::move(other.name_)),
      kernel_(std::exchange(other.kernel_, nullptr)),
      args_(std::move(other.args_)),
      x_(std::move(other.x_)),
      y_(std::move(other.y_)),
      rows_(std::move(other.rows_)),
      rows_index_(other.rows_index_) {}

Launch::~Launch() {
  if (kernel_) clReleaseKernel(kernel_);
}

void Launch::bind(const Resolve& resolve, const sdk::StepView& layout) {
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
      set(static_cast<cl_uint>(layout.group_field(stride->group, SIROCCO_STEP_GROUP_STRIDE)));
    } else if (std::holds_alternative<RowsArg>(arg)) {
      rows_index_ = index;
      set(cl_uint{0});
    } else {
      set_address(resolve(arg));
    }
  }
}

void Launch::queue(Device& device, const sdk::Extents& extents) const {
  const size_t size[2] = {static_cast<size_t>(x_(extents)), static_cast<size_t>(y_(extents))};
  if (size[0] == 0 || size[1] == 0) return;
  if (rows_) {
    const auto rows = static_cast<cl_uint>(rows_(extents));
    check(clSetKernelArg(kernel_, rows_index_, sizeof rows, &rows), name_ + ": rows");
  }
  check(clEnqueueNDRangeKernel(device.queue(), kernel_, 2, nullptr, size, nullptr, 0, nullptr,
                               nullptr),
        name_);
}

}  // namespace sirocco::opencl
