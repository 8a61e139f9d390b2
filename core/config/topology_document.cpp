#include "config/topology_document.hpp"

#include <algorithm>
#include <unordered_set>

#include "config/document_reader.hpp"
#include "config/text.hpp"
#include "config/topology_text.hpp"

namespace sirocco {
namespace {

/// A source of params and a layout that every topology has: its files describe themselves.
constexpr const char* kGguf = "gguf";
constexpr size_t kMaxNameLength = 256;
constexpr size_t kMaxDiagnostics = 200;

ParamType param_type(const std::string& type) {
  if (type.starts_with("int")) return ParamType::integer;
  if (type.starts_with("float")) return ParamType::number;
  return type.starts_with("bool") ? ParamType::boolean : ParamType::string;
}

class TopologyReader {
 public:
  Read<TopologyDocument> read(const YamlNode& root) {
    read_heading(root, out_);
    each(root, "layouts", [&](const YamlNode& key, const YamlNode& value) {
      out_.layouts.emplace_back(key.scalar, layout(key, value));
    });
    each(root, "params", [&](const YamlNode& key, const YamlNode& value) {
      out_.params.emplace_back(key.scalar, param(key, value));
    });
    each(root, "dims", [&](const YamlNode& key, const YamlNode& value) {
      out_.dims.emplace_back(key.scalar, value.scalar);
    });
    each(root, "state", [&](const YamlNode& key, const YamlNode& value) {
      out_.state.emplace_back(key.scalar, state(key, value));
    });
    each(root, "weights", [&](const YamlNode& key, const YamlNode& value) {
      out_.weights.emplace_back(key.scalar, weight(key, value));
    });
    each(root, "functions",
         [&](const YamlNode& key, const YamlNode& value) { function(key, value); });
    out_.graph = read_statement_list(*root.find("graph"), false, diagnostics_);
    each(root, "outputs", [&](const YamlNode& key, const YamlNode& value) {
      out_.outputs.emplace_back(key.scalar, value);
    });
    if (out_.outputs.empty()) add(root.find("outputs")->place, "no output, expected at least one");
    if (const YamlNode* matches = root.find("matches")) {
      for (const YamlNode& item : matches->items) out_.matches.push_back(match(item));
    }
    out_.context = node_of(root, "context");
    check_names();
    return {std::move(out_), std::move(diagnostics_)};
  }

 private:
  template <typename Visit>
  static void each(const YamlNode& map, std::string_view key, Visit visit) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) return;
    for (const auto& [name, value] : node->entries) visit(name, value);
  }

  void add(const Place& place, std::string message) {
    if (!full()) diagnostics_.push_back({place, std::move(message)});
  }

  /// More problems help nobody, and a hostile document can have tens of thousands.
  bool full() const { return diagnostics_.size() >= kMaxDiagnostics; }

  template <typename T>
  static std::vector<std::string> names_of(const Named<T>& map) {
    std::vector<std::string> names;
    for (const auto& [name, value] : map) names.push_back(name);
    return names;
  }

  void require_layout(const Place& place, const std::string& name) {
    if (full() || name == kGguf || find_named(out_.layouts, name) != nullptr) return;
    const std::vector<std::string> known = names_of(out_.layouts);
    add(place, "unknown layout " + in_quotes(name) + ", expected " +
                   (known.empty() ? "it under 'layouts'" : one_of(known)) +
                   did_you_mean(name, known));
  }

  static LayoutDecl layout(const YamlNode& key, const YamlNode& value) {
    LayoutDecl layout{key.place, text_of(value, "config"), texts_of(value.find("weights")), {}};
    each(value, "tokenizers", [&](const YamlNode& file, const YamlNode& plugin) {
      layout.tokenizers.emplace_back(file.scalar, plugin.scalar);
    });
    return layout;
  }

  ParamDecl param(const YamlNode& key, const YamlNode& value) {
    ParamDecl param;
    param.place = key.place;
    const std::string type = text_of(value, "type");
    param.type = param_type(type);
    param.nullable = type.ends_with("null");
    param.per_layer = value.find("per") != nullptr;
    each(value, "from", [&](const YamlNode& source, const YamlNode& paths) {
      require_source(source);
      param.from.emplace_back(source.scalar, texts_of(&paths));
    });
    param.fallback = node_of(value, "default");
    param.value = node_of(value, "value");
    each(value, "layout", [&](const YamlNode& layout, const YamlNode& literal) {
      require_layout(layout.place, layout.scalar);
      param.layout.emplace_back(layout.scalar, literal);
    });
    if (const YamlNode* choices = value.find("choices")) param.choices = choices->items;
    param.min = number_of(value, "min");
    param.max = number_of(value, "max");
    param.doc = text_of(value, "doc");
    param.hint = text_of(value, "hint");
    check_param(key, value, param);
    return param;
  }

  void require_source(const YamlNode& source) {
    const bool is_config =
        std::any_of(out_.layouts.begin(), out_.layouts.end(),
                    [&](const auto& layout) { return layout.second.config == source.scalar; });
    if (full() || is_config || source.scalar == kGguf) return;
    std::vector<std::string> known = {kGguf};
    for (const auto& [name, layout] : out_.layouts) known.push_back(layout.config);
    add(source.place, "unknown source " + in_quotes(source.scalar) + ", expected " + one_of(known) +
                          did_you_mean(source.scalar, known));
  }

  void check_param(const YamlNode& key, const YamlNode& value, const ParamDecl& param) {
    const std::string subject = "param " + in_quotes(key.scalar);
    const bool read = !param.from.empty() || !param.layout.empty();
    if (param.value && (read || param.fallback)) {
      add(value.find("value")->place, subject +
                                          " has 'value', which excludes 'from', 'layout' and "
                                          "'default'");
    }
    if (!param.value && !read && !param.fallback) {
      add(key.place, subject +
                         " comes from nowhere, expected 'from', 'layout', 'value' or "
                         "'default'");
    }
    const bool numeric = param.type == ParamType::integer || param.type == ParamType::number;
    for (const char* bound : {"min", "max"}) {
      const YamlNode* node = value.find(bound);
      if (node != nullptr && !numeric) {
        add(node->place, subject + " is no number, expected no " + in_quotes(bound));
      }
    }
    if (param.min && param.max && *param.min > *param.max) {
      add(value.find("min")->place, subject + " has 'min' above 'max'");
    }
  }

  StateDecl state(const YamlNode& key, const YamlNode& value) {
    StateDecl state;
    state.place = key.place;
    state.kind = text_of(value, "kind");
    state.per_layer = value.find("per") != nullptr;
    state.heads = node_of(value, "heads");
    state.head_dim = node_of(value, "head_dim");
    state.v_dim = node_of(value, "v_dim");
    state.elements = node_of(value, "elements");
    state.window = node_of(value, "window");
    state.page_tokens = node_of(value, "page_tokens");
    state.dtype = node_of(value, "dtype");
    const bool paged = state.kind == "paged";
    const std::vector<const char*> needed = paged ? std::vector<const char*>{"heads", "head_dim"}
                                                  : std::vector<const char*>{"elements"};
    for (const char* name : needed) {
      if (value.find(name) == nullptr) {
        add(key.place, in_quotes(name) + " is missing from the " + state.kind + " state " +
                           in_quotes(key.scalar));
      }
    }
    const std::vector<const char*> foreign =
        paged ? std::vector<const char*>{"elements"}
              : std::vector<const char*>{"heads", "head_dim", "v_dim", "window", "page_tokens"};
    for (const char* name : foreign) {
      if (const YamlNode* node = value.find(name)) {
        add(node->place, "a " + state.kind + " state has no " + in_quotes(name));
      }
    }
    return state;
  }

  WeightDecl weight(const YamlNode& key, const YamlNode& value) {
    WeightDecl weight;
    weight.place = key.place;
    const YamlNode& shape = *value.find("shape");
    weight.shape = shape.is_sequence() ? shape.items : split_at_commas(shape);
    for (const YamlNode& extent : weight.shape) {
      if (extent.is_null() || extent.scalar.empty()) {
        add(extent.place, "an empty extent in the shape of " + in_quotes(key.scalar));
      }
    }
    each(value, "names", [&](const YamlNode& layout, const YamlNode& name) {
      require_layout(layout.place, layout.scalar);
      check_indices(key, name);
      weight.names.emplace_back(layout.scalar, name.scalar);
    });
    weight.when = node_of(value, "when");
    weight.doc = text_of(value, "doc");
    return weight;
  }

  /// Every {i} of the weight's name must be in its file name and the other way round, or two layers
  /// would share a tensor unnoticed.
  void check_indices(const YamlNode& key, const YamlNode& file_name) {
    if (file_name.scalar.size() > kMaxNameLength) {
      add(file_name.place, "a name of more than " + std::to_string(kMaxNameLength) + " bytes");
      return;
    }
    for (const bool forward : {true, false}) {
      const std::string& from = forward ? key.scalar : file_name.scalar;
      const std::string& to = forward ? file_name.scalar : key.scalar;
      for (size_t open = from.find('{'); open != std::string::npos;
           open = from.find('{', open + 1)) {
        const size_t close = from.find('}', open);
        if (close == std::string::npos) break;
        const std::string index = from.substr(open, close - open + 1);
        if (to.find(index) != std::string::npos) continue;
        add(file_name.place, in_quotes(file_name.scalar) + " for " + in_quotes(key.scalar) +
                                 ", expected " + index + (forward ? " in it" : " in both"));
      }
    }
  }

  void function(const YamlNode& key, const YamlNode& value) {
    Signature signature = parse_signature(key);
    if (find_named(out_.functions, signature.name) != nullptr) {
      add(key.place, "a second function " + in_quotes(signature.name));
    }
    std::unordered_set<std::string> seen;
    for (const std::string& arg : signature.args) {
      if (!seen.insert(arg).second) {
        add(key.place,
            "argument " + in_quotes(arg) + " of " + in_quotes(signature.name) + " is given twice");
      }
    }
    FunctionDecl function;
    function.place = key.place;
    function.args = std::move(signature.args);
    function.body = read_statement_list(value, true, diagnostics_);
    out_.functions.emplace_back(std::move(signature.name), std::move(function));
  }

  MatchDecl match(const YamlNode& item) {
    MatchDecl match;
    match.place = item.place;
    const YamlNode& layout = *item.find("layout");
    match.layout = layout.scalar;
    require_layout(layout.place, match.layout);
    match.condition = *item.find("if");
    match.why = text_of(item, "why");
    each(item, "pin", [&](const YamlNode& param, const YamlNode& value) {
      if (find_named(out_.params, param.scalar) == nullptr) {
        add(param.place, "unknown param " + in_quotes(param.scalar) + " in 'pin'" +
                             did_you_mean(param.scalar, names_of(out_.params)));
      }
      match.pin.emplace_back(param.scalar, value);
    });
    return match;
  }

  /// Names that an expression could mean are unique: a param, a dim and a state may not share one.
  void check_names() {
    std::unordered_set<std::string> params;
    for (const auto& [name, param] : out_.params) params.insert(name);
    for (const auto& [name, state] : out_.state) {
      if (params.count(name) > 0) {
        add(state.place, "state " + in_quotes(name) + " has the name of a param");
      }
    }
    for (const auto& [name, weight] : out_.weights) {
      if (params.count(name) > 0 || find_named(out_.state, name) != nullptr) {
        add(weight.place, "weight " + in_quotes(name) + " has the name of a param or state");
      }
    }
  }

  TopologyDocument out_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace

Read<TopologyDocument> read_topology_tree(const MergedTree& tree) {
  if (!tree.diagnostics.empty()) return {{}, tree.diagnostics};
  return TopologyReader().read(tree.root);
}

}  // namespace sirocco
