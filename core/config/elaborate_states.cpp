#include "config/elaborate_states.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "config/elaborate_objects.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

constexpr size_t kMaxStates = 100'000;
constexpr size_t kMaxGroups = 1024;
constexpr int64_t kMaxPageTokens = 1 << 20;

/// A state per layer as expressions see it.
class StateFamily : public ExprObject {
 public:
  StateFamily(StateTable& table, std::string name) : table_(table), name_(std::move(name)) {}
  std::string describe() const override {
    return "the state " + in_quotes(name_) + " of all layers (write " + name_ + "[i])";
  }
  ExprValue at(int64_t index, const Place& place, ExprBudget&) const override {
    return make_object<StateObject>(table_.member(name_, index, place));
  }

 private:
  StateTable& table_;
  std::string name_;
};

std::string member_name(const std::string& name, std::optional<int64_t> layer) {
  return layer ? name + "[" + std::to_string(*layer) + "]" : name;
}

}  // namespace

std::optional<ExprValue> StateTable::find(const std::string& name) {
  const auto found = decls_.find(name);
  if (found == decls_.end()) return std::nullopt;
  const StateDecl* decl = found->second;
  if (decl->per_layer) return make_object<StateFamily>(*this, name);
  return make_object<StateObject>(member(name, std::nullopt, decl->place));
}

StateRef StateTable::member(const std::string& name, std::optional<int64_t> layer,
                            const Place& place) {
  const std::string full = member_name(name, layer);
  const auto known = members_.find(full);
  if (known != members_.end()) return known->second;
  if (members_.size() >= kMaxStates) {
    fail_at(place, "more than " + std::to_string(kMaxStates) + " states");
  }
  const StateDecl& decl = *decls_.at(name);
  StateMember made{.name = full};
  made.group = group_of(name, decl, layer);
  if (decl.kind == "paged") {
    made.heads = positive(full, "heads", decl.heads, layer);
    made.k_dim = positive(full, "head_dim", decl.head_dim, layer);
    // Without one the values are as long as the keys; 0 means that there are none.
    const std::optional<ExprValue> v_dim = evaluate_field(decl.v_dim, layer);
    made.v_dim = !v_dim ? made.k_dim
                 : v_dim->as<int64_t>() && *v_dim->as<int64_t>() == 0
                     ? 0
                     : positive(full, "v_dim", decl.v_dim, layer);
  } else {
    made.elements = positive(full, "elements", decl.elements, layer);
  }
  made.member = group_sizes_[made.group]++;
  const StateRef ref{static_cast<uint32_t>(graph_.states.size())};
  graph_.states.push_back(std::move(made));
  members_.emplace(full, ref);
  return ref;
}

std::optional<ExprValue> StateTable::evaluate_field(const std::optional<YamlNode>& field,
                                                    std::optional<int64_t> layer) {
  if (!field) return std::nullopt;
  std::map<std::string, int64_t> indices;
  if (layer) indices.emplace("i", *layer);
  ParamScope scope(params_, budget_, std::move(indices));
  return evaluate(expressions_.get(*field), scope, budget_);
}

int64_t StateTable::positive(const std::string& state, const char* field,
                             const std::optional<YamlNode>& node, std::optional<int64_t> layer) {
  const std::optional<ExprValue> value = evaluate_field(node, layer);
  const auto* integer = value ? value->as<int64_t>() : nullptr;
  if (integer == nullptr || *integer < 1) {
    fail_at(node->place, in_quotes(field) + " of state " + in_quotes(state) + " is " +
                             (value ? value->describe() : "missing") +
                             ", expected an integer from 1");
  }
  return *integer;
}

sirocco_dtype StateTable::dtype_of(const std::string& state, const StateDecl& decl,
                                   std::optional<int64_t> layer) {
  if (!decl.dtype) return options_.state_dtype;
  std::string name = decl.dtype->scalar;
  // A dtype's name needs no quotes within quotes.
  if (name != kActivationDtype && dtype_from_name(name) == SIROCCO_DTYPE_NONE) {
    const ExprValue value = *evaluate_field(decl.dtype, layer);
    name = value.as<std::string>() ? *value.as<std::string>() : value.describe();
  }
  const sirocco_dtype dtype = name == kActivationDtype ? options_.numerics : dtype_from_name(name);
  if (!is_float(dtype)) {
    fail_at(decl.dtype->place, "'dtype' of state " + in_quotes(state) + " is " + in_quotes(name) +
                                   ", expected 'f32', 'f16', 'bf16' or 'f64'");
  }
  return dtype;
}

uint32_t StateTable::group_of(const std::string& name, const StateDecl& decl,
                              std::optional<int64_t> layer) {
  const std::string full = member_name(name, layer);
  StateGroup group{.name = name};
  group.kind = decl.kind == "paged" ? SIROCCO_STATE_PAGED : SIROCCO_STATE_RECURRENT;
  group.page_tokens = options_.page_tokens;
  if (decl.page_tokens) {
    const int64_t tokens = positive(full, "page_tokens", decl.page_tokens, layer);
    if (tokens > kMaxPageTokens) fail_at(decl.page_tokens->place, "pages of too many tokens");
    group.page_tokens = static_cast<uint32_t>(tokens);
  }
  if (const std::optional<ExprValue> window = evaluate_field(decl.window, layer)) {
    const auto* tokens = window->as<int64_t>();
    if (!window->is_null() && (tokens == nullptr || *tokens < 0)) {
      fail_at(decl.window->place, "'window' of state " + in_quotes(full) + " is " +
                                      window->describe() + ", expected an integer or null");
    }
    group.window = tokens == nullptr ? 0 : *tokens;
  }
  group.dtype = dtype_of(full, decl, layer);
  for (size_t i = 0; i < graph_.groups.size(); ++i) {
    const StateGroup& other = graph_.groups[i];
    if (other.name == group.name && other.window == group.window &&
        other.page_tokens == group.page_tokens && other.dtype == group.dtype) {
      return static_cast<uint32_t>(i);
    }
  }
  if (graph_.groups.size() >= kMaxGroups) {
    fail_at(decl.place, "more than " + std::to_string(kMaxGroups) + " groups of state");
  }
  graph_.groups.push_back(std::move(group));
  group_sizes_.push_back(0);
  return static_cast<uint32_t>(graph_.groups.size() - 1);
}

void StateTable::finish() {
  std::map<std::string, size_t> count;
  for (const StateGroup& group : graph_.groups) ++count[group.name];
  std::set<std::string> taken;
  for (StateGroup& group : graph_.groups) {
    if (count[group.name] > 1) {
      group.name += group.window > 0 ? "/window=" + std::to_string(group.window) : "/full";
    }
    const std::string name = group.name;
    for (int n = 1; !taken.insert(group.name).second; ++n) {
      group.name = name + "#" + std::to_string(n);
    }
  }
}

}  // namespace sirocco
