// The SentencePiece plugin against the library's own answers, recorded by an independent run.

#include "catch.hpp"

#include <fstream>

#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "golden_model.hpp"
#include "text/stream_decoder.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

std::filesystem::path tokenizers() {
  return std::filesystem::path(SIROCCO_SOURCE_DIR) / "tests/golden/tokenizers";
}

std::shared_ptr<Plugin> plugin() {
  return Plugin::load(build_dir() / "lib/sirocco/plugins/tokenizer-sentencepiece.so");
}

std::vector<nlohmann::json> lines(const std::string& name) {
  std::ifstream file(tokenizers() / name);
  std::vector<nlohmann::json> cases;
  for (std::string line; std::getline(file, line);) cases.push_back(nlohmann::json::parse(line));
  REQUIRE(cases.size() > 50);
  return cases;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

/// The recorded decoder writes one U+FFFD a byte, ours one for each longest part of a character, as
/// the Unicode standard recommends: runs of them count as one.
std::string fold_replacements(const std::string& text) {
  const std::string replacement = "\xEF\xBF\xBD";
  std::string folded = text;
  for (size_t at; (at = folded.find(replacement + replacement)) != std::string::npos;)
    folded.erase(at, replacement.size());
  return folded;
}

}  // namespace

TEST_CASE("texts become the recorded tokens, and tokens add the recorded bytes") {
  const Tokenizer tokenizer(plugin(), tokenizers() / "spm_v3.model", {});
  CHECK(tokenizer.info().vocab_size == 32768);
  CHECK(tokenizer.info().bos == 1);
  CHECK(tokenizer.info().eos == 2);
  for (const auto& test : lines("spm_v3.encode.jsonl")) {
    CAPTURE(test.dump());
    const std::string text =
        test.contains("text") ? test["text"].get<std::string>() : from_hex(test["input_hex"]);
    const auto ids = test["tokens"].get<std::vector<int32_t>>();
    CHECK(tokenizer.encode(text) == ids);
    if (!test.contains("pieces_hex")) continue;
    uint32_t flags = SIROCCO_DECODE_AT_START;
    for (size_t i = 0; i < ids.size(); ++i, flags = 0) {
      std::string bytes;
      tokenizer.decode_one(ids[i], flags, bytes);
      CHECK(bytes == from_hex(test["pieces_hex"][i]));
    }
  }
}

TEST_CASE("any tokens decode to the recorded text, streamed or at once") {
  const Tokenizer tokenizer(plugin(), tokenizers() / "spm_v3.model", {});
  for (const auto& test : lines("spm_v3.decode.jsonl")) {
    CAPTURE(test.dump());
    const auto ids = test["tokens"].get<std::vector<int32_t>>();
    StreamDecoder decoder(tokenizer, true);
    std::string text;
    for (int32_t id : ids) text += decoder.push(id);
    CHECK(fold_replacements(text + decoder.finish()) ==
          fold_replacements(test["text_ignore"].get<std::string>()));
  }
}

TEST_CASE("names of control tokens in a user's text are text") {
  const Tokenizer tokenizer(plugin(), tokenizers() / "spm_v3.model", {});
  CHECK(tokenizer.control_id("[INST]") == 3);
  CHECK(tokenizer.control_id("the") == -1);
  for (int32_t id : tokenizer.encode("[INST] <s> </s>"))
    CHECK(tokenizer.kind(id) != SIROCCO_TOKEN_CONTROL);
  CHECK(tokenizer.kind(-1) == -1);
  CHECK(tokenizer.kind(32768) == -1);
  CHECK_THROWS_AS(tokenizer.decode({32768}, 0), Error);
}

TEST_CASE("a file that is no tokenizer is refused by name") {
  for (const auto& file : {tokenizers() / "nothing.model", golden("mistral-swa") / "config.json"}) {
    try {
      const Tokenizer tokenizer(plugin(), file, {});
      FAIL("it was taken");
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::invalid_file);
      CHECK(std::string(e.what()).find(file.string()) != std::string::npos);
    }
  }
}
