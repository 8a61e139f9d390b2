#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include <stdlib.h>

#include <sirocco/error.hpp>

#include "bench_flags.hpp"
#include "compare/comparison.hpp"
#include "compare/page.hpp"
#include "compare_table.hpp"
#include "engine_flags.hpp"
#include "flag_checks.hpp"
#include "interrupt.hpp"
#include "loader/install_paths.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "runtime/plugin_setup.hpp"
#include "verbs.hpp"
#include "weights/atomic_output.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  std::vector<std::string> models;
  std::vector<std::string> backends;
  std::vector<std::string> plugin_path;
  std::string numerics, fallback = "forbid";
  std::optional<uint32_t> threads;
  std::string reference;
  BenchFlags cases{"128", "32"};
  int64_t repeats = 0;
  int64_t prompt_tokens = 32, single_tokens = 4;
  int64_t deadline = 600;
  uint64_t seed = 1;
  std::string text;
  bool no_speed = false, no_numbers = false, no_probes = false, bisect = false;
  bool json = false, csv = false, markdown = false;
  std::string html, save, baseline, from;
  std::optional<double> budget;
  std::vector<std::string> fail_if;
};

/// A folder for what arms leave each other; gone with the object.
class WorkFolder {
 public:
  WorkFolder() {
    // Where TMPDIR names no folder the path is empty, and the variable is what is to be told.
    std::error_code ignored;
    std::filesystem::path parent = std::filesystem::temp_directory_path(ignored);
    const char* asked = std::getenv("TMPDIR");
    if (parent.empty() && asked) parent = asked;
    std::string name = (parent / "sirocco-compare-XXXXXX").string();
    if (!mkdtemp(name.data()))
      throw Error(ErrorKind::failure, name +
                                          ": no folder for temporary files can be made there; "
                                          "TMPDIR names another place");
    path_ = name;
  }
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::string& path, const std::string& text) {
  AtomicOutput file(path);
  file.write(text.data(), text.size());
  file.commit();
}

/// What nodes fall back to at last is what backends are held against.
std::string reference_of(const Options& options) {
  return options.reference.empty() ? find_deployment({}).backends.back().name : options.reference;
}

CompareSetup setup_of(const Options& options) {
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

ComparePlan plan_of(const Options& options, const WorkFolder& folder) {
  ComparePlan plan;
  plan.setup = setup_of(options);
  plan.arms = parse_arms(options.backends);
  if (!options.no_speed)
    plan.speed = SpeedPlan{options.cases.cases(), options.cases.arguments(), options.repeats,
                           options.seed, !options.no_probes};
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
  const std::atomic<bool>& interrupted = watch_interrupts();
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
int judge(const Options& options, nlohmann::ordered_json& report,
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
  return report.value("interrupted", false) ? kInterruptedExit : code;
}

/// Everything that could be refused later, before anything is measured.
void check_early(const Options& options) {
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
std::string page_template(const Options& options) {
  if (options.html.empty()) return {};
  std::string page = read_page(install_paths().page);
  const AtomicOutput writable(options.html);  // not committed: leaves nothing
  return page;
}

void write_page(const Options& options, const std::string& page,
                const nlohmann::ordered_json& report) {
  if (options.html.empty()) return;
  write_file(options.html, fill_page(page, report));
  std::fprintf(stderr, "%s: a page for any browser, without a network\n", options.html.c_str());
}

void write_outputs(const Options& options, const nlohmann::ordered_json& report) {
  if (options.json) {
    print(report.dump(2) + "\n");
  } else if (options.csv) {
    print(compare_csv(report));
  } else {
    print(compare_text(report, options.markdown));
  }
}

int run_compare(const Options& options) {
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
  const WorkFolder folder;
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
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "compare", "Runs backends beside each other: speed, numbers, memory and placement");
  verb->add_option("model", options->models, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->expected(0, 1);
  verb->add_option("--backends", options->backends,
                   "Arms, the first being the one that speeds are compared with: names, .so files "
                   "or deployments, with options as in A:KEY=VALUE; A+B runs on A what it takes "
                   "and the rest on B")
      ->type_name("A,B,…")
      ->delimiter(',')
      ->allow_extra_args(false);
  verb->add_option(
          "--reference", options->reference,
          "Backend that numbers are held against (default: the last of the default deployment, "
          "which takes what no other does)")
      ->type_name("NAME");
  add_bench_flags(*verb, options->cases);
  verb->add_option("-r,--repeats", options->repeats,
                   "Rounds of each test, arms in random order (default: as many as the number of "
                   "comparisons asks for)")
      ->type_name("N")
      ->check(at_least(1));
  verb->add_option("--text", options->text,
                   "Text whose tokens are compared, and over which logits are: KL, perplexity")
      ->type_name("FILE");
  verb->add_option("--prompt-tokens", options->prompt_tokens, "Compared tokens fed in one step")
      ->check(at_least(1))
      ->capture_default_str();
  verb->add_option("--single-tokens", options->single_tokens, "Compared tokens fed one by one")
      ->check(at_least(1))
      ->capture_default_str();
  verb->add_flag(
      "--bisect", options->bisect,
      "Where outputs are out of bounds: give nodes back to the reference until the op or "
      "fused region behind it is found");
  verb->add_flag("--no-speed", options->no_speed, "Compare numbers only");
  verb->add_flag("--no-probes", options->no_probes,
                 "Do not measure the machine around each sample: quicker, but no shares");
  verb->add_flag("--no-numbers", options->no_numbers, "Compare speed only");
  verb->add_option("--save", options->save,
                   "Write the fastest arm whose drift is allowed as a deployment")
      ->type_name("FILE");
  verb->add_option("--budget", options->budget,
                   "Drift that --save allows: NMSE of the outputs (default: their bound)")
      ->type_name("NMSE");
  verb->add_option("--fail-if", options->fail_if,
                   "Exit with 5 where a value passes a bound: tg<0.97, pp512<0.95, load>1.1, "
                   "memory>1.05, kl>0.01, nmse>1e-6")
      ->type_name("GATES")
      ->allow_extra_args(false);
  verb->add_option("--baseline", options->baseline,
                   "A report (--json) of before: gates compare with the same arm in it")
      ->type_name("FILE");
  CLI::Option* json = verb->add_flag("--json", options->json, "The report as JSON");
  CLI::Option* csv = verb->add_flag("--csv", options->csv, "One row a test or value, and arm");
  CLI::Option* md = verb->add_flag("--md", options->markdown, "The tables as Markdown");
  json->excludes(csv)->excludes(md);
  csv->excludes(md);
  verb->add_option(
          "--html", options->html,
          "Also write the report as one page that opens without a network: charts, drift by "
          "layer and op, placement")
      ->type_name("FILE");
  verb->add_option("--from", options->from, "Show a report that --json wrote instead of running")
      ->type_name("FILE");
  verb->add_option("--plugin-path", options->plugin_path,
                   "Folder or .so to look for plugins in, before all others; may be repeated")
      ->type_name("PATH")
      ->allow_extra_args(false);
  verb->add_option("--numerics", options->numerics,
                   "Dtype of activations and state (default: the checkpoint's)")
      ->check(CLI::IsMember({"f32", "bf16", "f16"}));
  verb->add_option("--threads", options->threads, "Threads of each arm (default: all usable)")
      ->check(at_least(1));
  verb->add_option("--fallback", options->fallback,
                   "Where an arm's first backend declines a node: forbid, warn or allow the next")
      ->check(CLI::IsMember({"forbid", "warn", "allow"}))
      ->capture_default_str();
  verb->add_option("--deadline", options->deadline,
                   "Seconds after which an arm that gives no answer is ended")
      ->check(at_least(1))
      ->capture_default_str();
  verb->add_option("--seed", options->seed, "Of the order in which arms take turns")
      ->capture_default_str();
  verb->footer(
      "Every arm runs in processes of its own: one that dies is marked, and the rest comes out.\n"
      "Numbers: every node on the reference's inputs (what it errs by itself), the whole model "
      "with "
      "all\nvalues kept (how errors add up), and the executable as it is timed.\n\n"
      "Examples:\n"
      "  sirocco compare models/demo --backends A,B\n"
      "  sirocco compare models/demo --backends A,build/new.so --no-speed --bisect\n"
      "  sirocco compare CHECKPOINT --backends A,B -p 512 -n 64 -d 0,4096 --text "
      "FILE\n"
      "  sirocco compare models/demo --backends A,B --html page.html\n"
      "  sirocco compare --from old.json --html page.html\n"
      "  sirocco compare models/demo --backends A --json > old.json\n"
      "  sirocco compare models/demo --backends A --baseline old.json --fail-if "
      "'tg<0.97'");
  verb->callback([options, &action] { action = [options] { return run_compare(*options); }; });
}

}  // namespace sirocco::cli
