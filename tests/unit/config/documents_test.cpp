#include "config/documents.hpp"

#include "catch.hpp"
#include "config/validate.hpp"
#include "document_files.hpp"

using namespace sirocco;
namespace fs = std::filesystem;

TEST_CASE("A document states its kind and version") {
  const auto error = [](const std::string& text) {
    return message_of([&] { document_kind(parse_yaml(text, "t")); });
  };
  CHECK(document_kind(parse_yaml("sirocco: policy/1", "t")) == DocumentKind::policy);
  CHECK_THAT(error("name: a"),
             holds("t:1:1: ") && holds("does not state its kind") &&
                 holds("'topology', 'model', 'deployment', 'policy' or 'template'"));
  CHECK_THAT(error("sirocco: modl/1"), holds("t:1:10: ") && holds("did you mean 'model/1'?"));
  CHECK_THAT(error("sirocco: model/2"), holds("expected version 1: 'model/1'"));
  CHECK_THAT(error("sirocco: model"), holds("expected version 1"));
  CHECK_THAT(error("[a]"), holds("no document"));
  CHECK_THAT(error(""), holds("no document"));
  CHECK_THAT(error("sirocco: [model/1]"), holds("t:1:10: "));
}

TEST_CASE("A document of another kind is refused") {
  CHECK_THAT(message_of([] { to_policy(parse_yaml("sirocco: model/1\nname: a\n", "t")); }),
             holds("t:1:10: this document is a model, expected a policy"));
}

TEST_CASE("Documents are found by path and by name") {
  DocumentFiles files;
  files.write("models/m.yaml", "");
  const fs::path near = files.write("models/near.yaml", "");
  const fs::path beside = files.write("topologies/t.yaml", "");
  const fs::path far = files.write("root/topologies/far.yaml", "");
  const ConfigPath config{{files.folder() / "root"}};
  const Place from{(files.folder() / "models/m.yaml").string(), 3, 5};
  const auto find = [&](const std::string& name) {
    return find_document(DocumentKind::topology, name, from, config);
  };
  CHECK(fs::equivalent(find("near"), near));
  CHECK(fs::equivalent(find("near.yaml"), near));
  CHECK(fs::equivalent(find("t"), beside));
  CHECK(fs::equivalent(find("../topologies/t.yaml"), beside));
  CHECK(fs::equivalent(find("far"), far));
  CHECK_THAT(message_of([&] { find("fra"); }),
             holds("m.yaml:3:5: there is no topology named 'fra'") && holds("root/topologies") &&
                 holds("did you mean 'far'?"));
  CHECK_THAT(message_of([&] { find("none.yaml"); }), holds(":3:5: there is no file"));
}

TEST_CASE("A model as written") {
  DocumentFiles files;
  files.write("topologies/dense.yaml", "sirocco: topology/1\n");
  const fs::path file = files.write("models/small.yaml", R"(sirocco: model/1
name: small
topology: dense
checkpoint: ../weights/small
layout: hf
params: {rope_theta: 1e6, window: [16, null]}
weights:
  path: w.safetensors
  sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
tokenizer: {plugin: tokenizer-x, file: ../weights/tokenizer.model}
template: chat
adapters:
  - {name: poet, path: poet, scale: 2}
generation: {max_tokens: 64, temperature: 0, stop: ["</s>"]}
context: 4096
)");
  const ModelDocument model = read_model(file, {});
  CHECK(model.name == "small");
  CHECK(model.file == file);
  CHECK(fs::equivalent(*model.topology, files.folder() / "topologies/dense.yaml"));
  CHECK(*model.checkpoint == (files.folder() / "weights/small"));
  CHECK(model.layout == "hf");
  CHECK(find_named(model.params, "rope_theta")->scalar == "1e6");
  CHECK(find_named(model.params, "window")->items[1].is_null());
  CHECK(model.weights->path == files.folder() / "models/w.safetensors");
  CHECK(model.weights->sha256.size() == 64);
  CHECK(model.tokenizer->plugin == "tokenizer-x");
  CHECK(model.tokenizer->file == files.folder() / "weights/tokenizer.model");
  CHECK(model.chat_template == "chat");
  CHECK(model.adapters.at(0).scale == 2);
  CHECK(model.generation.temperature == 0.0);
  CHECK(model.generation.max_tokens == 64);
  CHECK_FALSE(model.generation.top_k.has_value());
  CHECK(model.generation.stop == std::vector<std::string>{"</s>"});
  CHECK(model.context == 4096);
}

TEST_CASE("What is wrong with a model") {
  const auto error = [](const std::string& text) {
    return message_of([&] { to_model(parse_yaml("sirocco: model/1\n" + text, "t"), {}); });
  };
  CHECK_THAT(error("name: a"), holds("nothing to read"));
  CHECK(error("name: a\ncheckpoint: .").empty());
  CHECK_THAT(error("checkpoint: ."), holds("'name' is missing"));
  CHECK_THAT(error("name: a b\ncheckpoint: ."), holds("t:2:7: 'a b' for 'name'"));
  CHECK_THAT(error("name: a\ntopology: none"), holds("t:3:11: there is no topology named 'none'"));
  CHECK_THAT(error("name: a\ncheckpoint: .\ncontext: 0"),
             holds("expected an integer of at least 1"));
  CHECK_THAT(error("name: a\ncheckpoint: .\nchekpoint: ."), holds("did you mean 'checkpoint'?"));
  CHECK_THAT(error("name: a\nweights: {path: x, sha256: abc}"), holds("64 lower-case"));
  CHECK_THAT(error("name: a\ncheckpoint: .\nparams: {a: {b: 1}}"), holds("t:4:13: a map for 'a'"));
  CHECK_THAT(
      error("name: a\ncheckpoint: .\nadapters:\n  - {name: x, path: y}\n  - {name: x, path: z}"),
      holds("t:6:12: a second adapter 'x'"));
}

TEST_CASE("A deployment as written") {
  const fs::path folder = "/some/where";
  const DeploymentDocument document = to_deployment(parse_yaml(R"(sirocco: deployment/1
plugins:
  paths: [plugins, /opt/plugins]
  aliases: {second: libfirst.so, third: ../third.so}
backends:
  - name: first
    options: {fast: true, level: 3, mode: x}
  - {name: second, device: 1}
placement:
  - {layers: 0-10/2, backend: second}
  - {layers: [1, "3-4", 3], ops: [linear], backend: first}
  - {nodes: ["layers.*/q"], backend: first}
fallback: forbid
threads: 4
memory: {budget: 8GiB}
numerics: bf16
limits: {max_tokens_per_step: 256, max_seqs: 8, context: 4096, page_tokens: 16}
server: {port: 9000}
)",
                                                               (folder / "d.yaml").string()));
  CHECK(document.name == "d");
  CHECK(document.plugin_paths == std::vector<fs::path>{folder / "plugins", "/opt/plugins"});
  CHECK(*find_named(document.plugin_aliases, "second") == "libfirst.so");
  CHECK(*find_named(document.plugin_aliases, "third") == "/some/third.so");
  REQUIRE(document.backends.size() == 2);
  CHECK(*find_named(document.backends[0].options, "level") == ScalarValue(int64_t{3}));
  CHECK(*find_named(document.backends[0].options, "fast") == ScalarValue(true));
  CHECK(document.backends[1].device == 1);
  REQUIRE(document.placement.size() == 3);
  CHECK(document.placement[0].layers == std::vector<int>{0, 2, 4, 6, 8, 10});
  CHECK(document.placement[1].layers == std::vector<int>{1, 3, 4});
  CHECK(document.placement[1].ops == std::vector<std::string>{"linear"});
  CHECK(document.placement[2].layers.empty());
  CHECK(document.placement[2].place.line == 12);
  CHECK(document.fallback == "forbid");
  CHECK(document.threads == 4);
  CHECK(document.memory_budget == uint64_t{8} << 30);
  CHECK(document.numerics == "bf16");
  CHECK(document.limits.max_seqs == 8);
  CHECK_FALSE(document.limits.max_rows.has_value());
  CHECK(document.server.host == "127.0.0.1");
  CHECK(document.server.port == 9000);
}

TEST_CASE("What is wrong with a deployment") {
  const auto error = [](const std::string& text) {
    return message_of([&] { to_deployment(parse_yaml("sirocco: deployment/1\n" + text, "t")); });
  };
  const std::string good = "backends: [{name: a}]\n";
  CHECK(error(good + "threads: auto\nmemory: {budget: 1000000}").empty());
  CHECK_THAT(error("backends: []"), holds("'backends' is empty"));
  CHECK_THAT(error("backends: [{name: a}, {name: a}]"), holds("'a' with device 0 is given twice"));
  CHECK_THAT(error(good + "placement: [{layers: 0, backend: b}]"), holds("unknown backend 'b'"));
  CHECK_THAT(error(good + "placement: [{layers: 4-1, backend: a}]"),
             holds("'4-1' for 'layers', expected a layer, 'first-last'"));
  CHECK_THAT(error(good + "placement: [{layers: [0-1/0], backend: a}]"), holds("'0-1/0'"));
  CHECK_THAT(error(good + "placement: [{layers: 5000, backend: a}]"), holds("'5000'"));
  CHECK_THAT(error(good + "threads: 0"), holds("expected an integer from 1 to 4096 or 'auto'"));
  CHECK_THAT(error(good + "memory: {budget: 8GX}"), holds("a size such as"));
  CHECK_THAT(error(good + "memory: {budget: 99999999999TiB}"), holds("a size such as"));
  CHECK_THAT(error(good + "fallback: no"), holds("'forbid', 'warn' or 'allow'"));
  CHECK_THAT(error(good + "server: {port: 65536}"), holds("from 0 to 65535"));
}

TEST_CASE("Sizes and layers") {
  CHECK(parse_size("0") == uint64_t{0});
  CHECK(parse_size("512 MiB") == uint64_t{512} << 20);
  CHECK(parse_size("2kB") == std::nullopt);
  CHECK(parse_size("2KB") == uint64_t{2000});
  CHECK(parse_size("16777215TiB") == uint64_t{16777215} << 40);
  CHECK(parse_size("16777216TiB") == std::nullopt);
  for (const char* bad : {"", "GiB", "-1", "1 ", "1iB", "1GiBs", "1.5GiB"}) {
    INFO(bad);
    CHECK(parse_size(bad) == std::nullopt);
  }
  CHECK(parse_layers("7") == std::vector<int>{7});
  CHECK(parse_layers("1-5/3") == std::vector<int>{1, 4});
  for (const char* bad : {"", "-", "1-", "-1", "2-1", "1-2/", "1-2/0", "1/2", "4096", "1-2x"}) {
    INFO(bad);
    CHECK(parse_layers(bad) == std::nullopt);
  }
}

TEST_CASE("A policy as written") {
  const PolicyDocument policy =
      read_policy(std::string(SIROCCO_SOURCE_DIR) + "/configs/policies/example.yaml");
  CHECK(policy.name == "example");
  CHECK(policy.hold_back.kind == HoldBack::Kind::sentence);
  CHECK(policy.on_error == "block");
  CHECK(find_named(policy.categories, "pii")->action == "redact");
  CHECK(find_named(policy.categories, "violence_and_threats")->threshold == 0.8);
  REQUIRE_FALSE(policy.moderators.empty());
  CHECK(policy.moderators[0].name == policy.moderators[0].plugin);
  CHECK(policy.moderators[0].on_error == "block");
}

TEST_CASE("What is wrong with a policy") {
  const auto policy = [](const std::string& text) {
    return to_policy(parse_yaml("sirocco: policy/1\nname: p\n" + text, "t"));
  };
  const auto error = [&](const std::string& text) { return message_of([&] { policy(text); }); };
  const std::string categories = "categories: {pii: {action: block}}\n";
  const std::string good = categories + "moderators: [{plugin: m}]\n";
  CHECK(error(good).empty());
  CHECK(policy(good + "hold_back: {tokens: 32}").hold_back.tokens == 32);
  CHECK(policy(good + "hold_back: whole").hold_back.kind == HoldBack::Kind::whole);
  CHECK_FALSE(
      policy(categories + "moderators: [{plugin: m, stages: [prompt]}]").moderators[0].completion);
  CHECK(policy(good + "on_error: allow").moderators[0].on_error == "allow");
  CHECK_THAT(error(good + "hold_back: 32"), holds("expected 'sentence', 'whole' or 'tokens: N'"));
  CHECK_THAT(error(good + "hold_back: {tokens: 0}"), holds("from 1 to 65536"));
  CHECK_THAT(error(good + "hold_back: {token: 3}"), holds("did you mean 'tokens'?"));
  CHECK_THAT(error(categories), holds("'moderators' is missing"));
  CHECK_THAT(error(categories + "moderators: []"), holds("'moderators' is empty"));
  CHECK_THAT(error("categories: {}\nmoderators: [{plugin: m}]"), holds("no category"));
  CHECK_THAT(error("categories: {pi: {action: block}}\nmoderators: [{plugin: m}]"),
             holds("unknown category 'pi'") && holds("did you mean 'pii'?"));
  CHECK(error("categories: {own: {action: block, doc: mine}}\nmoderators: [{plugin: m}]").empty());
  CHECK_THAT(error("categories: {pii: {action: blok}}\nmoderators: [{plugin: m}]"),
             holds("did you mean 'block'?"));
  CHECK_THAT(error("categories: {pii: {action: flag, threshold: 2}}\nmoderators: [{plugin: m}]"),
             holds("from 0 to 1"));
  CHECK_THAT(error(categories + "moderators: [{plugin: m, categories: [law]}]"),
             holds("unknown category 'law'"));
  CHECK_THAT(error(categories + "moderators: [{plugin: m}, {plugin: m}]"),
             holds("a second moderator"));
}

TEST_CASE("validate_document reports everything and never throws") {
  DocumentFiles files;
  const auto lines = [](const fs::path& file) {
    std::string out;
    for (const Diagnostic& found : validate_document(file, {})) out += found.to_string() + "\n";
    return out;
  };
  CHECK_THAT(lines(files.folder() / "none.yaml"), holds("no such file"));
  CHECK_THAT(lines(files.write("a.yaml", "a: [")), holds("a.yaml:1:"));
  const std::string errors =
      lines(files.write("b.yaml", "sirocco: deployment/1\nfallback: x\nthread: 1\n"));
  CHECK_THAT(errors, holds(":1:1: 'backends' is missing") && holds(":2:11: ") && holds(":3:1: "));
  CHECK(errors.find(":1:1: ") < errors.find(":2:11: "));
  // A model is only valid with its topology.
  files.write("t.yaml", "sirocco: topology/1\nname: t\ngraph: [{h: tokens}]\noutputs: 7\n");
  CHECK_THAT(lines(files.write("m.yaml", "sirocco: model/1\nname: m\ntopology: t\n")),
             holds("t.yaml:4:10: "));
}

TEST_CASE("validate_document looks into a topology's expressions") {
  DocumentFiles files;
  const auto file = files.write(
      "t.yaml",
      "sirocco: topology/1\nname: t\ngraph:\n  - h: add(tokns, 1 +)\n  - g: h\noutputs:\n"
      "  logits: nowhere\n");
  std::string errors;
  for (const Diagnostic& found : validate_document(file, {})) errors += found.to_string() + "\n";
  CHECK_THAT(errors, holds("t.yaml:4:") && holds("t.yaml:7:") && holds("'nowhere'"));
}

TEST_CASE("The shipped documents are valid") {
  const fs::path configs = fs::path(SIROCCO_SOURCE_DIR) / "configs";
  for (const auto& entry : fs::recursive_directory_iterator(configs)) {
    if (entry.path().extension() != ".yaml") continue;
    for (const Diagnostic& found : validate_document(entry.path(), {{configs}})) {
      FAIL_CHECK(found.to_string());
    }
  }
}
