#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "engine_flags.hpp"
#include "eval/evaluation.hpp"
#include "flag_checks.hpp"
#include "output.hpp"
#include "perplexity_report.hpp"
#include "progress.hpp"
#include "text_input.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

/// As the field's tools: long enough to be of use, short enough for any model.
constexpr int64_t kWindow = 512;

struct Options {
  EngineFlags engine;
  std::string model;
  std::string text;
  std::string token_file;
  std::optional<int64_t> stride;
  int64_t chunk = 256;
  std::string save_base;
  std::string base_dtype = "f16";
  std::string base;
  bool by_window = false;
  bool json = false;
};

/// The tokens to be cut into windows, and where they are from.
struct Text {
  std::string label;
  Prompts tokens;
  int32_t begin = -1;  ///< as WindowRule::begin

  size_t size() const {
    size_t sum = 0;
    for (const auto& tokens_of_one : tokens) sum += tokens_of_one.size();
    return sum;
  }
};

Text read_text(const Options& options, const Engine& engine, const ResolvedModel& model) {
  if (options.text.empty() == options.token_file.empty())
    throw Error(ErrorKind::usage,
                "give the text, either as --text FILE or as token ids with --token-file FILE");
  if (!options.token_file.empty())
    return {options.token_file,
            parse_prompts(read_text_file(options.token_file), options.token_file), -1};
  const std::string text = read_text_input({}, options.text, "text", "with --text FILE");
  const auto tokenizer = engine.tokenizer(model);
  Text result{options.text, {tokenizer->encode(text)}, tokenizer->info().bos};
  if (result.begin >= 0) result.tokens[0].insert(result.tokens[0].begin(), result.begin);
  return result;
}

/// What is asked for, else as the base was made, else the field's default where the model allows
/// it.
WindowRule rule_of(const Options& options, const ResolvedModel& model, const BaseReader* base) {
  WindowRule rule;
  rule.size = std::min(kWindow, model.context.value_or(kWindow));
  if (base) {
    rule.size = base->header().window;
    rule.stride = base->header().stride;
  }
  if (options.engine.context) rule.size = *options.engine.context;
  if (options.stride) rule.stride = options.stride;
  return rule;
}

BaseHeader header_of(const Options& options, const PerplexityRun& run, const Windows& windows,
                     int64_t vocab) {
  return {vocab,
          dtype_from_name(options.base_dtype),
          run.rule.size,
          run.rule.stride,
          static_cast<int64_t>(windows.tokens.size()),
          run.rule.scored(),
          tokens_digest(windows),
          run.model + ", " + run.placement +
              (options.engine.numerics.empty() ? "" : ", " + options.engine.numerics)};
}

int perplexity(const Options& options) {
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  std::optional<BaseReader> base;
  if (!options.base.empty()) base.emplace(options.base);
  const Text text = read_text(options, engine, *model);
  PerplexityRun run;
  run.model = model->name;
  run.text = text.label;
  run.tokens = text.size();
  run.rule = rule_of(options, *model, base ? &*base : nullptr);
  check_context(*model, {}, run.rule.size);
  run.rule.begin = text.begin;
  const Windows windows = cut_windows(text.tokens, run.rule, text.label);
  run.unused = windows.unused;
  const StepLimits limits = window_limits(run.rule, options.chunk);
  ModelOptions wanted = options.engine.model();
  wanted.context = limits.max_context;
  wanted.max_tokens = limits.max_tokens;
  wanted.max_seqs = limits.max_seqs;
  wanted.max_rows = limits.max_rows;
  const auto loaded = engine.plan(model, wanted);
  run.placement = placement_line(loaded->plan().placement(), loaded->plan().devices());
  std::fprintf(stderr, "%s: %s\n", run.model.c_str(), run.placement.c_str());
  const int64_t vocab = logits_width(loaded->plan());
  if (base) {
    base->check(windows, run.rule, vocab);
    run.base = base->header().made_from;
  }
  std::optional<BaseWriter> save;
  if (!options.save_base.empty())
    save.emplace(options.save_base, header_of(options, run, windows, vocab));
  Progress loading("loading");
  Executor& executor =
      loaded->executor([&](uint64_t done, uint64_t total) { loading.show(done, total); });
  loading.finish();
  Progress scoring("scoring");
  run.result = evaluate(executor, windows, run.rule, options.chunk, base ? &*base : nullptr,
                        save ? &*save : nullptr,
                        [&](size_t done, size_t total) { scoring.show(done, total); });
  scoring.finish();
  if (save) save->commit();
  print(options.json ? perplexity_json(run).dump(2) + "\n"
                     : perplexity_text(run, options.by_window));
  return 0;
}

}  // namespace

void add_perplexity(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "perplexity", "How well a model predicts a text, and how far it is from a saved base");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("--text", options->text, "The text; -: standard input")->type_name("FILE");
  verb->add_option("--token-file", options->token_file,
                   "Token ids instead: a JSON list of lists, each a text of its own")
      ->type_name("FILE");
  verb->add_option("--stride", options->stride,
                   "Begin windows so many tokens apart, and score so many at the end of each")
      ->type_name("N")
      ->check(at_least(1));
  verb->add_option("--chunk", options->chunk, "Tokens a step at most; less takes less memory")
      ->type_name("N")
      ->check(at_least(1))
      ->capture_default_str();
  CLI::Option* save = verb->add_option("--save-base", options->save_base,
                                       "Write the log-probabilities of every scored token")
                          ->type_name("FILE");
  verb->add_option("--base-dtype", options->base_dtype,
                   "As what they are written; a row of a vocabulary of 32768 takes 64 KiB as f16")
      ->check(CLI::IsMember({"f16", "f32"}))
      ->needs(save)
      ->capture_default_str();
  verb->add_option("--base", options->base, "Compare with a file that --save-base has written")
      ->type_name("FILE")
      ->excludes(save);
  verb->add_flag("--by-window", options->by_window, "A line a window too, with its own figures");
  verb->add_flag("--json", options->json, "Everything, as one JSON object on standard output");
  add_engine_flags(*verb, options->engine);
  verb->get_option("--ctx")->description(
      "Tokens of a window (default: the base's, else 512, or the model's context where that is "
      "less)");
  verb->footer(
      "The text is tokenised as a whole and cut into windows of --ctx tokens. Each is read from "
      "an\n"
      "empty state, its first token replaced by the one that begins a text, where the tokenizer\n"
      "has one. The first half and the token behind it are context; the rest is scored: PPL is\n"
      "exp of the mean of -ln p(token | window before it). With --stride N windows overlap and\n"
      "each token is scored once, with --ctx minus N tokens before it at least. What fills no\n"
      "window at the end is left out. Figures are ± one standard error, taken over tokens.\n\n"
      "With --base also: PPL / base and PPL - base, with the errors of paired samples; KL(base ||\n"
      "this) over the vocabulary at each scored token; Δp, the change of the probability of the\n"
      "token that came; how often the most likely token is the same; how many of the base's five\n"
      "most likely are among the five here.\n\nExamples:\n"
      "  sirocco perplexity models/demo --text README.md\n"
      "  sirocco perplexity MODEL --text wiki.txt --backend reference --numerics f32 "
      "--save-base wiki.base\n"
      "  sirocco perplexity MODEL --text wiki.txt --base wiki.base");
  verb->callback([options, &action] { action = [options] { return perplexity(*options); }; });
}

}  // namespace sirocco::cli
