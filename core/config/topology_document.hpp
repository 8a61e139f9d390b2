#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/named.hpp"
#include "config/node.hpp"

namespace sirocco {

// A topology as written, `extends` applied. Fields of type YamlNode hold expressions (or literals,
// where said) with their place; their text is in `scalar`, whether it was quoted does not matter.

/// A convention of checkpoint files: which file holds the parameters and which the weights.
struct LayoutDecl {
  Place place;
  std::string config;                ///< file name in the checkpoint folder: "config.json"
  std::vector<std::string> weights;  ///< file names; the first that exists is used
  /// File name to the plugin that reads it; the first that exists is used.
  Named<std::string> tokenizers;
};

enum class ParamType { integer, number, boolean, string };

/// A parameter of the model: read from the checkpoint, given by the layout, computed, or defaulted.
struct ParamDecl {
  Place place;
  ParamType type = ParamType::integer;
  bool nullable = false;   ///< "int | null"
  bool per_layer = false;  ///< one value, or a list that tiles over the layers
  /// Config file name, or "gguf", to dotted key paths. The first that is present counts; others
  /// that are present too must agree with it.
  Named<std::vector<std::string>> from;
  std::optional<YamlNode> fallback;  ///< `default`: used where no source has it
  std::optional<YamlNode> value;     ///< computed, never read; excludes `from` and `layout`
  Named<YamlNode> layout;            ///< layout name to literal
  std::vector<YamlNode> choices;     ///< literals; empty: any
  std::optional<double> min;
  std::optional<double> max;
  std::string doc;
  std::string hint;  ///< what to do where the checkpoint lacks it
};

/// A group of per-sequence state.
struct StateDecl {
  Place place;
  std::string kind;  ///< "paged" or "recurrent"
  bool per_layer = false;
  std::optional<YamlNode> heads;
  std::optional<YamlNode> head_dim;
  std::optional<YamlNode> v_dim;  ///< absent: head_dim
  std::optional<YamlNode> elements;
  std::optional<YamlNode> window;
  std::optional<YamlNode> page_tokens;
  std::optional<YamlNode> dtype;
};

/// A weight, or with {i} in its name one of every layer.
struct WeightDecl {
  Place place;
  std::vector<YamlNode> shape;  ///< one expression an extent
  Named<std::string> names;     ///< layout name to the name in the file, {i} replaced
  std::optional<YamlNode> when;
  std::string doc;
};

/// A name bound by `repeat` besides the index: `L = layers.{i}`.
struct RepeatBinding {
  std::string name;
  YamlNode value;  ///< a prefix of weight names; {i} stands for the index
};

/// One item of a graph or of a function's body.
struct Statement {
  enum class Kind { assign, repeat, when, give };

  Kind kind = Kind::assign;
  Place place;
  std::vector<std::string> names;  ///< assign: the names bound, in order
  /// assign: the value; repeat: the count; when: the condition; give (`return`): the results.
  YamlNode expression;
  std::string index;                    ///< repeat
  std::vector<RepeatBinding> bindings;  ///< repeat
  std::vector<Statement> body;          ///< repeat, when
  std::vector<Statement> otherwise;     ///< when
};

struct FunctionDecl {
  Place place;
  std::vector<std::string> args;
  std::vector<Statement> body;  ///< only the last may be `give`, and it is
};

/// How a checkpoint picks this topology: by a condition on the checkpoint's own keys.
struct MatchDecl {
  Place place;
  std::string layout;
  YamlNode condition;   ///< `if`
  Named<YamlNode> pin;  ///< param name to literal, for keys that such checkpoints leave out
  std::string why;
};

struct TopologyDocument {
  std::string name;
  std::string doc;
  std::filesystem::path file;
  Place place;
  Named<LayoutDecl> layouts;
  Named<ParamDecl> params;
  Named<std::string> dims;  ///< symbolic name to documentation
  Named<StateDecl> state;
  Named<FunctionDecl> functions;
  Named<WeightDecl> weights;
  std::vector<Statement> graph;
  Named<YamlNode> outputs;
  std::vector<MatchDecl> matches;
  std::optional<YamlNode> context;  ///< tokens a sequence may hold
};

/// Statements of a list, as in `functions`; of an op's decomposition too. Throws
/// Error(invalid_file) with everything that is wrong. `function`: `return` is the last statement,
/// and only there.
std::vector<Statement> read_statements(const YamlNode& list, bool function);

}  // namespace sirocco
