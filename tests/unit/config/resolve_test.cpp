#include "config/resolve.hpp"

#include "catch.hpp"
#include "config/elaborate.hpp"
#include "config/resolve_digest.hpp"
#include "document_files.hpp"
#include "weights/safetensors_writer.hpp"

using namespace sirocco;
namespace fs = std::filesystem;

namespace {

const std::string kTopology = R"yaml(sirocco: topology/1
name: tiny
layouts:
  one: {config: one.json, weights: [w.safetensors], tokenizers: {vocab.txt: words, spm.model: pieces}}
  two: {config: two.json, weights: [v.safetensors]}
params:
  dim: {type: int, min: 2, from: {one.json: size, two.json: dim}}
  theta:
    type: float
    from: {one.json: [rope.theta, theta], two.json: theta}
    hint: 10000 and 1000000 are both common
  style: {type: string, layout: {one: half, two: interleaved}}
  half: {type: int, default: dim / 2}
  window: {type: int | null, per: layer, min: 1, from: {one.json: window}, default: null}
  doubled: {type: int | null, per: layer, value: "window[i] == null ? null : 2*window[i] + i"}
  limit: {type: int | null, from: {one.json: limit}, default: null}
context: limit
weights:
  e: {shape: "4, dim", names: {one: e, two: E}}
graph:
  - h: embedding(tokens, e)
outputs: {out: "gather_rows(h, wanted)"}
matches:
  - {layout: one, if: "kind == 'tiny' and theta == null and rope == null and size == 8",
     pin: {theta: 500.0}, why: that size is known}
  - {layout: one, if: "kind == 'tiny'", why: its kind}
  - {layout: two, if: "dim != null", why: its keys}
)yaml";

/// A config folder with one topology, and a checkpoint.
struct Setup {
  DocumentFiles files;
  ResolveOptions options;

  Setup() {
    files.write("configs/topologies/tiny.yaml", kTopology);
    options.config.roots = {files.folder() / "configs"};
  }
  void weights(const std::string& file, const std::string& name, std::vector<int64_t> shape,
               sirocco_dtype dtype = SIROCCO_DTYPE_BF16) const {
    fs::create_directories((files.folder() / file).parent_path());
    int64_t elements = 1;
    for (const int64_t extent : shape) elements *= extent;
    const std::vector<char> data(static_cast<size_t>(elements) * 4);
    const TensorToWrite tensor{name, dtype, std::move(shape), data.data()};
    write_safetensors(files.folder() / file, {&tensor, 1});
  }
  fs::path checkpoint(const std::string& json) const {
    files.write("ckpt/one.json", json);
    weights("ckpt/w.safetensors", "e", {4, 8});
    return files.folder() / "ckpt";
  }
  std::shared_ptr<const ResolvedModel> resolve(const fs::path& path) const {
    return resolve_model(path, options);
  }
  std::string error(const fs::path& path) const {
    return message_of([&] { resolve(path); });
  }
  std::string error_of_config(const std::string& json) const { return error(checkpoint(json)); }
};

std::string value_of(const ResolvedModel& model, const std::string& name) {
  return model.params.find(name)->to_string();
}

std::string at(const ResolvedModel& model, const std::string& name, int64_t layer) {
  ExprBudget budget;
  return model.params.at_layer(name, layer, budget).to_string();
}

std::string origin_of(const ResolvedModel& model, const std::string& name) {
  for (const ParamTable::Line& line : model.params.list()) {
    if (line.name == name) return line.origin;
  }
  return "";
}

const std::string kGood = R"({"kind": "tiny", "size": 8, "rope": {"theta": 10000}})";

}  // namespace

TEST_CASE("A checkpoint folder picks its topology, layout, params and tokenizer") {
  const Setup setup;
  setup.files.write("ckpt/spm.model", "x");
  const auto model = setup.resolve(setup.checkpoint(
      R"({"kind": "tiny", "size": 8, "rope": {"theta": 10000}, "window": [null, 4], "limit": 64,
          "other": Infinity})"));
  CHECK(model->name == "ckpt");
  CHECK(model->topology.name == "tiny");
  CHECK(model->layout == "one");
  CHECK(value_of(*model, "dim") == "8");
  CHECK(value_of(*model, "theta") == "10000.0");
  CHECK(value_of(*model, "style") == "'half'");
  CHECK(value_of(*model, "half") == "4");
  CHECK(at(*model, "window", 0) == "null");
  CHECK(at(*model, "window", 3) == "4");
  CHECK(at(*model, "doubled", 3) == "11");
  CHECK(origin_of(*model, "theta") == "one.json: rope.theta");
  CHECK(origin_of(*model, "style") == "layout one");
  CHECK(origin_of(*model, "half") == "default");
  CHECK(model->pins.empty());
  CHECK(model->context == 64);
  CHECK(model->checkpoint_dtype == SIROCCO_DTYPE_BF16);
  REQUIRE(model->tokenizer.has_value());
  CHECK(model->tokenizer->plugin == "pieces");
  CHECK(model->tokenizer->file.filename() == "spm.model");
  const auto tensor = model->weights->find("e");
  REQUIRE(tensor.has_value());
  CHECK(tensor->type.to_string() == "bf16 [4, 8]");
  CHECK(tensor->bytes == 64);
  CHECK(reinterpret_cast<uintptr_t>(tensor->data) % tensor->alignment == 0);
  CHECK_FALSE(model->weights->find("x").has_value());
}

TEST_CASE("A fingerprint pins what such checkpoints leave out, and says why") {
  const Setup setup;
  const auto model = setup.resolve(setup.checkpoint(R"({"kind": "tiny", "size": 8})"));
  CHECK(value_of(*model, "theta") == "500.0");
  REQUIRE(model->pins.size() == 1);
  CHECK(model->pins[0].param == "theta");
  CHECK(model->pins[0].value == "500.0");
  CHECK(model->pins[0].why == "that size is known");
  CHECK(origin_of(*model, "theta") == "pinned: that size is known");
}

TEST_CASE("A param that is missing is never guessed") {
  const Setup setup;
  const std::string error = setup.error_of_config(R"({"kind": "tiny", "size": 6})");
  CHECK_THAT(error, holds("one.json: 'rope.theta' or 'theta' is missing"));
  CHECK_THAT(error, holds("(10000 and 1000000 are both common)"));
  CHECK_THAT(setup.error_of_config(R"({"kind": "tiny", "theta": 1})"),
             holds("'size' is missing, from which param 'dim' is read"));
}

TEST_CASE("Values of wrong types and out of bounds are named with their key") {
  const Setup setup;
  const auto with = [&](const std::string& rest) {
    return setup.error_of_config(R"({"kind": "tiny", "theta": 1, )" + rest + "}");
  };
  CHECK_THAT(with(R"("size": "8")"), holds("one.json: 'size': param 'dim' is the string '8', "
                                           "expected an integer"));
  CHECK_THAT(with(R"("size": 8.0)"), holds("expected an integer"));
  CHECK_THAT(with(R"("size": true)"), holds("expected an integer"));
  CHECK_THAT(with(R"("size": [8])"), holds("is a list, expected an integer"));
  CHECK_THAT(with(R"("size": {"a": 1})"), holds("is a map, expected an integer"));
  CHECK_THAT(with(R"("size": 1)"), holds("is 1, expected at least 2"));
  CHECK_THAT(with(R"("size": 7)"), holds("7 / 2 is no integer"));
  CHECK_THAT(with(R"("size": null)"), holds("'size' is missing"));
  CHECK_THAT(with(R"("size": 8, "window": [])"), holds("an empty list"));
  CHECK_THAT(with(R"("size": 8, "window": [4, 0])"), holds("expected at least 1"));
  CHECK_THAT(with(R"("size": 8, "window": [[4]])"), holds("a list in its list"));
  CHECK_THAT(with(R"("size": 8, "limit": 0)"), holds("expected an integer from 1 or null"));
  CHECK_THAT(with(R"("size": 8, "rope": {"theta": 2})"),
             holds("'rope.theta' and 'theta' are both there and differ (2, 1)"));
  CHECK(setup.error_of_config(R"({"kind": "tiny", "size": 8, "theta": 2, "rope": {"theta": 2.0}})")
            .empty());
}

TEST_CASE("A params file that is no good is refused with its name") {
  const Setup setup;
  CHECK_THAT(setup.error_of_config("{"), holds("one.json: no JSON"));
  CHECK_THAT(setup.error_of_config("[1]"), holds("expected a JSON object"));
  CHECK_THAT(setup.error_of_config(""), holds("no JSON"));
  CHECK_THAT(setup.error_of_config(R"({"a": 1, "a": 2})"), holds("'a' is there twice"));
  CHECK_THAT(setup.error_of_config(R"({"a": 1e999})"), holds("no JSON"));
  CHECK_THAT(setup.error_of_config("{\"a\": \"" + std::string(1u << 20, 'x') + "\"}"),
             holds("expected at most 1048576"));
  CHECK_THAT(setup.error_of_config("{\"a\": " + repeated("[", 100'000)), holds("nested deeper"));
}

TEST_CASE("No topology, or several, is an error that says what was tried") {
  const Setup setup;
  const std::string none = setup.error_of_config(R"({"kind": "large"})");
  CHECK_THAT(none, holds("no topology fits this checkpoint"));
  CHECK_THAT(none, holds("tiny (one, "));
  CHECK_THAT(none, holds("its condition does not hold, where kind = 'large'"));
  CHECK_THAT(none, holds("tiny (two, "));
  CHECK_THAT(none, holds("no two.json"));
  setup.files.write("configs/topologies/again.yaml",
                    "sirocco: topology/1\nname: again\nextends: tiny\n");
  CHECK_THAT(setup.error_of_config(kGood), holds("several topologies fit this checkpoint:"));
  setup.files.write("configs/topologies/again.yaml", "sirocco: topology/1\nname: [");
  CHECK(setup.error_of_config(kGood).empty());
  CHECK_THAT(setup.error_of_config("{}"), holds("again.yaml:2"));
  ResolveOptions bare;
  CHECK_THAT(message_of([&] {
               bare.config.roots.clear();
               resolve_model(setup.checkpoint(kGood), bare);
             }),
             holds("set SIROCCO_CONFIG_PATH"));
}

TEST_CASE("Of two layouts in one folder the first match counts and a note says so") {
  const Setup setup;
  setup.files.write("ckpt/two.json", R"({"dim": 8, "theta": 3})");
  setup.weights("ckpt/v.safetensors", "E", {4, 8});
  const auto model = setup.resolve(setup.checkpoint(kGood));
  CHECK(model->layout == "one");
  REQUIRE(model->notes.size() == 1);
  CHECK(model->notes[0] == "layout one used; two is there too");
  const fs::path document =
      setup.files.write("m.yaml", "sirocco: model/1\nname: m\ncheckpoint: ckpt\nlayout: two\n");
  const auto other = setup.resolve(document);
  CHECK(other->layout == "two");
  CHECK(value_of(*other, "theta") == "3.0");
  CHECK(value_of(*other, "style") == "'interleaved'");
}

TEST_CASE("A model document chooses topology, values, weights, tokenizer and context") {
  const Setup setup;
  setup.checkpoint(R"({"size": 8})");
  setup.weights("other.safetensors", "e", {4, 6}, SIROCCO_DTYPE_F32);
  const auto model = setup.resolve(
      setup.files.write("m.yaml",
                        "sirocco: model/1\nname: mine\ntopology: tiny\ncheckpoint: ckpt\n"
                        "params: {theta: 7, dim: 6}\nweights: {path: other.safetensors}\n"
                        "tokenizer: {plugin: words, file: v.txt}\ncontext: 32\n"));
  CHECK(model->name == "mine");
  CHECK(model->layout == "one");
  CHECK(value_of(*model, "dim") == "6");
  CHECK(value_of(*model, "theta") == "7.0");
  CHECK(origin_of(*model, "theta") == "model document");
  CHECK(model->checkpoint_dtype == SIROCCO_DTYPE_F32);
  CHECK(model->tokenizer->plugin == "words");
  CHECK(model->context == 32);

  const auto with = [&](const std::string& rest) {
    return setup.error(setup.files.write("m.yaml", "sirocco: model/1\nname: m\n" + rest));
  };
  CHECK_THAT(with("topology: tiny\ncheckpoint: ckpt\nparams: {thata: 1}\n"),
             holds("has no param 'thata' (did you mean 'theta'?)"));
  CHECK_THAT(with("topology: tiny\ncheckpoint: ckpt\nlayout: tow\nparams: {theta: 1}\n"),
             holds("has no layout 'tow'"));
  CHECK_THAT(with("topology: tiny\nlayout: one\nparams: {theta: 1, dim: 2}\n"),
             holds("no weights"));
  CHECK_THAT(with("topology: tiny\nparams: {theta: 1, dim: 2}\n"),
             holds("several layouts are possible"));
  CHECK_THAT(with("checkpoint: nowhere\n"), holds("there is no checkpoint folder"));
  CHECK_THAT(with("topology: tiny\ncheckpoint: ckpt\nparams: {theta: 1}\n"
                  "adapters: [{name: a, path: b}]\n"),
             holds("adapters are not offered yet"));
  CHECK_THAT(with("topology: tiny\ncheckpoint: ckpt\nparams: {theta: 1}\nweights: {path: "
                  "other.safetensors, sha256: " +
                  std::string(64, 'f') + "}\n"),
             holds("expected fff"));
  const std::string digest = sha256_of(setup.files.folder() / "other.safetensors");
  CHECK(with("topology: tiny\ncheckpoint: ckpt\nparams: {theta: 1}\nweights: {path: "
             "other.safetensors, sha256: " +
             digest + "}\n")
            .empty());
}

TEST_CASE("What is no model is refused") {
  const Setup setup;
  CHECK_THAT(setup.error("/nonexistent"), holds("there is no such file or folder"));
  CHECK_THAT(setup.error(setup.files.write("x.bin", "")), holds("expected a model document"));
  fs::create_directories(setup.files.folder() / "empty");
  CHECK_THAT(setup.error(setup.files.folder() / "empty"), holds("no one.json"));
  setup.files.write("ckpt2/one.json", kGood);
  CHECK_THAT(setup.error(setup.files.folder() / "ckpt2"), holds("none of w.safetensors"));
  setup.checkpoint(kGood);
  setup.files.write("ckpt/w.safetensors", "not one");
  CHECK_THAT(setup.error(setup.files.folder() / "ckpt"), holds("w.safetensors"));
}

TEST_CASE("SHA-256 of known texts") {
  const DocumentFiles files;
  CHECK(sha256_of(files.write("a", "")) ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_of(files.write("b", "abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of(files.write("c", std::string(1'000'000, 'a'))) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK(sha256_of(files.write("d", std::string(1u << 20, 'a'))) ==
        "9bc1b2a288b26af7257a36277ae3816a7d4f16e89c1e7e77d0a5c48bad62b360");
  CHECK_THAT(message_of([&] { sha256_of(files.folder() / "none"); }), holds("cannot be read"));
}

TEST_CASE("The dense goldens become graphs from both layouts") {
  const fs::path source = SIROCCO_SOURCE_DIR;
  ResolveOptions options;
  options.config.roots = {source / "configs"};
  const OpRegistry ops = OpRegistry::with_builtin_ops();
  struct Case {
    const char* folder;
    const char* topology;
    size_t nodes;
    std::vector<int64_t> windows;
    bool half;
  };
  for (const Case& expected : std::vector<Case>{
           {"mistral-swa", "mistral", 49, {16}, true},
           {"mistral-swa/mistral", "mistral", 49, {16}, false},
           {"mistral-full", "mistral", 34, {0}, true},
           {"mistral-full/mistral", "mistral", 34, {0}, false},
           {"ministral-interleaved", "mistral", 79, {0, 12}, true},
           {"ministral-interleaved/mistral", "mistral", 79, {0, 12}, false},
           {"llama", "llama", 34, {0}, true},
       }) {
    INFO(expected.folder);
    const auto model = resolve_model(source / "tests/golden/models" / expected.folder, options);
    CHECK(model->topology.name == expected.topology);
    const Graph graph = build_graph(*model, ops, {});
    CHECK(graph.nodes.size() == expected.nodes);
    std::vector<int64_t> windows;
    for (const StateGroup& group : graph.groups) windows.push_back(group.window);
    CHECK(windows == expected.windows);
    CHECK(value_of(*model, "rope_style") == (expected.half ? "'half'" : "'interleaved'"));
    CHECK(graph.find_value("layers.1/ffn/g") != kNone);
    CHECK(graph.find_output("logits") != nullptr);
    // Every tensor of the file is used, so nothing that the file holds is forgotten.
    CHECK(graph.weights.size() == model->weights->names().size());
  }
}

TEST_CASE("What the original format of the first model leaves out is pinned or asked for") {
  const Setup setup;
  ResolveOptions options;
  options.config.roots = {fs::path(SIROCCO_SOURCE_DIR) / "configs"};
  const std::string sizes =
      R"({"dim": 4096, "n_layers": 32, "head_dim": 128, "n_heads": 32, "n_kv_heads": 8,
          "norm_eps": 1e-05, "vocab_size": 32000, )";
  setup.weights("c/consolidated.safetensors", "norm.weight", {8});
  setup.files.write("c/params.json", sizes + R"("hidden_dim": 14336, "sliding_window": 4096})");
  const auto first = resolve_model(setup.files.folder() / "c", options);
  CHECK(value_of(*first, "rope_theta") == "10000.0");
  CHECK(at(*first, "window", 31) == "4096");
  REQUIRE(first->pins.size() == 1);
  CHECK_THAT(first->pins[0].why, holds("10000"));

  const auto error = [&](const std::string& rest) {
    setup.files.write("c/params.json", sizes + rest);
    return message_of([&] { resolve_model(setup.files.folder() / "c", options); });
  };
  const std::string missing = error(R"("hidden_dim": 14336})");
  CHECK_THAT(missing, holds("params.json: 'rope_theta' is missing"));
  CHECK_THAT(missing, holds("10000"));
  CHECK_THAT(missing, holds("1000000"));
  CHECK_THAT(
      error(R"("hidden_dim": 1, "rope_theta": 1, "sliding_window": 1, "_sliding_window": [2]})"),
      holds("are both there and differ"));
  CHECK_THAT(error(R"("hidden_dim": 1, "rope_theta": 1, "yarn": {"factor": 2}})"),
             holds("yarn = a map"));

  setup.weights("h/model.safetensors", "x", {8});
  setup.files.write("h/config.json",
                    R"({"model_type": "mistral", "hidden_size": 8, "num_hidden_layers": 1,
                        "num_attention_heads": 2, "head_dim": null, "intermediate_size": 8,
                        "vocab_size": 8, "rms_norm_eps": 1e-5, "rope_theta": 1e4})");
  CHECK_THAT(message_of([&] { resolve_model(setup.files.folder() / "h", options); }),
             holds("'sliding_window' is missing"));
}
