#include "config/elaborate_weights.hpp"

#include <algorithm>
#include <charconv>

#include <sirocco/error.hpp>

#include "config/elaborate_objects.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

std::vector<std::string> parts_of(const std::string& name) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t dot = std::min(name.find('.', begin), name.size());
    parts.push_back(name.substr(begin, dot - begin));
    begin = dot + 1;
  }
  return parts;
}

std::optional<int64_t> index_of(const std::string& part) {
  int64_t index = 0;
  const char* last = part.data() + part.size();
  const auto [end, error] = std::from_chars(part.data(), last, index);
  // "007" and "-1" are no indices: a name has one spelling.
  if (error != std::errc() || end != last || std::to_string(index) != part || index < 0) {
    return std::nullopt;
  }
  return index;
}

std::string join(const std::vector<std::string>& parts) {
  std::string name;
  for (const std::string& part : parts) name += (name.empty() ? "" : ".") + part;
  return name;
}

std::string with_indices(std::string text, const std::map<std::string, int64_t>& indices) {
  for (const auto& [name, index] : indices) {
    const std::string braced = "{" + name + "}";
    for (size_t at = text.find(braced); at != std::string::npos; at = text.find(braced, at)) {
      text.replace(at, braced.size(), std::to_string(index));
    }
  }
  return text;
}

}  // namespace

WeightNames::WeightNames(const TopologyDocument& topology) : topology_(topology) {
  for (size_t i = 0; i < topology.weights.size(); ++i) {
    const std::string form = form_of(topology.weights[i].first);
    by_form_.emplace(form, i);
    forms_.emplace(form, topology.weights[i].first);
  }
}

std::string WeightNames::form_of(const std::string& declared) {
  std::vector<std::string> parts = parts_of(declared);
  for (std::string& part : parts) {
    if (part.starts_with('{')) part = "{}";
  }
  return join(parts);
}

std::optional<WeightMatch> WeightNames::find(const std::string& name) const {
  const auto exact = by_form_.find(name);
  if (exact != by_form_.end()) {
    return WeightMatch{&topology_.weights[exact->second].second, {}};
  }
  std::vector<std::string> parts = parts_of(name);
  std::vector<std::optional<int64_t>> indices;
  for (std::string& part : parts) {
    indices.push_back(index_of(part));
    if (indices.back()) part = "{}";
  }
  const auto found = by_form_.find(join(parts));
  if (found == by_form_.end()) return std::nullopt;
  const auto& [declared, decl] = topology_.weights[found->second];
  WeightMatch match{&decl, {}};
  const std::vector<std::string> declared_parts = parts_of(declared);
  for (size_t i = 0; i < declared_parts.size(); ++i) {
    const std::string& part = declared_parts[i];
    if (!part.starts_with('{')) continue;
    const std::string index = part.substr(1, part.size() - 2);
    const auto [at, fresh] = match.indices.emplace(index, *indices[i]);
    if (!fresh && at->second != *indices[i]) return std::nullopt;
  }
  return match;
}

WeightTable::WeightTable(const ResolvedModel& model, GraphBuilder& builder,
                         ExpressionCache& expressions, ExprBudget& budget)
    : model_(model),
      builder_(builder),
      expressions_(expressions),
      budget_(budget),
      names_(model.topology) {}

std::optional<ExprValue> WeightTable::find(const std::string& name) {
  const auto known = present_.find(name);
  if (known == present_.end()) {
    const std::optional<WeightMatch> match = names_.find(name);
    if (!match) return std::nullopt;
    bool present = true;
    if (match->decl->when) {
      const Expression& when = expressions_.get(*match->decl->when);
      ParamScope scope(model_.params, budget_, match->indices);
      const ExprValue value = evaluate(when, scope, budget_);
      if (value.as<bool>() == nullptr) {
        when.fail(when.root, "'when' is " + value.describe() + ", expected true or false");
      }
      present = *value.as<bool>();
    }
    present_.emplace(name, present);
    return present ? make_object<WeightObject>(name) : ExprValue();
  }
  return known->second ? make_object<WeightObject>(name) : ExprValue();
}

std::string WeightTable::file_name(const std::string& name, const WeightMatch& match) const {
  const std::string* pattern = find_named(match.decl->names, model_.layout);
  if (pattern == nullptr) {
    fail_at(match.decl->place, "weight " + in_quotes(name) + " has no name in layout " +
                                   in_quotes(model_.layout) + " under 'names'");
  }
  return with_indices(*pattern, match.indices);
}

Shape WeightTable::declared_shape(const std::string& name, const WeightMatch& match) {
  Shape shape;
  for (const YamlNode& node : match.decl->shape) {
    const Expression& extent = expressions_.get(node);
    ParamScope scope(model_.params, budget_, match.indices);
    const ExprValue value = evaluate(extent, scope, budget_);
    const auto* integer = value.as<int64_t>();
    if (integer == nullptr || *integer < 1) {
      extent.fail(extent.root, "an extent of weight " + in_quotes(name) + " is " +
                                   value.describe() + ", expected an integer from 1");
    }
    shape.push_back(Dim::constant(*integer));
  }
  return shape;
}

ValueId WeightTable::value(const std::string& name) {
  const auto known = values_.find(name);
  if (known != values_.end()) return known->second;
  const WeightMatch match = *names_.find(name);
  const std::string in_file = file_name(name, match);
  Value value{.name = name,
              .kind = SIROCCO_VALUE_WEIGHT,
              .type = {model_.checkpoint_dtype, declared_shape(name, match)}};
  if (const std::optional<WeightTensor> tensor = model_.weights->find(in_file)) {
    if (tensor->type.shape != value.type.shape) {
      fail_at(match.decl->place, "weight " + in_quotes(name) + " should be " +
                                     shape_to_string(value.type.shape) + ", but " +
                                     in_quotes(in_file, 160) + " in " + model_.weights->label() +
                                     " is " + shape_to_string(tensor->type.shape));
    }
    value.type = tensor->type;
  } else {
    missing_.push_back(in_file);
  }
  const ValueId id = builder_.add_value(std::move(value));
  builder_.graph().weights.push_back({id, in_file});
  values_.emplace(name, id);
  return id;
}

void WeightTable::require_all(const std::string& also) const {
  if (missing_.empty()) return;
  throw Error(ErrorKind::invalid_file,
              model_.weights->label() + ": " + std::to_string(missing_.size()) +
                  (missing_.size() == 1 ? " tensor" : " tensors") + " of topology " +
                  in_quotes(model_.topology.name) + " missing (layout " + model_.layout +
                  "): " + some_names(missing_) + (also.empty() ? "" : "\n" + also));
}

std::vector<std::string> WeightTable::names() const {
  std::vector<std::string> names;
  for (const auto& [name, decl] : model_.topology.weights) names.push_back(name);
  return names;
}

}  // namespace sirocco
