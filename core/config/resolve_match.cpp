#include "config/resolve_match.hpp"

#include <algorithm>
#include <set>

#include <sirocco/error.hpp>

#include "config/resolve_params.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace fs = std::filesystem;
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// "model_type = 'x', rope_scaling = null": what the condition's names are in this checkpoint.
std::string values_of(const Expression& condition, CheckpointScope& scope) {
  std::vector<const Expr*> names;
  collect_names(condition.root, names);
  std::set<std::string> seen;
  std::string text;
  for (const Expr* name : names) {
    if (!seen.insert(name->text).second) continue;
    const ExprValue value = scope.find(name->text).value_or(ExprValue());
    const auto* list = value.as<ExprValue::List>();
    text += (text.empty() ? "" : ", ") + name->text + " = " +
            (list != nullptr && list->size() > 8 ? "a list" : value.to_string());
  }
  return text;
}

/// Why a match does not fit; empty where it does.
std::string objection(const MatchDecl& match, const LayoutDecl& layout, CheckpointFolder& folder) {
  if (folder.first_of({layout.config}).empty()) return "no " + layout.config;
  if (folder.first_of(layout.weights).empty()) return "none of " + joined(layout.weights);
  try {
    const Expression condition = parse_expression(match.condition);
    CheckpointScope scope(folder.config(layout.config));
    ExprBudget budget;
    const ExprValue value = evaluate(condition, scope, budget);
    if (value.as<bool>() == nullptr) {
      return "its condition is " + value.describe() + ", expected true or false";
    }
    if (*value.as<bool>()) return "";
    return "its condition does not hold, where " + values_of(condition, scope);
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

fs::path CheckpointFolder::first_of(const std::vector<std::string>& names) const {
  std::error_code error;
  for (const std::string& name : names) {
    fs::path file = folder_ / name;
    if (fs::is_regular_file(file, error)) return file;
  }
  return {};
}

bool CheckpointFolder::has(const LayoutDecl& layout) const {
  return !first_of({layout.config}).empty() && !first_of(layout.weights).empty();
}

const CheckpointConfig& CheckpointFolder::config(const std::string& name) {
  const auto known = configs_.find(name);
  if (known != configs_.end()) return known->second;
  return configs_.emplace(name, CheckpointConfig::read(folder_ / name)).first->second;
}

std::optional<Match> match_topology(const TopologyDocument& topology, CheckpointFolder& folder,
                                    const std::string& layout, std::vector<std::string>& tried) {
  std::optional<Match> found;
  for (const MatchDecl& decl : topology.matches) {
    if (!layout.empty() && decl.layout != layout) continue;
    if (found && decl.layout == found->decl->layout) continue;
    const LayoutDecl* files = find_named(topology.layouts, decl.layout);
    const std::string why = files == nullptr ? "no such layout" : objection(decl, *files, folder);
    if (!why.empty()) {
      tried.push_back(topology.name + " (" + decl.layout + ", " + decl.place.to_string() +
                      "): " + why);
    } else if (!found) {
      found = Match{&decl, {}};
    } else if (std::find(found->others.begin(), found->others.end(), decl.layout) ==
               found->others.end()) {
      found->others.push_back(decl.layout);
    }
  }
  return found;
}

TopologyDocument find_topology(CheckpointFolder& folder, const std::string& layout,
                               const ConfigPath& config) {
  std::vector<std::string> tried;
  std::set<std::string> seen;
  std::vector<TopologyDocument> found;
  for (const fs::path& root : config.roots) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(root / "topologies", error)) {
      if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      // The first root that has a file of a name wins.
      if (!seen.insert(file.filename().string()).second) continue;
      try {
        TopologyDocument topology = read_topology(file, config);
        if (match_topology(topology, folder, layout, tried)) found.push_back(std::move(topology));
      } catch (const Error& broken) {
        // Several may extend the broken one.
        if (seen.insert(broken.what()).second) tried.push_back(broken.what());
      }
    }
  }
  if (found.size() == 1) return std::move(found.front());
  const std::string subject = folder.path().string() + ": ";
  if (found.empty()) {
    std::string text = subject + "no topology fits this checkpoint";
    if (config.roots.empty()) text += " (there is no config folder: set SIROCCO_CONFIG_PATH)";
    if (!config.roots.empty() && seen.empty()) {
      text += " (there is none in " + (config.roots.front() / "topologies").string() + ")";
    }
    for (const std::string& line : tried) text += "\n  " + line;
    throw Error(ErrorKind::invalid_file,
                text + "\nwrite a model document that names a topology, or add a match to one");
  }
  std::string text = subject + "several topologies fit this checkpoint:";
  for (const TopologyDocument& topology : found) {
    text += "\n  " + topology.name + " (" + topology.file.string() + ")";
  }
  throw Error(ErrorKind::invalid_file,
              text + "\nname one in a model document, or make their matches exclude each other");
}

}  // namespace sirocco
