#include "config/documents_schema.hpp"
#include "config/topology_text.hpp"

namespace sirocco {
namespace {

using namespace schema;

const Table& layout_table() {
  static const Table table{
      .name = "layout",
      .doc = "A convention of checkpoint files",
      .keys = {
          {"config", string(), "file of the checkpoint that holds the parameters", true},
          {"weights", list_of(string(), 1), "weight files; the first that exists is used", true},
          {"tokenizers", map_of(kKey, string(kSlug)),
           "tokenizer file to the plugin that reads it; the first that exists is used", false},
      }};
  return table;
}

Type paths() {
  Type type = any_of({list_of(string(), 1), string()});
  type.what = "a dotted key path or a list of them";
  return type;
}

const Table& param_table() {
  static const Table table{
      .name = "param",
      .doc = "A parameter of the model: its type and where its value comes from",
      .keys = {
          {"type",
           choice({"int", "float", "bool", "string", "int | null", "float | null", "bool | null",
                   "string | null"}),
           "type of the value", true},
          {"per", choice({"layer"}), "one value, or a list that tiles over the layers", false},
          {"from", map_of(kKey, paths()),
           "config file name, or gguf, to the key paths to try; those that are there must agree",
           false},
          {"default", any_of({list_of(nullable(scalar())), expression()}),
           "value where no source has one: an expression", false},
          {"value", any_of({list_of(nullable(scalar())), expression()}),
           "the value, computed and never read: an expression", false},
          {"layout", map_of(kIdentifier, literal()), "value by checkpoint layout", false},
          {"choices", list_of(scalar(), 1), "the only values allowed", false},
          {"min", number(), "smallest value allowed", false},
          {"max", number(), "largest value allowed", false},
          {"doc", string(), "what it means", false},
          {"hint", string(), "what to do where a checkpoint lacks it", false},
      }};
  return table;
}

const Table& state_table() {
  static const Table table{
      .name = "state",
      .doc = "A group of state that every sequence has",
      .keys = {
          {"kind", choice({"paged", "recurrent"}), "keys and values of tokens, or fixed elements",
           true},
          {"per", choice({"layer"}), "one for every layer", false},
          {"heads", expression(), "key and value heads of a paged state", false},
          {"head_dim", expression(), "elements of a key of one head", false},
          {"v_dim", expression(), "elements of a value of one head, if not head_dim", false},
          {"elements", expression(), "elements of a recurrent state, for one sequence", false},
          {"window", expression(), "tokens that are ever read again; null: all", false},
          {"page_tokens", expression(), "tokens of a page", false},
          {"dtype", expression(), "dtype of the elements", false},
      }};
  return table;
}

Type shape() {
  Type type = any_of({list_of(expression(), 1), expression()});
  type.what = "extents with commas between, or a list of them";
  return type;
}

const Table& weight_table() {
  static const Table table{.name = "weight",
                           .doc = "A weight, or with {i} in its name one of every layer",
                           .keys = {
                               {"shape", shape(), "its extents: expressions", true},
                               {"names", map_of(kIdentifier, string()),
                                "checkpoint layout to its name in the file", true},
                               {"when", expression(), "condition under which it exists", false},
                               {"doc", string(), "what it is", false},
                           }};
  return table;
}

const Table& repeat_table() {
  static const Table table{.name = "repeat",
                           .doc = "Statements repeated over an index",
                           .keys =
                               {
                                   {"repeat", string(kRepeatHeader),
                                    "index, count and names that depend on the index", true},
                                   {"do", statements_type(), "what is repeated", true},
                               },
                           .chosen_by = "repeat"};
  return table;
}

const Table& when_table() {
  static const Table table{
      .name = "when",
      .doc = "Statements under a condition that is known when the graph is built",
      .keys =
          {
              {"when", expression(), "the condition", true},
              {"do", statements_type(), "where it holds", true},
              {"else", statements_type(), "where it does not", false},
          },
      .chosen_by = "when"};
  return table;
}

const Table& return_table() {
  static const Table table{
      .name = "return",
      .doc = "What a function gives back",
      .keys = {{"return", expression(), "one value, or several with commas between", true}},
      .chosen_by = "return"};
  return table;
}

const Table& assignment_table() {
  static const Table table{
      .name = "statement",
      .doc = "Names, and the expression that they stand for from here on",
      .any_value = {expression()},
      .any_key = &kIdentifierList,
      .many_hint = "'- ' before each (a block starts with '- repeat' or '- when')"};
  return table;
}

const Table& match_table() {
  static const Table table{
      .name = "match",
      .doc = "How a checkpoint picks this topology",
      .keys = {
          {"layout", string(kIdentifier), "layout of the checkpoint", true},
          {"if", expression(), "condition on the checkpoint's own keys", true},
          {"pin", map_of(kIdentifier, literal()),
           "values of params that such checkpoints leave out", false},
          {"why", string(), "how it is known that this is right; inspect prints it", true},
      }};
  return table;
}

Table make_topology_table() {
  Table table{.name = "topology",
              .doc = "A model's structure: params, state, weights and graph",
              .keys = heading_keys(DocumentKind::topology, true),
              .extendable = true};
  const std::vector<Key> keys = {
      {"extends", string(), "a topology to start from: a name, or a file relative to this one",
       false},
      {"layouts", merged(map_of(kIdentifier, schema::table(layout_table))),
       "conventions of checkpoint files, by name", false},
      {"params", merged(map_of(kIdentifier, schema::table(param_table))),
       "parameters of the model, by name", false},
      {"dims", merged(map_of(kIdentifier, string())), "symbolic extents and what they mean", false},
      {"state", merged(map_of(kIdentifier, schema::table(state_table))),
       "groups of per-sequence state, by name", false},
      {"weights", merged(map_of(kWeightName, schema::table(weight_table))), "weights, by name",
       false},
      {"functions", merged(map_of(kSignature, statements_type())),
       "reusable statements: 'name(argument, …)' to a body that ends in 'return'", false},
      {"graph", statements_type(), "the statements of one step", true},
      {"outputs", merged(map_of(kIdentifier, expression())), "what a step gives, by name", true},
      {"matches", list_of(schema::table(match_table)), "how checkpoints pick this topology", false},
      {"context", expression(), "tokens that a sequence may hold", false},
  };
  table.keys.insert(table.keys.end(), keys.begin(), keys.end());
  return table;
}

}  // namespace

schema::Type statements_type() {
  Type statement = any_of({schema::table(repeat_table), schema::table(when_table),
                           schema::table(return_table), schema::table(assignment_table)});
  statement.what = "a statement: 'name: expression', 'repeat:', 'when:' or 'return:'";
  return list_of(std::move(statement), 1);
}

const schema::Table& topology_table() {
  static const Table table = make_topology_table();
  return table;
}

}  // namespace sirocco
