#pragma once

#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/abi/graph.h>

#include "graph/graph.hpp"

namespace sirocco {

/// The text as the ABI sees it; lives as long as the text does.
sirocco_string abi_string(std::string_view text);

/// Owns what ABI structs point to. Addresses stay valid until it is destroyed, moves included.
class AbiStorage {
 public:
  AbiStorage() = default;
  AbiStorage(AbiStorage&&) = default;
  AbiStorage& operator=(AbiStorage&&) = default;
  AbiStorage(const AbiStorage&) = delete;
  AbiStorage& operator=(const AbiStorage&) = delete;

  sirocco_string string(std::string_view text);
  /// Throws Error(invalid_file) for more than SIROCCO_MAX_RANK dimensions.
  sirocco_tensor tensor(const TensorType& type);
  /// `state_index` gives what goes into `i` for a state.
  sirocco_attr attr(const Attr& attr, const std::function<int64_t(StateRef)>& state_index);

 private:
  std::deque<std::string> strings_;
  std::deque<sirocco_quant> quants_;
  std::deque<std::vector<int64_t>> ints_;
  std::deque<std::vector<double>> floats_;
};

/// The attributes of one node as an ABI array, owning everything they point to.
class AbiAttrs {
 public:
  AbiAttrs(std::span<const Attr> attrs, const std::function<int64_t(StateRef)>& state_index);

  const sirocco_attr* data() const { return attrs_.data(); }
  size_t size() const { return attrs_.size(); }

 private:
  AbiStorage storage_;
  std::vector<sirocco_attr> attrs_;
};

/// A tensor that a plugin described. Throws Error(plugin) for an unknown dtype, a block-quantised
/// one, a rank above SIROCCO_MAX_RANK, an unknown symbol, and an extent that is not positive.
TensorType tensor_from_abi(const sirocco_tensor& tensor);

}  // namespace sirocco
