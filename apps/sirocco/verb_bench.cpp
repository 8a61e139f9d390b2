#include <cstdio>
#include <memory>

#include <sirocco/error.hpp>

#include "bench_flags.hpp"
#include "bench_run.hpp"
#include "flag_checks.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  BenchFlags cases{"512", "64"};
  int64_t repeats = 5;
  std::string output = "md";
  std::string output_err;
  bool json = false;
};

int bench(const Options& options) {
  const BenchFormat format =
      options.json ? BenchFormat::json : bench_format_from_name(options.output);
  const BenchReport report =
      run_bench(options.model, options.engine, options.cases.cases(), options.repeats);
  if (!options.output_err.empty())
    std::fputs(bench_text(report, bench_format_from_name(options.output_err)).c_str(), stderr);
  print(bench_text(report, format));
  return 0;
}

void add_output_flags(CLI::App& verb, Options& options) {
  const CLI::IsMember formats({"md", "csv", "json", "jsonl"});
  CLI::Option* output = verb.add_option("-o,--output", options.output,
                                        "What standard output gets: md, csv, json or "
                                        "jsonl (see below)")
                            ->type_name("FORMAT")
                            ->check(formats)
                            ->capture_default_str();
  verb.add_option("--output-err", options.output_err,
                  "Also -oe: a format in which standard error gets the same")
      ->type_name("FORMAT")
      ->check(formats);
  verb.add_flag("--json", options.json, "The same as -o json")->excludes(output);
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("bench", "Measures a model's speed beside the machine's own");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  add_bench_flags(*verb, options->cases);
  verb->add_option("-r,--repetitions", options->repeats, "Runs of each test, taken in turn")
      ->type_name("N")
      ->check(at_least(1))
      ->capture_default_str();
  add_output_flags(*verb, *options);
  add_engine_flags(*verb, options->engine);
  verb->footer(
      "SIZES are lists and ranges: 512, 128,512, 128-512+128, 1-8*2; every combination is run. pp "
      "is\n"
      "the reading of a prompt, tg the making of tokens one by one, b how many sequences at a "
      "time\n"
      "(tokens/s are of all together), @ d the depth before.\n\n"
      "Shares are of what the machine itself did, measured just before and after each sample:\n"
      "  of bytes/s  bytes that the test cannot do without, of what is read from a large buffer\n"
      "  of own      the same, of what is read from where the weights themselves lie\n"
      "  of flops    operations, of those done out of vector registers\n"
      "  overhead    what of the steps' time no kernel took: barriers, dispatch, preparation\n"
      "A sample is disturbed where others used more than 12 % of a processor. Nodes must all run "
      "on\n"
      "the first backend, unless --fallback says otherwise.\n\n"
      "md is the table. json is one object with every sample, jsonl one such row a test and line, "
      "csv\n"
      "the rows without the samples; all three name columns alike: what was measured on what, "
      "the\n"
      "test, tokens_per_second (the median) with _avg, _stddev, _least and _most, and the "
      "shares.\n\nExamples:\n"
      "  sirocco bench models/demo -p 128 -n 64\n"
      "  sirocco bench CHECKPOINT -p 512 -n 64 -d 0,4096\n"
      "  sirocco bench CHECKPOINT -p 0 -n 64 -b 1-32*2 -o csv -oe md > batches.csv\n"
      "  sirocco bench CHECKPOINT -p 0 -n 0 -pg 512,128 --json");
  verb->callback([options, &action] { action = [options] { return bench(*options); }; });
}

}  // namespace sirocco::cli
