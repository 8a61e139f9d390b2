#pragma once
// The state of one group on a device that computes in host memory, as tensors.

#include <sirocco/sdk/device_memory.hpp>
#include <sirocco/sdk/kernel.hpp>
#include <sirocco/sdk/state_pages.hpp>

namespace sirocco::sdk {

class StateStore : public StatePages<DeviceMemory> {
 public:
  using StatePages::StatePages;

  /// Throws StatusError(SIROCCO_INVALID_ARGUMENT) unless the store holds that very member.
  StateView view(const sirocco_state& spec) const {
    check_member(spec);
    StateView found{spec, {}, {}};
    if (const StatePlane* keys = plane(spec, false)) found.keys = tensor(*keys);
    if (const StatePlane* values = plane(spec, true)) found.values = tensor(*values);
    return found;
  }

 private:
  Tensor tensor(const StatePlane& plane) const {
    Tensor tensor{block()->data + plane.offset, plane.dtype, 2};
    tensor.dims[0] = layout().n_pages * layout().page_tokens;
    tensor.dims[1] = plane.width;
    tensor.elements = tensor.dims[0] * plane.width;
    tensor.bytes = plane.page_bytes * layout().n_pages;
    return tensor;
  }
};

}  // namespace sirocco::sdk
