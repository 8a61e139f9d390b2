#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "config/documents.hpp"
#include "engine_flags.hpp"
#include "flag_checks.hpp"
#include "generation_flags.hpp"
#include "generation_report.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "runtime/generate.hpp"
#include "text/chat_template.hpp"
#include "text_input.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

/// Tokens to generate where neither the command line nor the model says how many.
constexpr int64_t kDefaultTokens = 128;

struct Options {
  EngineFlags engine;
  GenerationFlags generation;
  std::string model;
  std::optional<std::string> prompt;
  std::optional<std::string> prompt_flag;
  std::string file;
  bool instruct = false;
  std::string chat_template;
  std::string system;
  std::string policy;
  std::optional<int64_t> logprobs;
  bool json = false;
};

/// Nothing here can enforce a policy, and output that a policy should have seen must not appear.
void refuse_policy(const std::string& file) {
  if (file.empty()) return;
  read_policy(file);
  throw Error(ErrorKind::plugin, file +
                                     ": no plugin offers sirocco.moderator/0, so the policy "
                                     "cannot be enforced; nothing was run");
}

std::vector<int32_t> encode(const Tokenizer& tokenizer, const std::string& prompt) {
  std::vector<int32_t> ids = tokenizer.encode(prompt);
  if (tokenizer.info().bos >= 0) ids.insert(ids.begin(), tokenizer.info().bos);
  return ids;
}

/// The prompt as one user message of the model's chat template.
std::vector<int32_t> render(const ResolvedModel& model, const Tokenizer& tokenizer,
                            const Options& options, const std::string& prompt) {
  const ChatTemplate chat(
      find_template(options.chat_template, model.document ? &*model.document : nullptr, tokenizer,
                    ConfigPath::standard()),
      tokenizer);
  std::fprintf(stderr, "template %s\n", chat.document().name.c_str());
  ChatRequest request;
  if (!options.system.empty())
    request.messages.push_back({.role = "system", .content = {options.system}});
  request.messages.push_back({.role = "user", .content = {prompt}});
  return chat.render(request);
}

std::string read_prompt(const Options& options) {
  if (options.prompt && options.prompt_flag)
    throw Error(ErrorKind::usage, "the prompt is given twice, as an argument and as --prompt");
  return read_text_input(options.prompt_flag ? options.prompt_flag : options.prompt, options.file,
                         "prompt", "with --file FILE");
}

int run(const Options& options) {
  refuse_policy(options.policy);
  const std::string text = read_prompt(options);
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  const auto tokenizer = engine.tokenizer(*model);
  GenerateOptions generate_options = options.generation.options(*model, *tokenizer, kDefaultTokens);
  generate_options.sampling.n_logprobs = options.logprobs.value_or(0);
  check_sampling(generate_options.sampling);
  const bool instruct =
      options.instruct || !options.chat_template.empty() || !options.system.empty();
  generate_options.at_start = instruct;
  const std::vector<int32_t> prompt =
      instruct ? render(*model, *tokenizer, options, text) : encode(*tokenizer, text);
  ModelOptions wanted = options.engine.model();
  wanted.max_seqs = 1;
  wanted.max_rows = 1;
  wanted.sample = options.generation.sample_on(generate_options.sampling);
  const auto loaded = engine.plan(model, wanted);
  check_context(*model, loaded->plan().options().limits.max_context,
                static_cast<int64_t>(prompt.size()));
  const std::string placement =
      placement_line(loaded->plan().placement(), loaded->plan().devices());
  std::fprintf(stderr, "%s: %s\n", model->name.c_str(), placement.c_str());
  GenerationReport report(*tokenizer, generate_options, placement);
  Executor& executor = load_with_progress(*loaded, report);

  generate_options.cancel = &watch_interrupts();
  if (!options.json && !instruct) print(text);
  TokenSequence sequence(executor);
  const GenerateResult result = generate(sequence, prompt, generate_options, tokenizer.get(),
                                         [&](const GeneratedToken& token) {
                                           report.add(token);
                                           if (!options.json) print(token.text);
                                           return true;
                                         });
  report.finish(result);
  if (options.json) {
    print(report.json().dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
          "\n");
  } else {
    print(result.rest + "\n");
    if (options.logprobs) print(report.logprobs_text());
  }
  std::fprintf(stderr, "%s\n", report.line().c_str());
  return result.reason == StopReason::cancelled ? interrupted_exit() : 0;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("run", "Continues a prompt, showing the text as it is generated");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("prompt", options->prompt,
                   "Text to continue; - or none: read from standard input")
      ->type_name("PROMPT");
  verb->add_option("-p,--prompt", options->prompt_flag, "The same, for prompts that start with -")
      ->type_name("TEXT");
  verb->add_option("-f,--file", options->file, "A file that holds the prompt")->type_name("FILE");
  verb->add_flag("--instruct", options->instruct,
                 "Put the prompt, as a question, in the model's chat template; only the answer is "
                 "printed");
  verb->add_option("--template", options->chat_template,
                   "That chat template: a name, or a file (default: the model's, else the one that "
                   "suits its vocabulary)")
      ->type_name("NAME");
  verb->add_option("--system", options->system, "Instructions for the answer; implies --instruct")
      ->type_name("TEXT");
  add_generation_flags(*verb, options->generation, kDefaultTokens);
  verb->add_option("--logprobs", options->logprobs,
                   "Report each token's log-probability and the N most probable tokens there")
      ->type_name("N")
      ->check(at_least(1));
  verb->add_flag(
      "--json", options->json,
      "One JSON object on standard output, at the end: text, tokens, timings, placement");
  verb->add_option("--policy", options->policy, "Moderation policy that must be enforced")
      ->type_name("FILE");
  add_engine_flags(*verb, options->engine);
  verb->footer(
      "The text goes to standard output, everything else to standard error. A newline at the end "
      "of a\nfile or of standard input is dropped. Filters apply in this order: penalties, "
      "temperature, top-k,\ntop-p, min-p. Ctrl-C stops the answer (exit code 130), twice ends at "
      "once.\n\nExamples:\n"
      "  sirocco run models/demo \"Once upon a time\" -n 64\n"
      "  sirocco run models/demo --instruct \"What is 12 + 30?\"\n"
      "  sirocco run models/demo -f prompt.txt -t 0.8 --top-p 0.95 --seed 1\n"
      "  echo \"Once upon a time\" | sirocco run models/demo --stop $'\\n' --json | jq .text");
  verb->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace sirocco::cli
