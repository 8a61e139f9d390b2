#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "engine_flags.hpp"
#include "generation_flags.hpp"
#include "generation_report.hpp"
#include "interrupt.hpp"
#include "line_reader.hpp"
#include "output.hpp"
#include "runtime/generate.hpp"
#include "text/chat_template.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

/// Tokens of one answer where neither the command line nor the model says how many.
constexpr int64_t kDefaultTokens = 512;

constexpr const char* kHelp =
    "/help          this list\n"
    "/reset         forget the conversation; the instructions stay\n"
    "/system TEXT   new instructions, from the next message on; without TEXT: none\n"
    "/save FILE     write the conversation as JSON\n"
    "/exit          end, as Ctrl-D does\n"
    "A message that starts with / is written with //. A line that ends in \\ goes on in the next.\n"
    "Ctrl-C stops an answer; twice, or at the prompt, it ends the program.\n";

struct Options {
  EngineFlags engine;
  GenerationFlags generation;
  std::string model;
  std::string chat_template;
  std::string system;
};

/// One conversation with one model: its messages, and the sequence that holds their state.
class Chat {
 public:
  Chat(const Tokenizer& tokenizer, TemplateDocument document, Executor& executor,
       GenerateOptions options, std::string system)
      : tokenizer_(tokenizer),
        template_(std::move(document), tokenizer),
        sequence_(executor),
        options_(std::move(options)),
        system_(std::move(system)) {
    options_.at_start = true;
  }

  /// False where the conversation is to end.
  bool take(const std::string& line) {
    if (line.find_first_not_of(" \t") == std::string::npos) return true;
    if (line.starts_with("//")) {
      answer(line.substr(1));
      return true;
    }
    if (line.starts_with("/")) return command(line);
    answer(line);
    return true;
  }

 private:
  bool command(const std::string& line) {
    const size_t space = std::min(line.find(' '), line.size());
    const std::string word = line.substr(0, space);
    const size_t from = line.find_first_not_of(' ', space);
    const std::string rest = from == std::string::npos ? "" : line.substr(from);
    if (word == "/exit" || word == "/quit") return false;
    if (word == "/help") {
      std::fputs(kHelp, stderr);
    } else if (word == "/reset") {
      messages_.clear();
      say("forgotten");
    } else if (word == "/system") {
      system_ = rest;
      say(rest.empty() ? "no instructions" : "new instructions");
    } else if (word == "/save") {
      save(rest);
    } else {
      say("no command '" + word + "'; /help lists them");
    }
    return true;
  }

  static void say(const std::string& text) { std::fprintf(stderr, "(%s)\n", text.c_str()); }

  ChatRequest request() const {
    ChatRequest request;
    if (!system_.empty()) request.messages.push_back({.role = "system", .content = {system_}});
    request.messages.insert(request.messages.end(), messages_.begin(), messages_.end());
    return request;
  }

  void answer(const std::string& text) {
    messages_.push_back({.role = "user", .content = {text}});
    std::vector<int32_t> prompt;
    try {
      prompt = template_.render(request());
    } catch (const Error& e) {
      messages_.pop_back();
      say(std::string("not sent: ") + e.what());
      return;
    }
    const auto context =
        static_cast<size_t>(sequence_.executor().plan().options().limits.max_context);
    if (prompt.size() >= context) {
      messages_.pop_back();
      say(
          fmt::format("not sent: with this message the conversation takes {} tokens, and the "
                      "context holds {}; /reset starts anew",
                      prompt.size(), context));
      return;
    }
    GenerationReport report(tokenizer_, options_, "");
    options_.cancel = &watch_interrupts();
    std::vector<int32_t> tokens;
    tokens.reserve(std::min(options_.max_tokens, context));
    std::string answered;
    const GenerateResult result =
        generate(sequence_, prompt, options_, &tokenizer_, [&](const GeneratedToken& token) {
          report.add(token);
          tokens.push_back(token.id);
          answered += token.text;
          print(token.text);
          return true;
        });
    unwatch_interrupts();
    print(result.rest + "\n");
    answered += result.rest;
    messages_.push_back({.role = "assistant", .content = {answered}});
    // Where text was cut off the end, the message is what was shown and not what was generated.
    if (result.reason != StopReason::stop_string) messages_.back().tokens = std::move(tokens);
    // So that the next question has a number of its own to be answered with.
    ++options_.sampling.seed;
    report.finish(result);
    say(fmt::format("{}; {} of {} tokens of context", report.speeds(), sequence_.tokens().size(),
                    context));
  }

  void save(const std::string& file) {
    if (file.empty()) {
      say("/save needs a file, as in /save talk.json");
      return;
    }
    nlohmann::ordered_json json = {{"messages", nlohmann::ordered_json::array()}};
    for (const ChatMessage& message : request().messages)
      json["messages"].push_back({{"role", message.role}, {"content", message.content[0]}});
    std::ofstream out(file, std::ios::binary);
    out << json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
    out.close();
    say(out ? fmt::format("{} messages in {}", json["messages"].size(), file)
            : file + " cannot be written; nothing was saved");
  }

  const Tokenizer& tokenizer_;
  ChatTemplate template_;
  TokenSequence sequence_;
  GenerateOptions options_;
  std::string system_;
  std::vector<ChatMessage> messages_;
};

int chat(const Options& options) {
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  const auto tokenizer = engine.tokenizer(*model);
  const GenerateOptions generation = options.generation.options(*model, *tokenizer, kDefaultTokens);
  const TemplateDocument document =
      find_template(options.chat_template, model->document ? &*model->document : nullptr,
                    *tokenizer, ConfigPath::standard());
  ModelOptions wanted = options.engine.model();
  wanted.max_seqs = 1;
  wanted.max_rows = 1;
  wanted.sample = options.generation.sample_on(generation.sampling);
  const auto loaded = engine.plan(model, wanted);
  const std::string placement =
      placement_line(loaded->plan().placement(), loaded->plan().devices());
  std::fprintf(stderr, "%s: %s; template %s\n", model->name.c_str(), placement.c_str(),
               document.name.c_str());
  GenerationReport loading(*tokenizer, generation, placement);
  Executor& executor = load_with_progress(*loaded, loading);
  Chat chat(*tokenizer, document, executor, generation, options.system);
  LineReader lines("> ");
  if (lines.terminal()) std::fprintf(stderr, "/help lists the commands, /exit ends.\n");
  while (const std::optional<std::string> line = lines.read())
    if (!chat.take(*line)) break;
  if (lines.terminal()) std::fputc('\n', stderr);
  return 0;
}

}  // namespace

void add_chat(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "chat", "Talks with a model: messages in, answers out, the conversation kept in between");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("--system", options->system, "Instructions that come with the conversation")
      ->type_name("TEXT");
  verb->add_option("--template", options->chat_template,
                   "Chat template: a name, or a file (default: the model's, else the one that "
                   "suits its vocabulary)")
      ->type_name("NAME");
  add_generation_flags(*verb, options->generation, kDefaultTokens);
  add_engine_flags(*verb, options->engine);
  verb->footer(std::string("Answers go to standard output, everything else to standard error. "
                           "Messages may also come from a file or\npipe, one a line.\n\n") +
               kHelp +
               "\nExamples:\n"
               "  sirocco chat models/demo\n"
               "  sirocco chat models/demo --system \"Answer in French.\" -t 0.7\n"
               "  printf 'Hello\\nAnd now?\\n' | sirocco chat models/demo 2> /dev/null");
  verb->callback([options, &action] { action = [options] { return chat(*options); }; });
}

}  // namespace sirocco::cli
