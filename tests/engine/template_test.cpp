// Chat templates as data, against requests that an independent library encoded or refused.

#include "catch.hpp"

#include <fstream>

#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "config/documents.hpp"
#include "golden_model.hpp"
#include "text/chat_template.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

const std::filesystem::path kSource = SIROCCO_SOURCE_DIR;

struct Vocabulary {
  Tokenizer tokenizer{Plugin::load(build_dir() / "lib/sirocco/plugins/tokenizer-sentencepiece.so"),
                      kSource / "tests/golden/tokenizers/spm_v3.model",
                      {}};
};

ConfigPath configs() {
  return {{kSource / "configs"}};
}

std::vector<int32_t> tokens_of(const ChatTemplate& chat, const nlohmann::ordered_json& test) {
  const nlohmann::ordered_json& request = test["request"];
  if (test["kind"] == "fim") return chat.render_fim(request["prompt"], request.value("suffix", ""));
  return chat.render(parse_chat_request(request.dump(), "request"));
}

ChatRequest user(const std::string& text) {
  ChatRequest request;
  request.messages.push_back({.role = "user", .content = {text}});
  return request;
}

}  // namespace

TEST_CASE("every recorded request becomes the recorded tokens, or is refused as recorded") {
  const Vocabulary vocabulary;
  const ChatTemplate chat(find_template("mistral-v3", nullptr, vocabulary.tokenizer, configs()),
                          vocabulary.tokenizer);
  std::ifstream file(kSource / "tests/golden/templates/spm_v3.jsonl");
  size_t encoded = 0, refused = 0;
  for (std::string line; std::getline(file, line);) {
    const auto test = nlohmann::ordered_json::parse(line);
    CAPTURE(test["id"].get<std::string>());
    if (test.contains("error")) {
      CHECK_THROWS_AS(tokens_of(chat, test), Error);
      ++refused;
      continue;
    }
    ++encoded;
    try {
      CHECK(tokens_of(chat, test) == test["tokens"].get<std::vector<int32_t>>());
    } catch (const Error& e) {
      FAIL_CHECK(e.what());
    }
  }
  CHECK(encoded == 63);
  CHECK(refused == 22);
}

TEST_CASE("an answer's tokens stand for it in the next request") {
  const Vocabulary vocabulary;
  const ChatTemplate chat(read_template(kSource / "configs/templates/mistral-v3.yaml", configs()),
                          vocabulary.tokenizer);
  ChatRequest request = user("q");
  const auto before = chat.render(request);
  // "ab" as two tokens, which encoding "ab" would not give.
  std::vector<int32_t> answer = vocabulary.tokenizer.encode("a");
  const auto b = vocabulary.tokenizer.encode("b");
  answer.insert(answer.end(), b.begin(), b.end());
  request.messages.push_back({.role = "assistant", .content = {"a b"}, .tokens = answer});
  request.messages.push_back({.role = "user", .content = {"r"}});
  const auto after = chat.render(request);
  REQUIRE(after.size() > before.size() + answer.size());
  CHECK(std::equal(before.begin(), before.end(), after.begin()));
  CHECK(std::equal(answer.begin(), answer.end(),
                   after.begin() + static_cast<ptrdiff_t>(before.size())));
}

TEST_CASE("a template is found by the vocabulary, or refused with what is known") {
  const Vocabulary vocabulary;
  CHECK(find_template("", nullptr, vocabulary.tokenizer, configs()).name == "mistral-v3");
  const auto message = [&](const std::string& name, const ConfigPath& config) -> std::string {
    try {
      ChatTemplate(find_template(name, nullptr, vocabulary.tokenizer, config),
                   vocabulary.tokenizer);
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::invalid_file);
      return e.what();
    }
    return "not refused";
  };
  CHECK_THAT(message("mistral-v33", configs()), Catch::Contains("did you mean 'mistral-v3'?"));
  CHECK_THAT(message("", {}), Catch::Contains("--template"));
  const TemporaryFolder folder;
  const auto write = [&](const std::string& pieces) {
    return folder
        .write("t.yaml",
               "sirocco: template/1\nname: t\nroles:\n  user:\n    then: [user]\n    write:\n" +
                   pieces + "  assistant:\n    then: [user]\n")
        .string();
  };
  CHECK_THAT(message(write("      - control: <none>\n"), {}),
             Catch::Contains("t.yaml:7:9") && Catch::Contains("<none>"));
  CHECK_THAT(message(write("      - text: ${contents}\n"), {}),
             Catch::Contains("t.yaml:7:") && Catch::Contains("did you mean 'content'?"));
  CHECK_THAT(message(write("      - text: ${content|jso}\n"), {}), Catch::Contains("form 'jso'"));
  CHECK_THAT(message(write("      - text: ${content\n"), {}), Catch::Contains("without '}'"));
  CHECK_THAT(message(write("      - text: a\n        when: not lst_user\n"), {}),
             Catch::Contains("did you mean 'last_user'?"));
  CHECK_THAT(message(write("      - texts: a\n"), {}), Catch::Contains("t.yaml:7:"));
}

TEST_CASE("requests that are none are refused with their place") {
  const auto message = [](const std::string& json) -> std::string {
    try {
      parse_chat_request(json, "r");
    } catch (const Error& e) {
      return e.what();
    }
    return "not refused";
  };
  const std::string start = R"({"messages": [{"role": "user", "content": )";
  CHECK_THAT(message("{"), Catch::Contains("r: no JSON"));
  CHECK_THAT(message(std::string(100000, '[')), Catch::Contains("r: no JSON"));
  CHECK_THAT(message("[]"), Catch::Contains("r: expected an object"));
  CHECK_THAT(message("{}"), Catch::Contains("'messages' is missing"));
  CHECK_THAT(message(R"({"messages": {}})"), Catch::Contains("r.messages"));
  CHECK_THAT(message(R"({"messages": [1]})"), Catch::Contains("r.messages[0]: expected an object"));
  CHECK_THAT(message(R"({"messages": [{}]})"), Catch::Contains("'role' is missing"));
  CHECK_THAT(message(start + "1}]}"), Catch::Contains("r.messages[0].content"));
  CHECK_THAT(message(start + R"([{"type": "image_url"}]}]})"), Catch::Contains("image_url"));
  CHECK_THAT(message(start + R"("a", "prefix": 1}]})"), Catch::Contains("prefix"));
  CHECK_THAT(message(start + R"("a"}], "tools": {}})"), Catch::Contains("r.tools"));
  CHECK_THAT(message(start + R"("a"}], "tools": [{"function": {"name": "x"}}]})"),
             Catch::Contains("'parameters' is missing"));
}
