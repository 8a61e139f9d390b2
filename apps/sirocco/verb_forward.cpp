#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "engine_flags.hpp"
#include "progress.hpp"
#include "runtime/forward.hpp"
#include "verbs.hpp"
#include "weights/safetensors_writer.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  std::string tokens;
  std::string out;
  size_t chunk = 0;
  std::vector<std::string> taps;
};

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  // A folder opens, but its reading fails.
  if (!file || (file.peek() != EOF && !(text << file.rdbuf())) || file.bad())
    throw Error(ErrorKind::invalid_file, path + ": cannot be read");
  return text.str();
}

void write(const std::string& path, const std::vector<ForwardTensor>& tensors) {
  std::vector<TensorToWrite> records;
  for (const ForwardTensor& tensor : tensors)
    records.push_back({tensor.name, SIROCCO_DTYPE_F32, tensor.shape, tensor.data.data()});
  write_safetensors(path, records);
}

int run(const Options& options) {
  const Prompts prompts = parse_prompts(read_text(options.tokens), options.tokens);
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  const StepLimits limits = forward_limits(prompts, options.chunk);
  ModelOptions wanted = options.engine.model();
  check_context(*model, wanted.context, limits.max_context);
  wanted.context = limits.max_context;
  wanted.max_tokens = limits.max_tokens;
  wanted.max_seqs = limits.max_seqs;
  wanted.max_rows = limits.max_rows;
  wanted.observe = options.taps;
  const auto loaded = engine.plan(model, wanted);
  Progress loading("loading");
  Executor& executor =
      loaded->executor([&](uint64_t done, uint64_t total) { loading.show(done, total); });
  loading.finish();
  Progress running("forward");
  const auto tensors = forward(executor, prompts, options.chunk,
                               [&](size_t done, size_t total) { running.show(done, total); });
  running.finish();
  write(options.out, tensors);
  std::fprintf(stderr, "%s\n%s: %zu tensors of %zu prompts\n",
               placement_line(loaded->plan().placement(), loaded->plan().devices()).c_str(),
               options.out.c_str(), tensors.size(), prompts.size());
  return 0;
}

}  // namespace

void add_forward(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "forward",
      "Writes the logits at every position of given token ids: how numerics are checked");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("--tokens", options->tokens,
                   "JSON list of token-id lists, run as one ragged batch")
      ->type_name("FILE")
      ->required();
  verb->add_option("--out", options->out,
                   "safetensors file to write: logits.<i> f32 [T, vocab], tap.<name>.<i>")
      ->type_name("FILE")
      ->required();
  verb->add_option("--chunk", options->chunk, "Tokens of each prompt a step (default: all of them)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  verb->add_option("--tap", options->taps,
                   "A named value to write too, as layers.3/h; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_engine_flags(*verb, options->engine);
  verb->footer(
      "Examples:\n  echo '[[1, 415, 2936]]' > prompts.json\n  sirocco forward models/demo "
      "--tokens prompts.json --out logits.safetensors --numerics f32");
  verb->callback([options, &action] { action = [options] { return run(*options); }; });
}

}  // namespace sirocco::cli
