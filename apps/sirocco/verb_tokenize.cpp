#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "engine_flags.hpp"
#include "output.hpp"
#include "text/stream_decoder.hpp"
#include "text_input.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  std::optional<std::string> text;
  std::string file;
  std::optional<std::string> decode;
  bool special = false;
  bool bos = false;
  bool ids = false;
  bool count = false;
  bool json = false;
};

std::string whole_characters(std::string bytes) {
  return take_characters(bytes, true);
}

std::string piece(const Tokenizer& tokenizer, int32_t id) {
  std::string bytes;
  tokenizer.decode_one(id, SIROCCO_DECODE_CONTROL, bytes);
  return bytes;
}

/// "1,2 3" or "[1, 2, 3]".
std::vector<int32_t> parse_ids(const std::string& text, const Tokenizer& tokenizer) {
  std::vector<int32_t> ids;
  constexpr std::string_view kBetween = " ,[]\t\n\r";
  for (size_t at = text.find_first_not_of(kBetween); at != std::string::npos;
       at = text.find_first_not_of(kBetween, at)) {
    const size_t end = std::min(text.find_first_of(kBetween, at), text.size());
    const std::string word = text.substr(at, end - at);
    int32_t id = 0;
    const auto [rest, error] = std::from_chars(word.data(), word.data() + word.size(), id);
    if (error != std::errc() || rest != word.data() + word.size())
      throw Error(ErrorKind::usage, "'" + word + "' is no token id; expected numbers, as 1,2,3");
    if (tokenizer.kind(id) < 0) {
      throw Error(ErrorKind::usage, fmt::format("token id {} is outside the vocabulary of {}", id,
                                                tokenizer.info().vocab_size));
    }
    ids.push_back(id);
    at = end;
  }
  return ids;
}

/// Encodes with the names of control tokens standing for them; what stands between them is encoded
/// stretch by stretch.
std::vector<int32_t> encode_special(const Tokenizer& tokenizer, std::string_view text) {
  std::vector<std::pair<std::string, int32_t>> controls;
  for (int32_t id = 0; id < static_cast<int32_t>(tokenizer.info().vocab_size); ++id)
    if (tokenizer.kind(id) == SIROCCO_TOKEN_CONTROL)
      controls.emplace_back(piece(tokenizer, id), id);
  // The longest name that stands somewhere is meant.
  std::ranges::stable_sort(controls, std::greater(), [](auto& c) { return c.first.size(); });
  std::vector<int32_t> ids;
  const auto add_text = [&](std::string_view stretch) {
    const std::vector<int32_t> more = tokenizer.encode(stretch);
    ids.insert(ids.end(), more.begin(), more.end());
  };
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const auto found = std::ranges::find_if(controls, [&](const auto& control) {
      return !control.first.empty() && text.substr(at).starts_with(control.first);
    });
    if (found == controls.end()) {
      ++at;
      continue;
    }
    add_text(text.substr(begin, at - begin));
    ids.push_back(found->second);
    begin = at += found->first.size();
  }
  add_text(text.substr(begin));
  return ids;
}

const char* kind_name(int32_t kind) {
  switch (kind) {
    case SIROCCO_TOKEN_CONTROL:
      return "control";
    case SIROCCO_TOKEN_BYTE:
      return "byte";
    case SIROCCO_TOKEN_UNKNOWN:
      return "unknown";
    case SIROCCO_TOKEN_UNUSED:
      return "unused";
    default:
      return "normal";
  }
}

void print_json(const nlohmann::ordered_json& json) {
  print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

void print_tokens(const Tokenizer& tokenizer, const std::vector<int32_t>& ids,
                  const Options& options) {
  if (options.json) {
    nlohmann::ordered_json json = {{"count", ids.size()}, {"tokens", nlohmann::json::array()}};
    for (const int32_t id : ids)
      json["tokens"].push_back({{"id", id},
                                {"text", whole_characters(piece(tokenizer, id))},
                                {"kind", kind_name(tokenizer.kind(id))}});
    print_json(json);
  } else if (options.count) {
    print(fmt::format("{}\n", ids.size()));
  } else if (options.ids) {
    print(nlohmann::json(ids).dump() + "\n");
  } else {
    std::string lines;
    for (const int32_t id : ids) {
      std::string bytes = piece(tokenizer, id), hex;
      if (tokenizer.kind(id) == SIROCCO_TOKEN_BYTE)
        hex = fmt::format("  <0x{:02X}>", static_cast<unsigned char>(bytes[0]));
      lines += fmt::format("{:6}  {}{}\n", id,
                           nlohmann::json(whole_characters(std::move(bytes))).dump(), hex);
    }
    print(lines);
  }
}

int tokenize(const Options& options) {
  if (options.decode && (options.text || !options.file.empty()))
    throw Error(ErrorKind::usage, "--decode takes ids, so there is no text to encode");
  std::string text;
  if (!options.decode || *options.decode == "-")
    text = read_text_input(options.text, options.file, options.decode ? "list of ids" : "text",
                           "with --file FILE");
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  const auto tokenizer = engine.tokenizer(*model);
  if (options.decode) {
    const std::vector<int32_t> ids =
        parse_ids(*options.decode == "-" ? text : *options.decode, *tokenizer);
    const uint32_t flags =
        SIROCCO_DECODE_AT_START | (options.special ? uint32_t{SIROCCO_DECODE_CONTROL} : 0u);
    const std::string decoded = whole_characters(tokenizer->decode(ids, flags));
    if (options.json)
      print_json({{"text", decoded}});
    else
      print(decoded + "\n");
    return 0;
  }
  std::vector<int32_t> ids =
      options.special ? encode_special(*tokenizer, text) : tokenizer->encode(text);
  if (options.bos) {
    if (tokenizer->info().bos < 0)
      throw Error(ErrorKind::usage, "--bos: this vocabulary has no token that begins a text");
    ids.insert(ids.begin(), tokenizer->info().bos);
  }
  print_tokens(*tokenizer, ids, options);
  return 0;
}

}  // namespace

void add_tokenize(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("tokenize", "Shows the tokens of a text, or the text of tokens");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("text", options->text, "The text; - or none: read from standard input")
      ->type_name("TEXT");
  verb->add_option("-f,--file", options->file, "A file that holds the text")->type_name("FILE");
  CLI::Option* decode =
      verb->add_option("-d,--decode", options->decode,
                       "Print the text of these ids (1,2,3; -: from standard input)")
          ->type_name("IDS");
  verb->add_flag(
      "-s,--special", options->special,
      "Names of control tokens in the text stand for them; with --decode they are shown");
  CLI::Option* bos =
      verb->add_flag("--bos", options->bos, "Put the token that begins a text first");
  CLI::Option* ids = verb->add_flag("--ids", options->ids, "Only the ids, as a JSON list");
  CLI::Option* count = verb->add_flag("--count", options->count, "Only how many there are");
  CLI::Option* json = verb->add_flag("--json", options->json, "JSON on standard output");
  ids->excludes(count)->excludes(json);
  count->excludes(json);
  decode->excludes(ids)->excludes(count)->excludes(bos);
  add_plugin_flags(*verb, options->engine);
  verb->footer(
      "A newline at the end of a file or of standard input is dropped.\n\nExamples:\n"
      "  sirocco tokenize models/demo \"Once upon a time\"\n"
      "  sirocco tokenize models/demo --special --ids \"<s>[INST] Hi[/INST]\"\n"
      "  sirocco tokenize models/demo --decode 1,272,669\n"
      "  sirocco tokenize models/demo --count -f story.txt");
  verb->callback([options, &action] { action = [options] { return tokenize(*options); }; });
}

}  // namespace sirocco::cli
