#include "config/documents_schema.hpp"

namespace sirocco {
namespace {

using namespace schema;

bool matches_size(std::string_view text) {
  return parse_size(text).has_value();
}
bool matches_layers(std::string_view text) {
  return parse_layers(text).has_value();
}

constexpr Format kSize{"a size such as '8GiB', '512MiB' or bytes", "^[0-9]+ ?([KMGT]i?B|B)?$",
                       matches_size};
constexpr Format kLayers{"layers such as '3', '0-3' or '0-10/2'", "^[0-9]+(-[0-9]+(/[0-9]+)?)?$",
                         matches_layers};

const Table& plugins_table() {
  static const Table table{
      .name = "plugins",
      .doc = "Where plugins are looked for",
      .keys = {
          {"paths", list_of(string()), "folders, relative to this document, before the usual ones",
           false},
          {"aliases", map_of(kSlug, string()), "another name for a plugin's file", false},
      }};
  return table;
}

const Table& backend_table() {
  static const Table table{
      .name = "backend",
      .doc = "A device that may run nodes",
      .keys = {
          {"name", string(kSlug), "name of the backend plugin", true},
          {"device", integer(0, 1023), "which of its devices; default 0", false},
          {"options", map_of(kKey, scalar()), "options of the backend", false},
      }};
  return table;
}

Type layers() {
  Type one = any_of({integer(0, 4095), string(kLayers)});
  Type type = any_of({list_of(one, 1), integer(0, 4095), string(kLayers)});
  type.what = "a layer, 'first-last', 'first-last/step' or a list of them";
  return type;
}

const Table& rule_table() {
  static const Table table{
      .name = "rule",
      .doc = "Nodes that must run on one backend; all criteria given must hold",
      .keys = {
          {"layers", layers(), "layers of the model", false},
          {"ops", list_of(string(), 1), "names of ops", false},
          {"nodes", list_of(string(), 1), "paths of nodes; * and ? stand for any characters",
           false},
          {"backend", string(), "one of 'backends'; name:1 for its device 1", true},
      }};
  return table;
}

const Table& memory_table() {
  static const Table table{.name = "memory",
                           .doc = "Bounds on memory",
                           .keys = {{"budget", any_of({integer(0), string(kSize)}),
                                     "bytes that weights, state and arenas may take", false}}};
  return table;
}

const Table& limits_table() {
  static const Table table{
      .name = "limits",
      .doc = "Largest sizes of a step",
      .keys = {
          {"max_tokens_per_step", integer(1, 1 << 24), "tokens of one step", false},
          {"max_seqs", integer(1, 1 << 20), "sequences at a time", false},
          {"max_rows", integer(1, 1 << 24), "rows of one step whose outputs are wanted", false},
          {"context", integer(1, 1 << 30), "tokens of one sequence", false},
          {"page_tokens", integer(1, 1 << 16), "tokens of one page of state", false},
      }};
  return table;
}

const Table& server_table() {
  static const Table table{.name = "server",
                           .doc = "Where the server listens",
                           .keys = {
                               {"host", string(), "address; default 127.0.0.1", false},
                               {"port", integer(0, 65535), "default 8080; 0: any free one", false},
                           }};
  return table;
}

Table make_deployment_table() {
  Table table{.name = "deployment",
              .doc = "What a model runs on: plugins, backends, placement and limits",
              .keys = heading_keys(DocumentKind::deployment, false)};
  const std::vector<Key> keys = {
      {"plugins", schema::table(plugins_table), "where plugins are looked for", false},
      {"backends", list_of(schema::table(backend_table), 1), "backends in order of preference",
       true},
      {"placement", list_of(schema::table(rule_table)), "rules; the first that fits a node decides",
       false},
      {"fallback", choice({"forbid", "warn", "allow"}),
       "what to do where a node cannot run where it should", false},
      {"threads", any_of({integer(1, 4096), choice({"auto"})}), "threads of the host's team",
       false},
      {"memory", schema::table(memory_table), "bounds on memory", false},
      {"numerics", choice({"f32", "bf16", "f16"}), "dtype of activations; default the checkpoint's",
       false},
      {"limits", schema::table(limits_table), "largest sizes of a step", false},
      {"server", schema::table(server_table), "where the server listens", false},
  };
  table.keys.insert(table.keys.end(), keys.begin(), keys.end());
  return table;
}

}  // namespace

const schema::Table& deployment_table() {
  static const Table table = make_deployment_table();
  return table;
}

}  // namespace sirocco
