#include "bench_run.hpp"

#include <chrono>

#include "bench/session.hpp"
#include "progress.hpp"
#include "runtime/machine.hpp"

namespace sirocco::cli {
BenchReport run_bench(const std::string& model_path, const EngineFlags& flags,
                      const std::vector<BenchCase>& cases, int64_t repeats) {
  EngineOptions engine_options = flags.engine();
  if (!engine_options.fallback) engine_options.fallback = Fallback::forbid;
  Engine engine(engine_options);
  const auto start = std::chrono::steady_clock::now();
  const auto model = engine.resolve(model_path);
  const auto loaded = engine.plan(model, bench_options(cases, *model, flags.model()));
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
  const auto probe = make_probe(engine.team());
  report.results = bench.measure(*probe, repeats, show);
  report.bandwidth = probe->bandwidth();
  report.flops = probe->flops();
  report.probe_bytes = probe->buffer_bytes();
  return report;
}

}  // namespace sirocco::cli
