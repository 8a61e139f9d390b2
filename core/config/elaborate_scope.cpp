#include "config/elaborate_scope.hpp"

#include "config/elaborate_objects.hpp"

namespace sirocco {

std::optional<uint32_t> step_input_kind(std::string_view name) {
  if (name == "tokens") return SIROCCO_VALUE_TOKENS;
  if (name == "positions") return SIROCCO_VALUE_POSITIONS;
  if (name == "wanted") return SIROCCO_VALUE_WANTED;
  return std::nullopt;
}

std::optional<std::string> substitute_indices(
    const std::string& name, const std::map<std::string, ExprValue, std::less<>>& locals) {
  std::string out;
  for (size_t at = 0; at < name.size();) {
    if (name[at] != '{') {
      out += name[at++];
      continue;
    }
    const size_t end = name.find('}', at);
    if (end == std::string::npos) return std::nullopt;
    const auto local = locals.find(name.substr(at + 1, end - at - 1));
    if (local == locals.end() || local->second.as<int64_t>() == nullptr) return std::nullopt;
    out += std::to_string(*local->second.as<int64_t>());
    at = end + 1;
  }
  return out;
}

std::optional<ExprValue> ElaborateScope::find(const std::string& name) {
  const size_t dot = name.find('.');
  if (dot != std::string::npos) return find_dotted(name, dot);
  const auto local = frame_.locals.find(name);
  if (local != frame_.locals.end()) return local->second;
  const ElaborateWorld& world = elaborator_.world_;
  if (world.topology == nullptr) return std::nullopt;
  if (const auto kind = step_input_kind(name)) {
    return make_object<TensorObject>(world.builder.step_input(*kind));
  }
  if (std::optional<ExprValue> param = world.params->find(name, world.budget)) return param;
  if (std::optional<ExprValue> state = world.states->find(name)) return state;
  return find_weight(name);
}

std::optional<ExprValue> ElaborateScope::find_dotted(const std::string& name, size_t dot) {
  const auto local = frame_.locals.find(name.substr(0, dot));
  if (local == frame_.locals.end()) return find_weight(name);
  const auto* prefix = local->second.object<PrefixObject>();
  return prefix == nullptr ? std::nullopt : find_weight(prefix->text + name.substr(dot));
}

std::optional<ExprValue> ElaborateScope::find_weight(const std::string& name) {
  WeightTable* weights = elaborator_.world_.weights;
  if (weights == nullptr) return std::nullopt;
  const std::optional<std::string> whole = substitute_indices(name, frame_.locals);
  return whole ? weights->find(*whole) : std::nullopt;
}

std::vector<std::string> ElaborateScope::names() const {
  std::vector<std::string> names;
  for (const auto& [name, value] : frame_.locals) names.push_back(name);
  const ElaborateWorld& world = elaborator_.world_;
  if (world.topology == nullptr) return names;
  for (const char* input : {"tokens", "positions", "wanted"}) names.push_back(input);
  for (const std::string& name : world.params->names()) names.push_back(name);
  for (const auto& [name, state] : world.topology->state) names.push_back(name);
  // Weights as expressions here would write them.
  for (const std::string& name : world.weights->names()) {
    names.push_back(name);
    const std::optional<std::string> whole = substitute_indices(name, frame_.locals);
    for (const auto& [local, value] : frame_.locals) {
      const auto* prefix = value.object<PrefixObject>();
      if (prefix != nullptr && whole && whole->starts_with(prefix->text + ".")) {
        names.push_back(local + whole->substr(prefix->text.size()));
      }
    }
  }
  return names;
}

}  // namespace sirocco
