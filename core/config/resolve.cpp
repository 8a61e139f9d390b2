#include "config/resolve.hpp"

#include <sirocco/error.hpp>

#include "config/resolve_digest.hpp"
#include "config/resolve_match.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::invalid_file, what);
}

/// Builds a ResolvedModel step by step.
class Resolver {
 public:
  explicit Resolver(const ResolveOptions& options) : options_(options) {}

  std::shared_ptr<const ResolvedModel> run(const fs::path& path) {
    read_source(path);
    choose_topology();
    choose_layout();
    read_params();
    open_weights();
    choose_tokenizer();
    find_context();
    return std::move(model_);
  }

 private:
  const ModelDocument* document() const { return model_->document ? &*model_->document : nullptr; }

  void read_source(const fs::path& path) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      model_->directory = path;
      const fs::path clean = fs::absolute(path, error).lexically_normal();
      model_->name = (clean.has_filename() ? clean : clean.parent_path()).filename().string();
    } else if (!fs::exists(path, error)) {
      fail(path.string() + ": there is no such file or folder");
    } else if (path.extension() == ".yaml" || path.extension() == ".yml") {
      model_->document = read_model(path, options_.config);
      model_->name = document()->name;
      if (document()->checkpoint) model_->directory = *document()->checkpoint;
      refuse_unoffered();
    } else {
      fail(path.string() + ": expected a model document (.yaml) or a checkpoint folder");
    }
    if (model_->directory.empty()) return;
    if (!fs::is_directory(model_->directory, error)) {
      const std::string from = document() ? document()->place.to_string() + ": " : "";
      fail(from + "there is no checkpoint folder " + in_quotes(model_->directory.string(), 300));
    }
    folder_.emplace(model_->directory);
  }

  /// What a document may say but nothing does yet is refused, not ignored.
  void refuse_unoffered() const {
    if (!document()->adapters.empty()) fail_at(document()->place, "adapters are not offered yet");
    if (document()->weights && !document()->weights->quantisation.empty()) {
      fail_at(document()->place, "quantising while loading is not offered yet");
    }
  }

  std::string wanted_layout() const { return document() ? document()->layout : ""; }

  void choose_topology() {
    if (document() && document()->topology) {
      model_->topology = read_topology(*document()->topology, options_.config);
    } else if (folder_) {
      model_->topology = find_topology(*folder_, wanted_layout(), options_.config);
    } else {
      fail_at(document()->place, "this model has neither 'topology' nor 'checkpoint'");
    }
  }

  void choose_layout() {
    const TopologyDocument& topology = model_->topology;
    std::vector<std::string> tried;
    if (folder_) match_ = match_topology(topology, *folder_, wanted_layout(), tried);
    if (!wanted_layout().empty()) {
      model_->layout = wanted_layout();
      if (find_named(topology.layouts, model_->layout) == nullptr) unknown_layout();
    } else if (match_) {
      model_->layout = match_->decl->layout;
      for (const std::string& other : match_->others) {
        model_->notes.push_back("layout " + model_->layout + " used; " + other + " is there too");
      }
    } else {
      guess_layout();
    }
  }

  [[noreturn]] void unknown_layout() const {
    std::vector<std::string> known;
    for (const auto& [name, layout] : model_->topology.layouts) known.push_back(name);
    fail_at(document()->place, "topology " + in_quotes(model_->topology.name) + " has no layout " +
                                   in_quotes(model_->layout) +
                                   (known.empty() ? "" : ", expected " + one_of(known)) +
                                   did_you_mean(model_->layout, known));
  }

  /// Without a match: the only layout whose files are there.
  void guess_layout() {
    std::vector<std::string> fitting;
    std::string files;
    for (const auto& [name, layout] : model_->topology.layouts) {
      if (!folder_ || folder_->has(layout)) fitting.push_back(name);
      files += "\n  " + name + ": " + layout.config + " and one of";
      for (const std::string& file : layout.weights) files += " " + file;
    }
    if (fitting.size() == 1) {
      model_->layout = fitting.front();
      return;
    }
    if (fitting.empty() && folder_) {
      fail(folder_->path().string() + ": the files of no layout of topology " +
           in_quotes(model_->topology.name) + " are here, expected" + files);
    }
    if (!fitting.empty()) {
      fail(document()->place.to_string() + ": several layouts are possible, expected 'layout: ' " +
           one_of(fitting));
    }
  }

  void read_params() {
    refuse_unknown_overrides();
    std::map<std::string, GivenParam> given;
    std::string missing;
    for (const auto& [name, decl] : model_->topology.params) {
      if (give_override(name, decl, given) || decl.value) continue;
      if (give_from_file(name, decl, given) || give_pin(name, decl, given)) continue;
      if (const YamlNode* literal = find_named(decl.layout, model_->layout)) {
        given[name] = {literal_value(*literal), "layout " + model_->layout,
                       literal->place.to_string()};
      } else if (!decl.fallback) {
        missing += (missing.empty() ? "" : "\n") + describe_missing(name, decl);
      }
    }
    if (!missing.empty()) fail(missing);
    model_->params = ParamTable(model_->topology, given);
  }

  bool give_override(const std::string& name, const ParamDecl&,
                     std::map<std::string, GivenParam>& given) const {
    const YamlNode* node = find_named(options_.params, name);
    const char* origin = "override";
    if (node == nullptr && document()) {
      node = find_named(document()->params, name);
      origin = "model document";
    }
    if (node == nullptr) return false;
    given[name] = {literal_value(*node), origin, node->place.to_string()};
    return true;
  }

  void refuse_unknown_overrides() const {
    std::vector<std::string> known;
    for (const auto& [name, decl] : model_->topology.params) known.push_back(name);
    std::vector<Diagnostic> unknown;
    const auto check = [&](const Named<YamlNode>& params) {
      for (const auto& [name, node] : params) {
        if (find_named(model_->topology.params, name) != nullptr) continue;
        unknown.push_back({node.place, "topology " + in_quotes(model_->topology.name) +
                                           " has no param " + in_quotes(name) +
                                           did_you_mean(name, known)});
      }
    };
    check(options_.params);
    if (document()) check(document()->params);
    throw_if_any(std::move(unknown));
  }

  const LayoutDecl* layout() const { return find_named(model_->topology.layouts, model_->layout); }

  /// The paths at which the layout's config file may hold the param.
  const std::vector<std::string>* paths_of(const ParamDecl& decl) const {
    return layout() == nullptr ? nullptr : find_named(decl.from, layout()->config);
  }

  bool give_from_file(const std::string& name, const ParamDecl& decl,
                      std::map<std::string, GivenParam>& given) {
    const std::vector<std::string>* paths = folder_ ? paths_of(decl) : nullptr;
    if (paths == nullptr) return false;
    const CheckpointConfig& config = folder_->config(layout()->config);
    const std::string* used = nullptr;
    for (const std::string& path : *paths) {
      std::optional<ExprValue> value = config.find(path);
      // Some writers put null where they mean that there is nothing.
      if (!value || (value->is_null() && !decl.nullable)) continue;
      if (used == nullptr) {
        given[name] = {std::move(*value), layout()->config + ": " + path,
                       config.file().string() + ": " + in_quotes(path)};
        used = &path;
      } else if (!(given[name].value == *value)) {
        fail(config.file().string() + ": " + in_quotes(*used) + " and " + in_quotes(path) +
             " are both there and differ (" + given[name].value.to_string() + ", " +
             value->to_string() + "), expected one of them for param " + in_quotes(name));
      }
    }
    return used != nullptr;
  }

  bool give_pin(const std::string& name, const ParamDecl&,
                std::map<std::string, GivenParam>& given) const {
    const YamlNode* pin = match_ ? find_named(match_->decl->pin, name) : nullptr;
    if (pin == nullptr) return false;
    const ExprValue value = literal_value(*pin);
    given[name] = {value, "pinned: " + match_->decl->why, pin->place.to_string()};
    model_->pins.push_back({name, value.to_string(), match_->decl->why});
    return true;
  }

  std::string describe_missing(const std::string& name, const ParamDecl& decl) const {
    const std::vector<std::string>* paths = paths_of(decl);
    std::string text;
    if (folder_ && paths != nullptr && !paths->empty()) {
      text = (folder_->path() / layout()->config).string() + ": " + one_of(*paths) +
             " is missing, from which param " + in_quotes(name) + " is read";
    } else {
      text = (document() ? document()->place.to_string() : model_->directory.string()) +
             ": param " + in_quotes(name) + " has no value" +
             (folder_ ? " in a checkpoint of layout " + in_quotes(model_->layout) : "");
    }
    text += decl.hint.empty() ? "" : " (" + decl.hint + ")";
    return text + "; give it under 'params' of a model document";
  }

  void open_weights() {
    fs::path file;
    const WeightsChoice* choice =
        document() && document()->weights ? &*document()->weights : nullptr;
    std::error_code error;
    if (choice != nullptr && !fs::is_directory(choice->path, error)) {
      file = choice->path;
    } else {
      const fs::path folder = choice != nullptr ? choice->path : model_->directory;
      if (folder.empty()) fail_at(document()->place, "this model has no weights");
      if (layout() == nullptr) fail(folder.string() + ": weights of no known layout");
      file = CheckpointFolder(folder).first_of(layout()->weights);
      if (file.empty()) {
        fail(folder.string() + ": no weights, expected " + one_of(layout()->weights));
      }
    }
    if (choice != nullptr && !choice->sha256.empty()) check_sha256(file, choice->sha256);
    model_->weights = sirocco::open_weights(file);
    model_->checkpoint_dtype = dominant_dtype(*model_->weights);
  }

  void choose_tokenizer() {
    if (document() && document()->tokenizer) {
      model_->tokenizer = document()->tokenizer;
      return;
    }
    if (!folder_ || layout() == nullptr) return;
    for (const auto& [file, plugin] : layout()->tokenizers) {
      const fs::path found = folder_->first_of({file});
      if (found.empty()) continue;
      model_->tokenizer = TokenizerChoice{plugin, found};
      return;
    }
  }

  void find_context() {
    if (document() && document()->context) {
      model_->context = document()->context;
      return;
    }
    if (!model_->topology.context) return;
    const Expression expression = parse_expression(*model_->topology.context);
    ExprBudget budget;
    ParamScope scope(model_->params, budget, {});
    const ExprValue value = evaluate(expression, scope, budget);
    if (value.is_null()) return;
    const auto* tokens = value.as<int64_t>();
    if (tokens == nullptr || *tokens < 1) {
      expression.fail(expression.root, "the context is " + value.describe() +
                                           ", expected an integer from 1 or null");
    }
    model_->context = *tokens;
  }

  const ResolveOptions& options_;
  std::shared_ptr<ResolvedModel> model_ = std::make_shared<ResolvedModel>();
  std::optional<CheckpointFolder> folder_;
  std::optional<Match> match_;  ///< points into the topology
};

}  // namespace

std::shared_ptr<const ResolvedModel> resolve_model(const fs::path& model,
                                                   const ResolveOptions& options) {
  return Resolver(options).run(model);
}

}  // namespace sirocco
