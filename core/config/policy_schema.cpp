#include "config/documents_schema.hpp"

namespace sirocco {
namespace {

using namespace schema;

Type on_error() {
  return choice({"block", "allow"});
}

const Table& category_table() {
  static const Table table{
      .name = "category",
      .doc = "What happens to text of a category",
      .keys = {
          {"threshold", number(0, 1), "score at which it is a finding; default 0.5", false},
          {"action", choice({"allow", "flag", "redact", "block"}), "what a finding leads to", true},
          {"doc", string(), "what the category means; required of your own", false},
      }};
  return table;
}

const Table& moderator_table() {
  static const Table table{
      .name = "moderator",
      .doc = "A plugin that scores text",
      .keys = {
          {"plugin", string(kSlug), "name of the moderator plugin", true},
          {"name", string(kSlug), "name in records; default the plugin's", false},
          {"stages", list_of(choice({"prompt", "completion"}), 1), "what it sees; default both",
           false},
          {"categories", list_of(string(kIdentifier), 1), "what it may decide; default all", false},
          {"isolation", choice({"thread", "process"}), "where it runs; default thread", false},
          {"deadline_ms", integer(1, 600000), "milliseconds it may take", false},
          {"on_error", on_error(), "what its failure leads to; default the policy's", false},
          {"rules", string(), "a file for it, relative to this document", false},
          {"options", map_of(kKey, scalar()), "options of the plugin", false},
      }};
  return table;
}

const Table& held_tokens_table() {
  static const Table table{
      .name = "hold-back",
      .doc = "Hold back a number of tokens",
      .keys = {{"tokens", integer(1, 65536), "tokens that wait before they are shown", true}}};
  return table;
}

Table make_policy_table() {
  Table table{.name = "policy",
              .doc = "How text is moderated before anybody sees it",
              .keys = heading_keys(DocumentKind::policy, true)};
  Type hold_back = any_of({schema::table(held_tokens_table), choice({"sentence", "whole"})});
  hold_back.what = "'sentence', 'whole' or 'tokens: N'";
  const std::vector<Key> keys = {
      {"categories", map_of(kIdentifier, schema::table(category_table)),
       "categories and what happens to them", true},
      {"moderators", list_of(schema::table(moderator_table), 1), "moderators in order", true},
      {"hold_back", std::move(hold_back), "how much text waits to be cleared; default sentence",
       false},
      {"on_error", on_error(), "what a moderator's failure leads to; default block", false},
  };
  table.keys.insert(table.keys.end(), keys.begin(), keys.end());
  return table;
}

}  // namespace

const schema::Table& policy_table() {
  static const Table table = make_policy_table();
  return table;
}

}  // namespace sirocco
