#include "graph/op_docs.hpp"

#include <algorithm>

#include "graph/attrs.hpp"

namespace sirocco {
namespace {

/// "int or null, default null", "string: interleaved | half, required".
std::string attr_kind(const AttrSpec& attr) {
  std::string text = attr_type_name(attr.type);
  if (attr.nullable) text += " or null";
  std::string choices;
  for (const std::string& choice : attr.choices) choices += (choices.empty() ? "" : " | ") + choice;
  if (!choices.empty()) text += ": " + choices;
  return text + (attr.fallback ? ", default " + attr_to_string(*attr.fallback) : ", required");
}

std::string input_kind(const InputSpec& input) {
  return input.doc + (input.optional ? ", optional" : "") + (input.variadic ? ", one or more" : "");
}

/// Every line of a text behind a prefix.
std::string indented(const std::string& text, const std::string& prefix) {
  std::string result;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    result += prefix + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return result;
}

std::string version_text(const OpDef& op) {
  std::string text = "version " + std::to_string(op.version);
  if (!op.provider.empty()) text += ", from plugin " + op.provider;
  return text;
}

const char* kHeading =
    "# Ops\n"
    "\n"
    "<!-- Generated from core/graph/ops by `sirocco ops --markdown > docs/ops.md`. -->\n"
    "\n"
    "A graph is made of these. `T` is the number of tokens of a step, `S` of its sequences, `R` of "
    "the rows wanted; `..` stands for any leading dimensions. \"float\" is f32, f16, bf16 or f64. "
    "Rounding is to nearest, ties to even. A float attribute takes an int too.\n";

std::string markdown(const OpDef& op) {
  std::string text = "\n## " + op.full_name() + "\n\n" + op.doc + "\n\n    " + op_signature(op) +
                     "\n\n```\n" + indented(op.formula, "") + "```\n\n";
  for (const InputSpec& input : op.inputs)
    text += "- `" + input.name + "`: " + input_kind(input) + "\n";
  for (const AttrSpec& attr : op.attrs)
    text += "- `" + attr.name + "` (" + attr_kind(attr) + "): " + attr.doc + "\n";
  if (!op.decomposition.empty())
    text += "\nMade of other ops:\n\n```yaml\n" + indented(op.decomposition, "") + "```\n";
  return text + "\n" + version_text(op) + "\n";
}

}  // namespace

std::string op_signature(const OpDef& op) {
  std::string parts;
  const auto part = [&](const std::string& text) { parts += (parts.empty() ? "" : ", ") + text; };
  for (const InputSpec& input : op.inputs)
    part(input.name + (input.optional ? "?" : input.variadic ? "..." : ""));
  for (const AttrSpec& attr : op.attrs)
    part(attr.name + (attr.fallback ? "=" + attr_to_string(*attr.fallback)
                                    : std::string(": ") + attr_type_name(attr.type)));
  std::string outputs;
  for (const std::string& output : op.outputs) outputs += (outputs.empty() ? "" : ", ") + output;
  return op.full_name() + "(" + parts + ") -> " + outputs;
}

std::string op_text(const OpDef& op) {
  std::string text =
      op_signature(op) + "\n\n" + op.doc + "\n\n" + indented(op.formula, "  ") + "\n";
  for (const InputSpec& input : op.inputs)
    text += "  input  " + input.name + ": " + input_kind(input) + "\n";
  for (const AttrSpec& attr : op.attrs)
    text += "  attr   " + attr.name + " (" + attr_kind(attr) + "): " + attr.doc + "\n";
  if (!op.decomposition.empty())
    text += "\n  made of other ops:\n" + indented(op.decomposition, "    ");
  return text + "\n" + version_text(op) + "\n";
}

std::string op_list(const OpRegistry& registry) {
  const auto ops = registry.all();
  size_t width = 0;
  for (const OpDef* op : ops) width = std::max(width, op->full_name().size());
  std::string text;
  for (const OpDef* op : ops) {
    const std::string name = op->full_name();
    text += name + std::string(width + 2 - name.size(), ' ') + op->doc + "\n";
  }
  return text;
}

std::string ops_markdown(const OpRegistry& registry) {
  std::string text = kHeading;
  for (const OpDef* op : registry.all()) text += markdown(*op);
  return text;
}

}  // namespace sirocco
