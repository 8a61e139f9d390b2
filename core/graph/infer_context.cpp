#include <algorithm>

#include <sirocco/error.hpp>

#include "graph/attrs.hpp"
#include "graph/op.hpp"

namespace sirocco {
namespace {

/// The name of input `index`; of a variadic one with its place in the list.
std::string input_name(const OpDef& op, size_t index) {
  if (op.inputs.empty()) return "input " + std::to_string(index);
  const size_t last = op.inputs.size() - 1;
  if (index < last || (index == last && !op.inputs[last].variadic)) return op.inputs[index].name;
  return op.inputs[last].name + "[" + std::to_string(index - last) + "]";
}

void check_inputs(const InferContext& context, const OpDef& op, size_t given) {
  const bool variadic = !op.inputs.empty() && op.inputs.back().variadic;
  if (given > op.inputs.size() && !variadic)
    context.fail("takes " + std::to_string(op.inputs.size()) + " inputs, not " +
                 std::to_string(given));
  for (size_t i = 0; i < context.n_inputs(); ++i) {
    const bool optional = i < op.inputs.size() && op.inputs[i].optional;
    if (!context.input(i) && !optional) context.fail("input " + input_name(op, i) + " is missing");
  }
}

void check_output(const InferContext& context, const std::string& name, const TensorType& type) {
  const std::string what = "output " + name + " of type " + type.to_string();
  if (type.dtype <= SIROCCO_DTYPE_NONE || type.dtype > SIROCCO_DTYPE_BLOCK)
    context.fail("output " + name + " has no dtype that this host knows");
  context.require(type.rank() <= SIROCCO_MAX_RANK,
                  what + " has more than " + std::to_string(SIROCCO_MAX_RANK) + " dimensions");
  try {
    const Extents smallest;
    for (const Dim& dim : type.shape)
      context.require(dim.at(smallest) > 0, what + " has an extent that is not positive");
    type.bytes(smallest);
  } catch (const Error& error) {
    context.fail(error.what());
  }
}

}  // namespace

InferContext::InferContext(const OpDef& op, std::span<const TensorType* const> inputs,
                           std::span<const Attr> attrs, std::span<const StateMember> states,
                           std::span<const StateGroup> groups)
    : op_(op), inputs_(inputs), attrs_(attrs), states_(states), groups_(groups) {}

const AttrValue& InferContext::attr(std::string_view name) const {
  const auto found = std::find_if(attrs_.begin(), attrs_.end(),
                                  [&](const Attr& attr) { return attr.name == name; });
  if (found == attrs_.end()) fail("attribute " + std::string(name) + " is missing");
  return found->value;
}

namespace {

/// The value as a T, or the message of an attribute of another type.
template <class T>
const T& attr_as(const InferContext& context, std::string_view name, const AttrValue& value,
                 uint32_t type) {
  const T* held = std::get_if<T>(&value);
  if (!held)
    context.fail("attribute " + std::string(name) + " is " + attr_type_name(attr_type_of(value)) +
                 " but must be " + attr_type_name(type));
  return *held;
}

}  // namespace

int64_t InferContext::attr_int(std::string_view name) const {
  return attr_as<int64_t>(*this, name, attr(name), SIROCCO_ATTR_INT);
}

double InferContext::attr_float(std::string_view name) const {
  const AttrValue& value = attr(name);
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  return attr_as<double>(*this, name, value, SIROCCO_ATTR_FLOAT);
}

bool InferContext::attr_bool(std::string_view name) const {
  return attr_as<bool>(*this, name, attr(name), SIROCCO_ATTR_BOOL);
}

const std::string& InferContext::attr_string(std::string_view name) const {
  return attr_as<std::string>(*this, name, attr(name), SIROCCO_ATTR_STRING);
}

const std::vector<int64_t>& InferContext::attr_ints(std::string_view name) const {
  return attr_as<std::vector<int64_t>>(*this, name, attr(name), SIROCCO_ATTR_INTS);
}

const StateMember& InferContext::attr_state(std::string_view name) const {
  const auto ref = attr_as<StateRef>(*this, name, attr(name), SIROCCO_ATTR_STATE);
  require(ref.index < states_.size(), "attribute " + std::string(name) + " names no state");
  return states_[ref.index];
}

const StateGroup* InferContext::attr_state_group(std::string_view name) const {
  const StateMember& member = attr_state(name);
  return member.group < groups_.size() ? &groups_[member.group] : nullptr;
}

bool InferContext::attr_is_null(std::string_view name) const {
  return std::holds_alternative<std::monostate>(attr(name));
}

void InferContext::fail(const std::string& message) const {
  std::string text;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (!inputs_[i]) continue;
    text += (text.empty() ? "" : ", ") + input_name(op_, i) + ": " + inputs_[i]->to_string();
  }
  throw Error(ErrorKind::invalid_file, op_.full_name() + "(" + text + "): " + message);
}

void InferContext::require(bool condition, const std::string& message) const {
  if (!condition) fail(message);
}

void InferContext::require_float(size_t index, size_t rank) const {
  const TensorType& type = *inputs_[index];
  const std::string name = input_name(op_, index);
  require(is_float(type.dtype), name + " must be a float tensor (f32, f16, bf16 or f64)");
  require(type.rank() == rank,
          name + " must have " + std::to_string(rank) + " dimension" + (rank == 1 ? "" : "s"));
}

std::vector<TensorType> infer_outputs(const OpDef& op, std::vector<const TensorType*> inputs,
                                      std::span<const Attr> attrs,
                                      std::span<const StateMember> states,
                                      std::span<const StateGroup> groups) {
  const size_t given = inputs.size();
  inputs.resize(std::max(given, op.inputs.size()), nullptr);
  const InferContext context(op, inputs, attrs, states, groups);
  check_inputs(context, op, given);
  std::vector<TensorType> types = op.infer(context);
  context.require(types.size() == op.outputs.size(),
                  "inference gave " + std::to_string(types.size()) + " types for " +
                      std::to_string(op.outputs.size()) + " outputs");
  for (size_t i = 0; i < types.size(); ++i) check_output(context, op.outputs[i], types[i]);
  return types;
}

}  // namespace sirocco
