#include "bench_run.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "progress.hpp"
#include "runtime/machine.hpp"

namespace sirocco::cli {
namespace {

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

/// Room for the cases, and no more than they need.
ModelOptions options_for(const std::vector<BenchCase>& cases, const ResolvedModel& model,
                         ModelOptions options) {
  int64_t longest = 0;
  for (const BenchCase& test : cases) longest = std::max(longest, test.depth + test.length());
  check_context(model, options.context, longest);
  if (!options.context) options.context = longest;
  options.timed = true;
  options.max_seqs = sequences_needed(cases);
  options.max_rows = widest_batch(cases);
  return options;
}

void check_batch(const std::vector<BenchCase>& cases, const Plan& plan) {
  const int64_t widest = widest_batch(cases), most = plan.options().limits.max_tokens;
  if (widest <= most) return;
  throw Error(ErrorKind::usage,
              fmt::format("--batch {}: a step holds {} tokens at most; ask for fewer sequences, or "
                          "raise max_tokens_per_step in the deployment",
                          widest, most));
}

}  // namespace

BenchReport run_bench(const std::string& model_path, const EngineFlags& flags,
                      const std::vector<BenchCase>& cases, int64_t repeats) {
  EngineOptions engine_options = flags.engine();
  if (!engine_options.fallback) engine_options.fallback = Fallback::forbid;
  Engine engine(engine_options);
  const auto start = std::chrono::steady_clock::now();
  const auto model = engine.resolve(model_path);
  const auto loaded = engine.plan(model, options_for(cases, *model, flags.model()));
  const Plan& plan = loaded->plan();
  check_batch(cases, plan);
  const Machine machine = look_at_machine();
  BenchReport report;
  report.fingerprint = fingerprint_of(plan, model->name);
  report.fingerprint.threads = engine.team().size();
  report.fingerprint.cpu = machine.cpu;
  report.fingerprint.build = machine.build;
  report.placement = placement_line(plan.placement(), plan.devices());
  std::fprintf(stderr, "%s: %s\n", model->name.c_str(), report.placement.c_str());
  Executor& executor = loaded->executor();
  make_first_token(executor);
  report.load_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Progress progress("measuring");
  const auto total = cases.size() * (static_cast<size_t>(repeats) + 1);
  size_t done = 0;
  const auto show = [&](const BenchCase&) { progress.show(done++, total); };
  Bench bench(executor, cases);
  bench.warm_up(show);
  // What follows takes memory of its own, and touches weights that no token has used.
  report.peak_bytes = peak_resident_bytes();
  const Machine now = look_at_machine();
  Probe probe(engine.team(),
              std::min(now.memory_available, now.memory_limit ? now.memory_limit : UINT64_MAX));
  report.results = bench.measure(probe, repeats, show);
  report.bandwidth = probe.bandwidth();
  report.flops = probe.flops();
  report.probe_bytes = probe.buffer_bytes();
  return report;
}

}  // namespace sirocco::cli
