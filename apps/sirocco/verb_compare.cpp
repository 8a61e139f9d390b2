#include <cstdio>
#include <memory>
#include <optional>

#include <sirocco/error.hpp>

#include "compare/comparison.hpp"
#include "compare/page.hpp"
#include "compare_csv.hpp"
#include "compare_flags.hpp"
#include "compare_table.hpp"
#include "interrupt.hpp"
#include "loader/install_paths.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "runtime/plugin_setup.hpp"
#include "verbs.hpp"
#include "weights/atomic_output.hpp"
#include "work_folder.hpp"

namespace sirocco::cli {
namespace {

void write_file(const std::string& path, const std::string& text) {
  AtomicOutput file(path);
  file.write(text.data(), text.size());
  file.commit();
}

/// What nodes fall back to at last is what backends are held against.
std::string reference_of(const CompareOptions& options) {
  return options.reference.empty() ? find_deployment({}).backends.back().name : options.reference;
}

CompareSetup setup_of(const CompareOptions& options) {
  CompareSetup setup;
  setup.model = options.models[0];
  setup.fallback = options.fallback;
  setup.deadline_seconds = options.deadline;
  for (const std::string& path : options.plugin_path)
    setup.flags.insert(setup.flags.end(), {"--plugin-path", path});
  if (!options.numerics.empty())
    setup.flags.insert(setup.flags.end(), {"--numerics", options.numerics});
  if (options.threads)
    setup.flags.insert(setup.flags.end(), {"--threads", std::to_string(*options.threads)});
  return setup;
}

ComparePlan plan_of(const CompareOptions& options, const WorkFolder& folder) {
  ComparePlan plan;
  plan.setup = setup_of(options);
  plan.arms = parse_arms(options.backends);
  if (!options.no_speed)
    plan.speed = SpeedPlan{options.cases.cases(), options.cases.arguments(), options.repeats,
                           options.seed,          options.sample_ms * 1e-3,  !options.no_probes};
  if (!options.no_numbers)
    plan.numbers = NumbersPlan{parse_arms({reference_of(options)})[0],
                               options.prompt_tokens,
                               options.single_tokens,
                               options.text,
                               options.bisect,
                               folder.path()};
  return plan;
}

nlohmann::ordered_json run(const ComparePlan& plan) {
  const std::atomic<bool>& interrupted = watch_interrupts(Interrupts::any);
  std::unique_ptr<Progress> bar;
  std::string shown;
  CompareWatch watch;
  watch.stop = [&] { return interrupted.load(); };
  watch.progress = [&](const std::string& what, size_t done, size_t total) {
    if (what != shown) {
      bar.reset();
      bar = std::make_unique<Progress>(what);
      shown = what;
    }
    bar->show(done, total);
  };
  nlohmann::ordered_json report = compare(plan, watch);
  bar.reset();
  report["interrupted"] = interrupted.load();
  unwatch_interrupts();
  return report;
}

/// Of the gates and bounds; messages go to standard error.
int judge(const CompareOptions& options, nlohmann::ordered_json& report,
          const std::vector<BenchCase>& cases) {
  int code = 0;
  for (const auto& arm : report["arms"])
    if (arm.value("status", "") == "failed") code = static_cast<int>(ErrorKind::plugin);
  if (report["numbers"].is_object() && !report["numbers"].value("problem", "").empty())
    code = static_cast<int>(ErrorKind::plugin);
  const std::vector<Gate> gates = parse_gates(options.fail_if, "--fail-if");
  if (!gates.empty()) {
    check_gates(gates, gate_labels(cases), "--fail-if");
    std::optional<nlohmann::ordered_json> baseline;
    if (!options.baseline.empty()) baseline = read_report(options.baseline);
    report["gates"] = nlohmann::ordered_json::array();
    for (const GateFailure& failure :
         failed_gates(gates, gated_values(report, baseline ? &*baseline : nullptr))) {
      std::fprintf(stderr, "--fail-if: %s\n", failure.text().c_str());
      report["gates"].push_back(failure.text());
      code = static_cast<int>(ErrorKind::bounds);
    }
  }
  return report.value("interrupted", false) ? interrupted_exit() : code;
}

/// Everything that could be refused later, before anything is measured.
void check_early(const CompareOptions& options) {
  const std::vector<BenchCase> cases = options.cases.cases();
  check_gates(parse_gates(options.fail_if, "--fail-if"), gate_labels(cases), "--fail-if");
  if (!options.baseline.empty())
    check_baseline(read_report(options.baseline), parse_arms(options.backends));
  if (!options.baseline.empty() && options.fail_if.empty())
    throw Error(ErrorKind::usage,
                "--baseline says what to compare with, --fail-if what may not "
                "be: give both");
  if (!options.save.empty() && options.no_speed)
    throw Error(ErrorKind::usage, "--save chooses by speed: leave out --no-speed");
  if (options.no_speed && options.no_numbers)
    throw Error(ErrorKind::usage, "--no-speed and --no-numbers leave nothing to compare");
}

/// The page without its report, where one is asked for: that it cannot be made or written is known
/// before anything is measured.
std::string page_template(const CompareOptions& options) {
  if (options.html.empty()) return {};
  std::string page = read_page(install_paths().page);
  const AtomicOutput writable(options.html);  // not committed: leaves nothing
  return page;
}

void write_page(const CompareOptions& options, const std::string& page,
                const nlohmann::ordered_json& report) {
  if (options.html.empty()) return;
  write_file(options.html, fill_page(page, report));
  std::fprintf(stderr, "%s: a page for any browser, without a network\n", options.html.c_str());
}

void write_outputs(const CompareOptions& options, const nlohmann::ordered_json& report) {
  if (options.json) {
    print(report.dump(2) + "\n");
  } else if (options.csv) {
    print(compare_csv(report));
  } else {
    print(compare_text(report, options.markdown));
  }
}

int run_compare(const CompareOptions& options) {
  nlohmann::ordered_json report;
  if (!options.from.empty()) {
    report = read_report(options.from);
    write_page(options, page_template(options), report);
    write_outputs(options, report);
    return 0;
  }
  if (options.models.empty()) throw Error(ErrorKind::usage, "which MODEL is to be run?");
  check_early(options);
  const std::string page = page_template(options);
  const WorkFolder folder("compare");
  const ComparePlan plan = plan_of(options, folder);
  report = run(plan);
  int code = judge(options, report, plan.speed ? plan.speed->cases : std::vector<BenchCase>{});
  // What was measured comes out even where a file cannot be written.
  std::vector<std::string> problems;
  const auto try_to = [&](const auto& act) {
    try {
      act();
    } catch (const Error& e) {
      problems.push_back(e.what());
      if (code == 0) code = e.exit_code();
    }
    report["exit_code"] = code;
  };
  report["exit_code"] = code;
  if (!options.save.empty())
    try_to([&] { write_file(options.save, save_deployment(report, plan.arms, options.budget)); });
  try_to([&] { write_page(options, page, report); });
  write_outputs(options, report);
  for (const std::string& problem : problems)
    std::fprintf(stderr, "sirocco: %s\n", problem.c_str());
  return code;
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* verb = app.add_subcommand(
      "compare", "Runs backends beside each other: speed, numbers, memory and placement");
  add_compare_flags(*verb, *options);
  verb->callback([options, &action] { action = [options] { return run_compare(*options); }; });
}

}  // namespace sirocco::cli
