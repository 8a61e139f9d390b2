#include "graph/abi_tensor.hpp"

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::plugin, message);
}

Dim dim_from_abi(const sirocco_dim& dim) {
  if (dim.symbol < SIROCCO_SYM_NONE || dim.symbol >= SIROCCO_SYM_COUNT)
    fail("an extent depends on the unknown symbol " + std::to_string(dim.symbol));
  const bool constant = dim.symbol == SIROCCO_SYM_NONE;
  int64_t least = 0;
  const bool overflow = __builtin_add_overflow(dim.base, int64_t{dim.scale}, &least);
  if (constant ? dim.scale != 0 : dim.scale <= 0)
    fail("an extent has the scale " + std::to_string(dim.scale));
  if (overflow || least <= 0)
    fail("an extent of base " + std::to_string(dim.base) + " is not positive");
  return {dim.base, dim.scale, dim.symbol};
}

}  // namespace

sirocco_string abi_string(std::string_view text) {
  return {text.data(), text.size()};
}

sirocco_string AbiStorage::string(std::string_view text) {
  return abi_string(strings_.emplace_back(text));
}

sirocco_tensor AbiStorage::tensor(const TensorType& type) {
  sirocco_tensor result{};
  result.struct_size = sizeof result;
  result.dtype = type.dtype;
  if (type.rank() > SIROCCO_MAX_RANK)
    throw Error(ErrorKind::invalid_file, type.to_string() + " has more than " +
                                             std::to_string(SIROCCO_MAX_RANK) + " dimensions");
  for (const Dim& dim : type.shape) result.dims[result.rank++] = {dim.base, dim.scale, dim.symbol};
  if (type.quant) {
    sirocco_quant quant{};
    quant.struct_size = sizeof quant;
    quant.scheme = string(type.quant->scheme);
    quant.block_elements = type.quant->block_elements;
    quant.block_bytes = type.quant->block_bytes;
    quant.planar = type.quant->planar ? 1 : 0;
    result.quant = &quants_.emplace_back(quant);
  }
  return result;
}

sirocco_attr AbiStorage::attr(const Attr& attr,
                              const std::function<int64_t(StateRef)>& state_index) {
  sirocco_attr result{};
  result.struct_size = sizeof result;
  result.name = string(attr.name);
  // The alternatives of AttrValue stand in the order of SIROCCO_ATTR_* (checked in attrs.cpp).
  result.type = static_cast<uint32_t>(attr.value.index());
  if (const auto* integer = std::get_if<int64_t>(&attr.value)) result.i = *integer;
  if (const auto* number = std::get_if<double>(&attr.value)) result.f = *number;
  if (const auto* truth = std::get_if<bool>(&attr.value)) result.i = *truth ? 1 : 0;
  if (const auto* text = std::get_if<std::string>(&attr.value)) result.s = string(*text);
  if (const auto* state = std::get_if<StateRef>(&attr.value)) result.i = state_index(*state);
  if (const auto* ints = std::get_if<std::vector<int64_t>>(&attr.value)) {
    result.ints = ints_.emplace_back(*ints).data();
    result.count = ints->size();
  }
  if (const auto* floats = std::get_if<std::vector<double>>(&attr.value)) {
    result.floats = floats_.emplace_back(*floats).data();
    result.count = floats->size();
  }
  return result;
}

AbiAttrs::AbiAttrs(std::span<const Attr> attrs,
                   const std::function<int64_t(StateRef)>& state_index) {
  for (const Attr& attr : attrs) attrs_.push_back(storage_.attr(attr, state_index));
}

TensorType tensor_from_abi(const sirocco_tensor& tensor) {
  if (tensor.dtype <= SIROCCO_DTYPE_NONE || tensor.dtype >= SIROCCO_DTYPE_BLOCK)
    fail("dtype " + std::to_string(tensor.dtype) + " is not one that a node can make");
  if (tensor.rank > SIROCCO_MAX_RANK)
    fail("rank " + std::to_string(tensor.rank) + " is above " + std::to_string(SIROCCO_MAX_RANK));
  TensorType type{.dtype = tensor.dtype};
  for (uint32_t i = 0; i < tensor.rank; ++i) type.shape.push_back(dim_from_abi(tensor.dims[i]));
  return type;
}

}  // namespace sirocco
