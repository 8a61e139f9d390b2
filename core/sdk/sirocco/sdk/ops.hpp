#pragma once
// Ops of a plugin's own domain: their schema as data, their inference as a function that throws.

#include <cstdint>
#include <span>
#include <string>

#include <sirocco/abi/ops.h>
#include <sirocco/sdk/graph_view.hpp>

namespace sirocco::sdk {

/// What an inference sees and fills.
class InferView : public AttrView {
 public:
  InferView(std::span<const sirocco_tensor> inputs, std::span<const sirocco_attr> attrs,
            std::span<sirocco_tensor> outputs)
      : AttrView(attrs.data(), attrs.size(), attrs.empty() ? 0 : attrs[0].struct_size, "the node"),
        inputs_(inputs),
        outputs_(outputs) {}

  size_t n_inputs() const { return inputs_.size(); }
  bool has_input(size_t index) const {
    return index < inputs_.size() && inputs_[index].dtype != SIROCCO_DTYPE_NONE;
  }
  ValueView input(size_t index) const {
    if (!has_input(index)) fail("has no input " + std::to_string(index));
    sirocco_value value{};
    value.name = string("the input");
    value.tensor = inputs_[index];
    return ValueView(value);
  }
  void set_output(size_t index, const sirocco_tensor& tensor) {
    if (index >= outputs_.size()) fail("has no output " + std::to_string(index));
    write_struct(&outputs_[index], tensor);
  }
  /// Fails unless the condition holds; the host adds the op, its shapes and the place.
  void require(bool condition, const std::string& message) const {
    if (!condition) throw StatusError(SIROCCO_INVALID_ARGUMENT, message);
  }

 private:
  std::span<const sirocco_tensor> inputs_;
  std::span<sirocco_tensor> outputs_;
};

/// `sirocco_op::infer` from a function that throws where the shapes do not fit.
template <void (*kInfer)(InferView&)>
sirocco_status infer(const sirocco_tensor* inputs, size_t n_inputs, const sirocco_attr* attrs,
                     size_t n_attrs, sirocco_tensor* outputs, size_t n_outputs,
                     sirocco_error* error) {
  return guarded(error, [&] {
    InferView view({inputs, n_inputs}, {attrs, n_attrs}, {outputs, n_outputs});
    kInfer(view);
  });
}

/// `use`: how a weight in this place is read, SIROCCO_USE_*.
constexpr sirocco_op_input op_input(const char* name, const char* doc,
                                    uint32_t use = SIROCCO_USE_WHOLE, bool optional = false) {
  return {sizeof(sirocco_op_input), name, doc, optional ? 1u : 0u, use};
}

/// `fallback`: the default as it would be written in YAML; NULL: the attribute is required.
constexpr sirocco_op_attr op_attr(const char* name, uint32_t type, const char* doc,
                                  const char* fallback = nullptr) {
  return {sizeof(sirocco_op_attr), name, type, fallback ? 0u : 1u, fallback, doc};
}

/// As `sirocco_op`, without what follows from C.
struct OpDescription {
  const char* domain = "";
  const char* name = "";
  uint32_t version = 1;
  uint32_t n_outputs = 1;
  const char* doc = "";
  const char* formula = "";
  std::span<const sirocco_op_input> inputs = {};
  std::span<const sirocco_op_attr> attrs = {};
  const char* decomposition = "";
  decltype(sirocco_op::infer) infer = nullptr;
};

constexpr sirocco_op make_op(const OpDescription& op) {
  return {
      .struct_size = sizeof(sirocco_op),
      .domain = op.domain,
      .name = op.name,
      .version = op.version,
      .n_outputs = op.n_outputs,
      .doc = op.doc,
      .formula = op.formula,
      .inputs = op.inputs.data(),
      .n_inputs = op.inputs.size(),
      .input_stride = sizeof(sirocco_op_input),
      .attrs = op.attrs.data(),
      .n_attrs = op.attrs.size(),
      .attr_stride = sizeof(sirocco_op_attr),
      .decomposition = op.decomposition,
      .infer = op.infer,
  };
}

/// The interface over ops with static storage.
constexpr sirocco_ops_interface make_ops_interface(std::span<const sirocco_op> ops) {
  return {sizeof(sirocco_ops_interface), ops.data(), ops.size(), sizeof(sirocco_op)};
}

}  // namespace sirocco::sdk
