#include "config/documents_schema.hpp"

namespace sirocco {
namespace {

using namespace schema;

const Table& weights_table() {
  static const Table table{
      .name = "weights",
      .doc = "Where the weights are, if not in the checkpoint",
      .keys = {
          {"path", string(), "file or folder, relative to this document", true},
          {"sha256", string(kSha256), "of the file; checked before it is used", false},
          {"quantisation", string(kSlug), "scheme to quantise to when loading", false},
      }};
  return table;
}

const Table& tokenizer_table() {
  static const Table table{.name = "tokenizer",
                           .doc = "What turns text into tokens",
                           .keys = {
                               {"plugin", string(kSlug), "name of the tokenizer plugin", true},
                               {"file", string(), "its model, relative to this document", true},
                           }};
  return table;
}

const Table& adapter_table() {
  static const Table table{
      .name = "adapter",
      .doc = "A low-rank adapter",
      .keys = {
          {"name", string(kSlug), "what requests call it", true},
          {"path", string(), "its file or folder, relative to this document", true},
          {"scale", number(), "factor; default 1", false},
      }};
  return table;
}

const Table& generation_table() {
  static const Table table{.name = "generation",
                           .doc = "Defaults of sampling",
                           .keys = {
                               {"max_tokens", integer(1), "tokens to generate at most", false},
                               {"temperature", number(0, 100), "0: greedy", false},
                               {"top_k", integer(0), "0: no limit", false},
                               {"top_p", number(0, 1), "1: no limit", false},
                               {"min_p", number(0, 1), "0: no limit", false},
                               {"repetition_penalty", number(0.001, 100), "1: none", false},
                               {"frequency_penalty", number(-2, 2), "0: none", false},
                               {"presence_penalty", number(-2, 2), "0: none", false},
                               {"seed", integer(0), "seed of the random numbers", false},
                               {"stop", list_of(string()), "texts that end the generation", false},
                           }};
  return table;
}

Table make_model_table() {
  Table table{.name = "model",
              .doc = "A model: a topology with the values, weights and tokenizer it runs with",
              .keys = heading_keys(DocumentKind::model, true),
              .extendable = true};
  const std::vector<Key> keys = {
      {"extends", string(), "a model to start from: a name, or a file relative to this one", false},
      {"topology", string(), "a topology: a name, or a file relative to this one", false},
      {"checkpoint", string(), "folder that holds the parameters and weights", false},
      {"layout", string(kIdentifier), "which of the topology's layouts the checkpoint has", false},
      {"params", merged(map_of(kIdentifier, literal())), "values that override the checkpoint's",
       false},
      {"weights", schema::table(weights_table), "weights, if not the checkpoint's", false},
      {"tokenizer", schema::table(tokenizer_table), "what turns text into tokens", false},
      {"template", string(), "chat template: a name, or a file relative to this one", false},
      {"adapters", list_of(schema::table(adapter_table)), "low-rank adapters", false},
      {"generation", schema::table(generation_table), "defaults of sampling", false},
      {"context", integer(1), "tokens that a sequence may hold", false},
  };
  table.keys.insert(table.keys.end(), keys.begin(), keys.end());
  return table;
}

}  // namespace

const schema::Table& model_table() {
  static const Table table = make_model_table();
  return table;
}

}  // namespace sirocco
