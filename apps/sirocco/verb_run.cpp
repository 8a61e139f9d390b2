#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "config/documents.hpp"
#include "engine_flags.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "runtime/generate.hpp"
#include "text/stream_decoder.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  std::string prompt;
  std::string policy;
  std::optional<int64_t> max_tokens;
};

/// Tokens to generate where neither the command line nor the model says how many.
constexpr int64_t kDefaultTokens = 128;

// A signal handler can reach nothing else.
std::atomic<bool> interrupted{false};

void on_interrupt(int) {
  interrupted = true;
  std::signal(SIGINT, SIG_DFL);  // the second one ends the program
}

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

double per_second(size_t tokens, uint64_t ns) {
  return ns ? 1e9 * static_cast<double>(tokens) / static_cast<double>(ns) : 0.0;
}

int64_t token_limit(const ResolvedModel& model, const Options& options) {
  if (options.max_tokens) return *options.max_tokens;
  const auto stated = model.document ? model.document->generation.max_tokens : std::nullopt;
  return stated.value_or(kDefaultTokens);
}

int run(const Options& options) {
  refuse_policy(options.policy);
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  const auto tokenizer = engine.tokenizer(*model);
  const std::vector<int32_t> prompt = encode(*tokenizer, options.prompt);
  ModelOptions wanted = options.engine.model();
  wanted.max_seqs = 1;
  wanted.max_rows = 1;
  const auto loaded = engine.plan(model, wanted);
  check_context(*model, loaded->plan().options().limits.max_context,
                static_cast<int64_t>(prompt.size()));
  std::fprintf(stderr, "%s: %s\n", model->name.c_str(),
               placement_line(loaded->plan().placement(), loaded->plan().devices()).c_str());
  Progress loading("loading");
  Executor& executor =
      loaded->executor([&](uint64_t done, uint64_t total) { loading.show(done, total); });
  loading.finish();

  GenerateOptions generate;
  generate.max_tokens = static_cast<size_t>(token_limit(*model, options));
  if (tokenizer->info().eos >= 0) generate.stop_ids.push_back(tokenizer->info().eos);
  std::signal(SIGINT, on_interrupt);
  print(options.prompt);
  StreamDecoder decoder(*tokenizer, false);
  const GenerateResult result = generate_greedy(executor, prompt, generate, [&](int32_t token) {
    print(decoder.push(token));
    return !interrupted.load();
  });
  print(decoder.finish() + "\n");
  std::fprintf(stderr, "%zu prompt tokens at %.1f/s, %zu generated at %.1f/s%s\n", result.n_prompt,
               per_second(result.n_prompt, result.prefill_ns), result.n_generated,
               per_second(result.n_generated ? result.n_generated - 1 : 0, result.decode_ns),
               result.reason == StopReason::context ? "; the context is full" : "");
  return 0;
}

}  // namespace

void add_run(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      app.add_subcommand("run", "Continues a prompt, showing the text as it is generated");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("-p,--prompt", options->prompt, "Text to continue")
      ->type_name("TEXT")
      ->required();
  verb->add_option("-n", options->max_tokens,
                   "Tokens to generate at most (default: the model document's, else 128)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  verb->add_option("--policy", options->policy, "Moderation policy that must be enforced")
      ->type_name("FILE");
  add_engine_flags(*verb, options->engine);
  verb->footer(
      "The text goes to standard output, everything else to standard error. Always the most "
      "probable\ntoken is chosen. Ctrl-C stops the answer.\n\nExamples:\n"
      "  sirocco run models/demo --prompt \"Once upon a time\" -n 64");
  verb->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace sirocco::cli
