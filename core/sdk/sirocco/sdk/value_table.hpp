#pragma once
// Where the values of a sub-graph are in a step, on a device that computes in host memory.

#include <cstdint>
#include <span>
#include <vector>

#include <sirocco/sdk/device_memory.hpp>
#include <sirocco/sdk/value_plan.hpp>

namespace sirocco::sdk {

inline bool is_aligned(const void* data, size_t alignment) {
  return reinterpret_cast<uintptr_t>(data) % alignment == 0;
}

class ValueTable : public ValuePlan {
 public:
  /// Works out where each value lies in this step. Throws StatusError for bindings that are too
  /// few, too short or misaligned.
  void resolve(const DeviceMemory& memory, const sirocco_bindings& bindings, std::byte* workspace,
               const Extents& extents) {
    if (bindings.n_values < size()) refuse("fewer values are bound than the graph has");
    tensors_.resize(size());
    for (size_t i = 0; i < size(); ++i) {
      const Value& value = (*this)[i];
      if (!value.used()) continue;
      Tensor& tensor = tensors_[i];
      tensor.dtype = value.tensor.dtype;
      tensor.rank = value.tensor.rank;
      tensor.elements = 1;
      for (uint32_t axis = 0; axis < tensor.rank; ++axis) {
        tensor.dims[axis] = extent(value.tensor.dims[axis], extents);
        tensor.elements = checked_product(tensor.elements, tensor.dims[axis]);
      }
      tensor.bytes = checked_product(tensor.elements, dtype_bytes(tensor.dtype));
      const auto bytes = static_cast<uint64_t>(tensor.bytes);
      tensor.data = value.bound() ? memory.resolve(bindings.values[i], bytes, value.written())
                                  : workspace + value.offset;
      const auto natural = static_cast<size_t>(dtype_bytes(tensor.dtype));
      if (value.kind != SIROCCO_VALUE_WEIGHT && !is_aligned(tensor.data, natural))
        refuse("a value is bound at an address that its dtype does not allow");
    }
  }

  /// By value index, as `resolve` found them; those of values that no node uses say nothing.
  std::span<const Tensor> tensors() const { return tensors_; }

 private:
  std::vector<Tensor> tensors_;  ///< of the current step
};

}  // namespace sirocco::sdk
