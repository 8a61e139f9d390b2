#include <cstdio>
#include <memory>
#include <optional>

#include <sirocco/error.hpp>

#include "engine_flags.hpp"
#include "flag_checks.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "trace/perfetto.hpp"
#include "trace/recorder.hpp"
#include "trace_report.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

/// More would be no timeline that anybody reads, and its times are held in memory.
constexpr int64_t kMostTokens = 1 << 24;

struct Options {
  EngineFlags engine;
  std::string model;
  TraceCase what = {.depth = 0, .prompt = 64, .steps = 8};
  std::string out;
  int64_t top = 10;
  bool json = false;
};

TraceRun report_of(const LoadedModel& loaded, const Trace& trace, uint32_t threads) {
  const Plan& plan = loaded.plan();
  TraceRun run;
  run.model = loaded.model().name;
  run.placement = placement_line(plan.placement(), plan.devices());
  run.threads = threads;
  for (const TracedPhase& phase : trace.phases) run.phases.push_back(summarise(plan, trace, phase));
  for (const NodeId id : trace.untimed) run.untimed.push_back(plan.graph().nodes[id].path);
  return run;
}

int trace(const Options& options) {
  const TraceCase& what = options.what;
  if (what.prompt == 0 && what.steps == 0)
    throw Error(ErrorKind::usage, "-p 0 and -n 0 leave nothing to trace");
  for (const int64_t n : {what.depth, what.prompt, what.steps})
    if (n > kMostTokens)
      throw Error(ErrorKind::usage, std::to_string(n) + " tokens to trace, expected " +
                                        std::to_string(kMostTokens) + " at most");
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  const int64_t context = what.depth + what.prompt + what.steps;
  ModelOptions wanted = options.engine.model();
  check_context(*model, wanted.context, context);
  if (!wanted.context) wanted.context = context;
  wanted.timed = true;
  wanted.max_seqs = 1;
  const auto loaded = engine.plan(model, wanted);
  std::fprintf(stderr, "%s: %s\n", model->name.c_str(),
               placement_line(loaded->plan().placement(), loaded->plan().devices()).c_str());
  // Before anything is run, for a file that cannot be written should cost no time.
  std::optional<AtomicOutput> out;
  if (!options.out.empty()) out.emplace(options.out);
  Progress loading("loading");
  Executor& executor =
      loaded->executor([&](uint64_t done, uint64_t total) { loading.show(done, total); });
  loading.finish();
  Progress running("tracing");
  const Trace recorded = record_trace(executor, what, [&](int64_t done, int64_t total) {
    running.show(static_cast<uint64_t>(done), static_cast<uint64_t>(total));
  });
  running.finish();
  if (out) {
    write_perfetto(*out, loaded->plan(), model->name, recorded);
    out->commit();
    std::fprintf(stderr, "%s: for ui.perfetto.dev\n", options.out.c_str());
  }
  const TraceRun run = report_of(*loaded, recorded, engine.team().size());
  print(options.json ? trace_json(run).dump(2) + "\n"
                     : trace_text(run, static_cast<size_t>(options.top)));
  return 0;
}

}  // namespace

void add_trace(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "trace", "What the time of a model's steps goes into, as a table and as a timeline");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_option("-p,--prompt-tokens", options->what.prompt,
                   "Tokens of a prompt to read; 0: none")
      ->type_name("N")
      ->check(at_least(0))
      ->capture_default_str();
  verb->add_option("-n,--steps", options->what.steps,
                   "Steps behind it that make one token each; 0: none")
      ->type_name("N")
      ->check(at_least(0))
      ->capture_default_str();
  verb->add_option("-d,--depth", options->what.depth, "Tokens that the sequence holds before")
      ->type_name("N")
      ->check(at_least(0))
      ->capture_default_str();
  verb->add_option("-o,--out", options->out, "Timeline to write, as Trace Event Format")
      ->type_name("FILE");
  verb->add_option("--top", options->top, "Nodes to show, the longest first; 0: none")
      ->type_name("N")
      ->check(at_least(0))
      ->capture_default_str();
  verb->add_flag("--json", options->json, "The table with every node, as JSON on standard output");
  add_engine_flags(*verb, options->engine);
  verb->footer(
      "Everything is run once before it is traced. The tokens are made up.\n\n"
      "The time of a node is that of the thread that was longest in its kernel; calls, ms, FLOP\n"
      "and bytes are sums over the steps. FLOP and bytes are those that the op cannot do without\n"
      "(`sirocco ops`). Overhead is what is left of the steps' time: barriers, dispatch, copies\n"
      "between devices, preparation.\n"
      "Nodes that a backend runs as one have one time: they are one line, named after the first\n"
      "of them (`layers.0/x +6`), and under all their ops (`rms_norm+linear*3+rope*2`). What\n"
      "stays within them counts no bytes.\n\n"
      "Where a timed kernel has several phases, its slice is as long as they took together and\n"
      "ends when the last one ended. To look at the timeline, open the file in ui.perfetto.dev,\n"
      "which reads it in the browser.\n\nExamples:\n"
      "  sirocco trace models/demo -o trace.json\n"
      "  sirocco trace CHECKPOINT -p 512 -n 16 -d 1024 -o trace.json\n"
      "  sirocco trace CHECKPOINT --backend reference -p 0 -n 2 --json");
  verb->callback([options, &action] { action = [options] { return trace(*options); }; });
}

}  // namespace sirocco::cli
