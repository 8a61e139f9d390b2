// The work of one arm of `sirocco compare`. Its answers are lines of JSON on standard output.

#include <algorithm>
#include <iostream>
#include <memory>

#include <sirocco/error.hpp>

#include "bench_flags.hpp"
#include "compare/arm_numbers.hpp"
#include "compare/arm_speed.hpp"
#include "engine_flags.hpp"
#include "output.hpp"
#include "text_input.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  BenchFlags cases{"0", "0"};
  std::string recording;
  std::string text;
  std::string reference;
  int64_t prompt_tokens = 32;
  int64_t single_tokens = 4;
  bool bisect = false;
  bool no_probes = false;
  double sample_ms = 0;
};

void emit(const nlohmann::ordered_json& json) {
  print(json.dump() + "\n");
}

NumbersTask numbers_task(const Options& options) {
  return {options.engine.engine(), options.model, options.engine.model(), options.reference,
          options.bisect};
}

/// Of the text, or made up: any vocabulary has small ids.
DriftTokens tokens_of(const Options& options) {
  DriftTokens tokens;
  tokens.n_prompt = static_cast<size_t>(options.prompt_tokens);
  const auto n = static_cast<size_t>(options.prompt_tokens + options.single_tokens);
  const Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  if (!options.text.empty()) {
    const auto tokenizer = engine.tokenizer(*model);
    tokens.ids = tokenizer->encode(read_text_file(options.text));
    if (tokenizer->info().bos >= 0) tokens.ids.insert(tokens.ids.begin(), tokenizer->info().bos);
    if (tokens.ids.size() < n)
      throw Error(ErrorKind::invalid_file, options.text + ": its " +
                                               std::to_string(tokens.ids.size()) +
                                               " tokens are fewer than the " + std::to_string(n) +
                                               " that are compared; give a longer text");
    tokens.ids.resize(n);
    return tokens;
  }
  constexpr uint32_t kLeastVocabulary = 200;
  uint32_t state = 1;
  for (size_t i = 0; i < n; ++i) {
    state = state * 1664525u + 1013904223u;
    tokens.ids.push_back(static_cast<int32_t>((state >> 16) % kLeastVocabulary));
  }
  return tokens;
}

int record(const Options& options) {
  record_arm(numbers_task(options), tokens_of(options), options.recording, emit);
  return 0;
}

int numbers(const Options& options) {
  check_numbers(numbers_task(options), Recording(options.recording), emit);
  return 0;
}

int speed(const Options& options) {
  const SpeedTask task{options.engine.engine(), options.model,      options.engine.model(),
                       options.cases.cases(),   !options.no_probes, options.sample_ms * 1e-3};
  serve_speed(
      task, [](std::string& line) { return static_cast<bool>(std::getline(std::cin, line)); },
      emit);
  return 0;
}

CLI::App* add_task(CLI::App& arm, const char* name, const std::shared_ptr<Options>& options,
                   Action& action, int (*run)(const Options&)) {
  CLI::App* task = arm.add_subcommand(name, "");
  task->add_option("model", options->model)->required();
  add_engine_flags(*task, options->engine);
  task->callback([options, &action, run] { action = [options, run] { return run(*options); }; });
  return task;
}

}  // namespace

void add_arm(CLI::App& app, Action& action) {
  CLI::App* arm = app.add_subcommand("arm", "One arm of `sirocco compare`; not for people");
  arm->group("");  // hidden
  arm->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  CLI::App* recorder = add_task(*arm, "record", options, action, record);
  recorder->add_option("--recording", options->recording)->required();
  recorder->add_option("--text", options->text);
  recorder->add_option("--prompt-tokens", options->prompt_tokens);
  recorder->add_option("--single-tokens", options->single_tokens);
  CLI::App* checker = add_task(*arm, "numbers", options, action, numbers);
  checker->add_option("--recording", options->recording)->required();
  checker->add_option("--reference", options->reference);
  checker->add_flag("--bisect", options->bisect);
  CLI::App* runner = add_task(*arm, "speed", options, action, speed);
  add_bench_flags(*runner, options->cases);
  runner->add_flag("--no-probes", options->no_probes);
  runner->add_option("--sample-ms", options->sample_ms);
}

}  // namespace sirocco::cli
