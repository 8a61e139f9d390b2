#include "graph/plugin_ops.hpp"

#include <algorithm>
#include <cstring>

#include <sirocco/error.hpp>

#include "graph/abi_tensor.hpp"
#include "graph/attrs.hpp"

namespace sirocco {
namespace {

constexpr size_t kMostOps = 4096;
constexpr size_t kMostParts = 64;         ///< inputs, attributes or outputs of one op
constexpr size_t kLongestText = 1 << 16;  ///< bytes
constexpr size_t kLargestStride = 1 << 16;

using InferFunction = decltype(sirocco_op::infer);

/// Reads a plugin's table without trusting it; errors name the provider and the op.
class Reader {
 public:
  explicit Reader(std::string provider) : provider_(std::move(provider)) {}

  OpDef op(const sirocco_op& source);
  void set_op(std::string name) { op_ = std::move(name); }
  void require(bool condition, const std::string& message) const {
    if (!condition) fail(message);
  }
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorKind::plugin,
                "plugin " + provider_ + (op_.empty() ? "" : ", op " + op_) + ": " + message);
  }

  /// Element `index` of an array of structs that may be shorter or longer than ours: an absent tail
  /// is zero, and what we do not know is left.
  template <class Struct>
  Struct element(const Struct* array, size_t index, size_t stride) const {
    size_t size = 0;
    const char* place = reinterpret_cast<const char*>(array) + index * stride;
    std::memcpy(&size, place, sizeof size);
    require(size >= sizeof size && size <= stride, "struct_size " + std::to_string(size) +
                                                       " does not fit the stride " +
                                                       std::to_string(stride));
    Struct copy{};
    std::memcpy(static_cast<void*>(&copy), place, std::min(size, sizeof copy));
    return copy;
  }

  void require_array(const void* array, size_t count, size_t most, size_t stride,
                     const char* what) const {
    if (count == 0) return;
    require(array != nullptr && count <= most && stride >= sizeof(size_t) &&
                stride <= kLargestStride && stride % alignof(size_t) == 0,
            std::string("the array of ") + what + " is absent, too long or has a bad stride");
  }

  std::string text(const char* text, const char* what) const {
    require(text != nullptr, std::string(what) + " is NULL");
    const size_t size = strnlen(text, kLongestText);
    require(size < kLongestText, std::string(what) + " is too long");
    return {text, size};
  }

 private:
  InputSpec input(const sirocco_op_input& source) const;
  AttrSpec attr(const sirocco_op_attr& source) const;

  std::string provider_;
  std::string op_;
};

InputSpec Reader::input(const sirocco_op_input& source) const {
  return {.name = text(source.name, "an input's name"),
          .doc = text(source.doc, "an input's doc"),
          .optional = source.optional != 0,
          .use = source.use};
}

AttrSpec Reader::attr(const sirocco_op_attr& source) const {
  AttrSpec spec{.name = text(source.name, "an attribute's name"),
                .type = source.type,
                .doc = text(source.doc, "an attribute's doc")};
  require((source.required != 0) == (source.fallback == nullptr),
          "attribute " + spec.name + " must be required or have a default, and not both");
  if (!source.fallback) return spec;
  try {
    spec.fallback = parse_attr_text(spec.type, text(source.fallback, "a default"));
  } catch (const Error& error) {
    fail("the default of attribute " + spec.name + ": " + error.what());
  }
  spec.nullable = std::holds_alternative<std::monostate>(*spec.fallback);
  return spec;
}

/// One call of a plugin's inference.
std::vector<TensorType> infer_by_plugin(const InferContext& context, InferFunction infer,
                                        size_t n_outputs) {
  AbiStorage storage;
  std::vector<sirocco_tensor> inputs;
  for (size_t i = 0; i < context.n_inputs(); ++i) {
    const TensorType* type = context.input(i);
    inputs.push_back(storage.tensor(type ? *type : TensorType{}));
  }
  const AbiAttrs attrs(context.attrs(), [](StateRef state) { return int64_t{state.index}; });
  sirocco_tensor blank{};
  blank.struct_size = sizeof blank;
  std::vector<sirocco_tensor> outputs(n_outputs, blank);
  sirocco_error error{};
  error.struct_size = sizeof error;
  const sirocco_status status = infer(inputs.data(), inputs.size(), attrs.data(), attrs.size(),
                                      outputs.data(), outputs.size(), &error);
  error.message[sizeof error.message - 1] = '\0';
  if (status != SIROCCO_OK)
    context.fail(error.message[0] ? error.message
                                  : "inference failed with status " + std::to_string(status));
  std::vector<TensorType> types;
  for (const sirocco_tensor& output : outputs) {
    try {
      types.push_back(tensor_from_abi(output));
    } catch (const Error& bad) {
      context.fail(std::string("the plugin's inference is wrong: ") + bad.what());
    }
  }
  return types;
}

std::vector<std::string> output_names(size_t count) {
  if (count == 1) return {"y"};
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back("y" + std::to_string(i));
  return names;
}

OpDef Reader::op(const sirocco_op& source) {
  OpDef op{.domain = text(source.domain, "an op's domain"),
           .name = text(source.name, "an op's name")};
  set_op(op.full_name());
  require(op.domain != "sirocco", "the domain 'sirocco' is the host's");
  op.version = source.version;
  op.doc = text(source.doc, "doc");
  op.formula = text(source.formula, "formula");
  require(source.n_outputs > 0 && source.n_outputs <= kMostParts,
          "must have 1 to " + std::to_string(kMostParts) + " outputs");
  op.outputs = output_names(source.n_outputs);
  require_array(source.inputs, source.n_inputs, kMostParts, source.input_stride, "inputs");
  for (size_t i = 0; i < source.n_inputs; ++i)
    op.inputs.push_back(input(element(source.inputs, i, source.input_stride)));
  require_array(source.attrs, source.n_attrs, kMostParts, source.attr_stride, "attributes");
  for (size_t i = 0; i < source.n_attrs; ++i)
    op.attrs.push_back(attr(element(source.attrs, i, source.attr_stride)));
  op.decomposition = text(source.decomposition, "decomposition");
  require(source.infer != nullptr, "infer is NULL");
  op.infer = [infer = source.infer, count = op.outputs.size()](const InferContext& context) {
    return infer_by_plugin(context, infer, count);
  };
  op.provider = provider_;
  return op;
}

}  // namespace

void add_plugin_ops(OpRegistry& registry, const sirocco_ops_interface* ops, std::string provider) {
  Reader reader(std::move(provider));
  reader.require(ops != nullptr, "offers no table of ops");
  const auto table = reader.element(ops, 0, std::max(ops->struct_size, sizeof *ops));
  reader.require_array(table.ops, table.n_ops, kMostOps, table.op_stride, "ops");
  for (size_t i = 0; i < table.n_ops; ++i) {
    reader.set_op({});
    registry.add(reader.op(reader.element(table.ops, i, table.op_stride)));
  }
}

}  // namespace sirocco
