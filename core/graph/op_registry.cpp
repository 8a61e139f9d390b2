#include <algorithm>
#include <set>
#include <tuple>

#include <sirocco/error.hpp>

#include "graph/attrs.hpp"
#include "graph/op.hpp"
#include "graph/text_distance.hpp"

namespace sirocco {
namespace {

constexpr size_t kLongestName = 64;

/// Throws the one error of `add`: which op, whose, and the rule that it breaks.
class Rules {
 public:
  explicit Rules(const OpDef& op) : op_(op) {}

  void require(bool condition, const std::string& message) const {
    if (condition) return;
    const std::string from = op_.provider.empty() ? "" : " of plugin " + op_.provider;
    throw Error(ErrorKind::plugin, "op '" + op_.full_name() + "'" + from + ": " + message);
  }

  /// Names are what the topology's expressions can spell.
  void require_name(const std::string& what, const std::string& name) const {
    const bool fits = !name.empty() && name.size() <= kLongestName && name[0] >= 'a' &&
                      name[0] <= 'z' && std::all_of(name.begin(), name.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                      });
    require(fits, what + " '" + name + "' is not of the form [a-z][a-z0-9_]*, at most " +
                      std::to_string(kLongestName) + " characters");
  }

  void require_text(const std::string& what, const std::string& text) const {
    require(text.find_first_not_of(" \t\n") != std::string::npos, what + " is missing");
  }

 private:
  const OpDef& op_;
};

void check_head(const Rules& rules, const OpDef& op) {
  rules.require_name("name", op.name);
  rules.require_name("domain", op.domain);
  rules.require(op.version > 0, "version must be 1 or more");
  rules.require_text("doc", op.doc);
  rules.require(op.doc.find('\n') == std::string::npos, "doc must be one line");
  rules.require_text("formula", op.formula);
  rules.require(op.infer != nullptr, "shape inference is missing");
  const bool own = op.domain == "sirocco";
  rules.require(!own || op.provider.empty(), "a plugin's op needs a domain of its own");
  rules.require(own || !op.provider.empty(), "an op outside the host's domain needs a provider");
  if (!own) rules.require_text("decomposition", op.decomposition);
}

void check_inputs(const Rules& rules, const OpDef& op, std::set<std::string>& names) {
  bool optional_seen = false;
  for (size_t i = 0; i < op.inputs.size(); ++i) {
    const InputSpec& input = op.inputs[i];
    rules.require_name("input name", input.name);
    rules.require(names.insert(input.name).second, "the name " + input.name + " is used twice");
    rules.require(input.use <= SIROCCO_USE_WHOLE, "input " + input.name + " has an unknown use");
    rules.require(input.optional || !optional_seen,
                  "required input " + input.name + " follows an optional one");
    rules.require(!input.variadic || i + 1 == op.inputs.size(),
                  "variadic input " + input.name + " is not the last one");
    rules.require(!(input.variadic && input.optional),
                  "variadic input " + input.name + " cannot be optional");
    optional_seen |= input.optional;
  }
}

void check_attr(const Rules& rules, const OpDef& op, const AttrSpec& attr) {
  rules.require(attr.type > SIROCCO_ATTR_NULL && attr.type <= SIROCCO_ATTR_STATE,
                "attribute " + attr.name + " has no known type");
  rules.require(attr.choices.empty() || attr.type == SIROCCO_ATTR_STRING,
                "attribute " + attr.name + " has choices but is no string");
  if (!attr.fallback) return;
  rules.require(attr.type != SIROCCO_ATTR_STATE,
                "attribute " + attr.name + " is a state, which has no default");
  try {
    const AttrValue coerced = coerce_attr(op, attr, *attr.fallback);
    rules.require(coerced == *attr.fallback,
                  "the default of attribute " + attr.name + " is not of its type");
  } catch (const Error& error) {
    rules.require(error.kind() == ErrorKind::plugin, std::string("default: ") + error.what());
    throw;
  }
}

void check_outputs(const Rules& rules, const OpDef& op) {
  rules.require(!op.outputs.empty(), "has no output");
  std::set<std::string> names;
  for (const std::string& output : op.outputs) {
    rules.require_name("output name", output);
    rules.require(names.insert(output).second, "the output name " + output + " is used twice");
  }
}

void check(const OpDef& op) {
  const Rules rules(op);
  check_head(rules, op);
  // A call gives inputs and attributes by name alike, so they share one set of names.
  std::set<std::string> names;
  check_inputs(rules, op, names);
  for (const AttrSpec& attr : op.attrs) {
    rules.require_name("attribute name", attr.name);
    rules.require(names.insert(attr.name).second, "the name " + attr.name + " is used twice");
    check_attr(rules, op, attr);
  }
  check_outputs(rules, op);
}

}  // namespace

void OpRegistry::add(OpDef op) {
  check(op);
  for (const auto& known : ops_) {
    const bool same = known->domain == op.domain && known->name == op.name;
    Rules(op).require(!same || known->version != op.version,
                      "version " + std::to_string(op.version) + " is defined already" +
                          (known->provider.empty() ? "" : ", by plugin " + known->provider));
    Rules(op).require(known->domain != op.domain || known->provider == op.provider,
                      "the domain '" + op.domain + "' belongs to plugin " + known->provider);
  }
  ops_.push_back(std::make_unique<OpDef>(std::move(op)));
}

const OpDef* OpRegistry::find(std::string_view domain, std::string_view name) const {
  const OpDef* newest = nullptr;
  for (const auto& op : ops_)
    if (op->domain == domain && op->name == name && (!newest || newest->version < op->version))
      newest = op.get();
  return newest;
}

std::vector<const OpDef*> OpRegistry::all() const {
  std::vector<const OpDef*> sorted;
  for (const auto& op : ops_) sorted.push_back(op.get());
  std::sort(sorted.begin(), sorted.end(), [](const OpDef* a, const OpDef* b) {
    return std::tuple(a->full_name(), a->version) < std::tuple(b->full_name(), b->version);
  });
  return sorted;
}

std::string OpRegistry::suggest(std::string_view name) const {
  std::vector<std::string> names;
  for (const OpDef* op : all()) names.push_back(op->full_name());
  return nearest_name(name, names);
}

}  // namespace sirocco
