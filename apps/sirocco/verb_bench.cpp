#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "bench/bench.hpp"
#include "bench/disturbance.hpp"
#include "engine_flags.hpp"
#include "flag_checks.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "runtime/machine.hpp"
#include "runtime/plan_report.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  std::string prompt = "512";
  std::string generate = "64";
  std::string depth = "0";
  int64_t repeats = 5;
  bool json = false;
};

/// What is said about the whole run.
struct Run {
  std::string model;
  std::string placement;
  uint32_t threads = 0;
  double load_seconds = 0;  ///< until the first token is there, so with the weights read once
  double bandwidth = 0;     ///< bytes a second, at the end
  double flops = 0;         ///< at the end
  uint64_t probe_bytes = 0;
  uint64_t peak_bytes = 0;  ///< resident, before the probe
  std::vector<BenchResult> results;
};

std::vector<BenchCase> cases_of(const Options& options) {
  std::vector<BenchCase> cases;
  const auto prompts = parse_sizes(options.prompt, "-p", 0);
  const auto generates = parse_sizes(options.generate, "-n", 0);
  for (const int64_t depth : parse_sizes(options.depth, "-d", 0)) {
    for (const int64_t n : prompts)
      if (n) cases.push_back({false, n, depth});
    for (const int64_t n : generates)
      if (n) cases.push_back({true, n, depth});
  }
  if (cases.empty()) throw Error(ErrorKind::usage, "-p 0 and -n 0 leave nothing to measure");
  return cases;
}

uint64_t peak_resident_bytes() {
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  return static_cast<uint64_t>(own.ru_maxrss) * 1024;
}

void make_first_token(Executor& executor) {
  const int32_t token = 0;
  const uint32_t row = 0;
  const SequenceId id = executor.open();
  const SequenceInput input{id, {&token, 1}, {&row, 1}};
  executor.step({&input, 1});
  executor.close(id);
}

Run measure(const Options& options) {
  const std::vector<BenchCase> cases = cases_of(options);
  EngineOptions engine_options = options.engine.engine();
  if (!engine_options.fallback) engine_options.fallback = Fallback::forbid;
  Engine engine(engine_options);
  const auto start = std::chrono::steady_clock::now();
  const auto model = engine.resolve(options.model);
  ModelOptions wanted = options.engine.model();
  int64_t longest = 0;
  std::vector<int64_t> depths;
  for (const BenchCase& test : cases) {
    longest = std::max(longest, test.depth + test.n);
    depths.push_back(test.depth);
  }
  check_context(*model, wanted.context, longest);
  if (!wanted.context) wanted.context = longest;
  wanted.timed = true;
  std::ranges::sort(depths);
  wanted.max_seqs = std::unique(depths.begin(), depths.end()) - depths.begin();
  const auto loaded = engine.plan(model, wanted);
  Run run;
  run.model = model->name;
  run.placement = placement_line(loaded->plan().placement(), loaded->plan().devices());
  run.threads = engine.team().size();
  std::fprintf(stderr, "%s: %s\n", run.model.c_str(), run.placement.c_str());
  Executor& executor = loaded->executor();
  make_first_token(executor);
  run.load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  {
    Progress progress("measuring");
    const auto total = cases.size() * (static_cast<size_t>(options.repeats) + 1);
    size_t done = 0;
    const auto show = [&](const BenchCase&) { progress.show(done++, total); };
    Bench bench(executor, cases);
    bench.warm_up(show);
    // What follows takes memory of its own, and touches weights that no token has used.
    run.peak_bytes = peak_resident_bytes();
    const Machine machine = look_at_machine();
    const uint64_t limit = machine.memory_limit ? machine.memory_limit : UINT64_MAX;
    Probe probe(engine.team(), std::min(machine.memory_available, limit));
    run.results = bench.measure(probe, options.repeats, show);
    run.bandwidth = probe.bandwidth();
    run.flops = probe.flops();
    run.probe_bytes = probe.buffer_bytes();
  }
  return run;
}

Spread spread_of(const BenchResult& result, double BenchSample::*figure) {
  std::vector<double> values;
  for (const BenchSample& sample : result.samples) values.push_back(sample.*figure);
  return spread(std::move(values));
}

size_t disturbed(const BenchResult& result) {
  return static_cast<size_t>(std::ranges::count_if(
      result.samples, [](const BenchSample& sample) { return sample.disturbance > kDisturbed; }));
}

/// One line of the table; figures are right-aligned under their names.
std::string line_of(const std::vector<std::string>& cells) {
  constexpr size_t kWidths[] = {18, 9, 19, 10, 8, 8, 8, 9};
  std::string text = "|";
  for (size_t i = 0; i < cells.size(); ++i)
    text += i == 0 ? fmt::format(" {:<{}} |", cells[i], kWidths[i])
                   : fmt::format(" {:>{}} |", cells[i], kWidths[i]);
  return text + "\n";
}

std::string table(const Run& run) {
  std::string text = line_of({"test", "tokens/s", "least to most", "of bytes/s", "of own",
                              "of flops", "overhead", "disturbed"});
  text += line_of({"---", "--:", "--:", "--:", "--:", "--:", "--:", "--:"});
  for (const BenchResult& result : run.results) {
    const auto percent = [&](double BenchSample::*figure, int digits) {
      return fmt::format("{:.{}f}%", 100 * spread_of(result, figure).median, digits);
    };
    const Spread speed = spread_of(result, &BenchSample::tokens_per_second);
    text += line_of(
        {result.test.label(), fmt::format("{:.2f}", speed.median),
         fmt::format("{:.2f} to {:.2f}", speed.least, speed.most),
         percent(&BenchSample::bandwidth_share, 0), percent(&BenchSample::own_bandwidth_share, 0),
         percent(&BenchSample::flops_share, 0), percent(&BenchSample::overhead_share, 1),
         fmt::format("{}/{}", disturbed(result), result.samples.size())});
  }
  constexpr double kGiga = 1e9, kMebi = 1 << 20;
  text += fmt::format(
      "\n{} threads, {}; first token {:.3f} s after loading began, {:.0f} MiB resident at most\n"
      "probe in the same run: {:.1f} GB/s read from {:.0f} MiB, {:.0f} GFLOP/s in vectors\n",
      run.threads, run.placement, run.load_seconds, static_cast<double>(run.peak_bytes) / kMebi,
      run.bandwidth / kGiga, static_cast<double>(run.probe_bytes) / kMebi, run.flops / kGiga);
  return text;
}

nlohmann::ordered_json json_of(const Run& run) {
  nlohmann::ordered_json json = {{"model", run.model},
                                 {"placement", run.placement},
                                 {"threads", run.threads},
                                 {"load_seconds", run.load_seconds},
                                 {"peak_resident_bytes", run.peak_bytes},
                                 {"probe",
                                  {{"bytes_per_second", run.bandwidth},
                                   {"flops_per_second", run.flops},
                                   {"buffer_bytes", run.probe_bytes}}}};
  for (const BenchResult& result : run.results) {
    nlohmann::ordered_json test = {{"test", result.test.label()}};
    for (const BenchSample& sample : result.samples)
      test["samples"].push_back({{"tokens_per_second", sample.tokens_per_second},
                                 {"bandwidth_share", sample.bandwidth_share},
                                 {"own_bandwidth_share", sample.own_bandwidth_share},
                                 {"flops_share", sample.flops_share},
                                 {"overhead_share", sample.overhead_share},
                                 {"disturbance", sample.disturbance}});
    test["tokens_per_second"] = spread_of(result, &BenchSample::tokens_per_second).median;
    test["bandwidth_share"] = spread_of(result, &BenchSample::bandwidth_share).median;
    test["own_bandwidth_share"] = spread_of(result, &BenchSample::own_bandwidth_share).median;
    test["flops_share"] = spread_of(result, &BenchSample::flops_share).median;
    test["overhead_share"] = spread_of(result, &BenchSample::overhead_share).median;
    test["disturbed"] = disturbed(result);
    json["tests"].push_back(test);
  }
  return json;
}

int bench(const Options& options) {
  const Run run = measure(options);
  print(options.json ? json_of(run).dump(2) + "\n" : table(run));
  return 0;
}

}  // namespace

void add_bench(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("bench", "Measures a model's speed beside the machine's own");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("-p,--n-prompt", options->prompt, "Prompt lengths to read; 0: none")
      ->type_name("SIZES")
      ->capture_default_str();
  verb->add_option("-n,--n-gen", options->generate, "Numbers of tokens to make; 0: none")
      ->type_name("SIZES")
      ->capture_default_str();
  verb->add_option("-d,--n-depth", options->depth, "Tokens that the sequence holds before")
      ->type_name("SIZES")
      ->capture_default_str();
  verb->add_option("-r,--repetitions", options->repeats, "Runs of each test, taken in turn")
      ->type_name("N")
      ->check(at_least(1))
      ->capture_default_str();
  verb->add_flag("--json", options->json, "Every sample, as one JSON object on standard output");
  add_engine_flags(*verb, options->engine);
  verb->footer(
      "SIZES are lists and ranges: 512, 128,512, 128-512+128, 1-8*2; every combination is run. pp "
      "is\n"
      "the reading of a prompt, tg the making of tokens one by one, @ d the depth before.\n\n"
      "Shares are of what the machine itself did, measured just before and after each sample:\n"
      "  of bytes/s  bytes that the test cannot do without, of what is read from a large buffer\n"
      "  of own      the same, of what is read from where the weights themselves lie\n"
      "  of flops    operations, of those done out of vector registers\n"
      "  overhead    what of the steps' time no kernel took: barriers, dispatch, preparation\n"
      "A sample is disturbed where others used more than 12 % of a processor. Nodes must all run "
      "on\n"
      "the first backend, unless --fallback says otherwise.\n\nExamples:\n"
      "  sirocco bench models/demo -p 128 -n 64\n"
      "  sirocco bench CHECKPOINT -p 512 -n 64 -d 0,4096\n"
      "  sirocco bench CHECKPOINT --backend reference -p 16 -n 4 --json");
  verb->callback([options, &action] { action = [options] { return bench(*options); }; });
}

}  // namespace sirocco::cli
