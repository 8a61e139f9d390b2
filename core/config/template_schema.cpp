#include "config/documents_schema.hpp"

namespace sirocco {
namespace {

using namespace schema;

Type when() {
  return any_of({list_of(string(), 1), string()});
}

const Table& control_table();
const Table& text_table();
const Table& calls_table();
const Table& group_table();

Type pieces() {
  return list_of(any_of({schema::table(control_table), schema::table(text_table),
                         schema::table(calls_table), schema::table(group_table)}));
}

const Table& control_table() {
  static const Table table{
      .name = "control",
      .doc = "A control token of the vocabulary",
      .keys = {{"control", string(), "its name, as <s>", true},
               {"when", when(), "conditions that must all hold; 'not X' for the opposite", false}},
      .chosen_by = "control"};
  return table;
}

const Table& text_table() {
  static const Table table{
      .name = "text",
      .doc = "Text; texts beside one another are encoded as one",
      .keys = {{"text", string(), "with fields as ${content}, ${content|string}, ${content|value}",
                true},
               {"when", when(), "conditions that must all hold; 'not X' for the opposite", false},
               {"continues", boolean(),
                "it goes on with a text, so that none of the space before a text is put", false}},
      .chosen_by = "text"};
  return table;
}

const Table& calls_table() {
  static const Table table{
      .name = "calls",
      .doc = "Written once for each tool call of the message",
      .keys = {{"calls", pieces(), "what is written for a call", true},
               {"when", when(), "conditions that must all hold; 'not X' for the opposite", false},
               {"between", string(), "text between two calls", false}},
      .chosen_by = "calls"};
  return table;
}

const Table& group_table() {
  static const Table table{
      .name = "group",
      .doc = "Pieces under one condition",
      .keys = {{"do", pieces(), "what is written", true},
               {"when", when(), "conditions that must all hold; 'not X' for the opposite", true}},
      .chosen_by = "do"};
  return table;
}

Type role_name() {
  return choice({"system", "user", "assistant", "tool"});
}

const Table& role_table() {
  static const Table table{
      .name = "role",
      .doc = "How messages of a role are taken and written",
      .keys = {
          {"then", list_of(role_name(), 1), "roles that may follow", true},
          {"collect", boolean(), "no turn of its own: all of them become the field 'system'",
           false},
          {"merge", boolean(), "several in a row become one", false},
          {"trim_end", boolean(), "spaces at the end are dropped", false},
          {"calls_with_content", boolean(), "may have both calls and content; default true", false},
          {"write", pieces(), "what is written for a message", false},
      }};
  return table;
}

const Table& fits_table() {
  static const Table table{
      .name = "fits",
      .doc = "The vocabularies for which this template is taken where none is named",
      .keys = {
          {"has", list_of(string(), 1), "control tokens that it must have", true},
          {"lacks", list_of(string()), "control tokens that would mean another template", false},
      }};
  return table;
}

const Table& roles_table() {
  static const Table table{.name = "roles",
                           .doc = "The roles that a conversation may have",
                           .keys = {
                               {"system", schema::table(role_table), "instructions", false},
                               {"user", schema::table(role_table), "who asks", true},
                               {"assistant", schema::table(role_table), "who answers", true},
                               {"tool", schema::table(role_table), "results of calls", false},
                           }};
  return table;
}

Table make_template_table() {
  Table table{.name = "template",
              .doc = "A chat template: how messages become tokens",
              .keys = heading_keys(DocumentKind::chat_template, true),
              .extendable = true};
  const std::vector<Key> keys = {
      {"extends", string(), "a template to start from: a name, or a file relative to this one",
       false},
      {"fits", schema::table(fits_table), "when it is taken though none is named", false},
      {"join", string(), "between texts that become one; default nothing", false},
      {"begins_with", role_name(), "role of which an empty message is put before any other", false},
      {"call_id_length", integer(1, 256), "letters and digits of a call's id; default any", false},
      {"balanced_calls", boolean(), "every call needs its result; default false", false},
      {"begin", pieces(), "what every sequence starts with", false},
      {"roles", schema::table(roles_table), "the roles and how their messages are written", true},
      {"fim", pieces(), "fill in the middle, of the fields 'prompt' and 'suffix'", false},
  };
  table.keys.insert(table.keys.end(), keys.begin(), keys.end());
  return table;
}

}  // namespace

const schema::Table& template_table() {
  static const Table table = make_template_table();
  return table;
}

}  // namespace sirocco
