#include <algorithm>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "engine_flags.hpp"
#include "loader/catalog_report.hpp"
#include "output.hpp"
#include "runtime/machine.hpp"
#include "runtime/plan_report.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  bool json = false;
};

struct Findings {
  Machine machine;
  std::vector<std::string> devices;  ///< of the deployment, in order: what would run
  std::vector<std::string> refused;  ///< plugins, with the reason
  std::string placement;             ///< of the model, where one is given
  uint64_t model_bytes = 0;          ///< planned
  std::vector<Advice> problems;      ///< nothing runs before these are solved
  std::vector<Advice> advice;
};

void look_at_model(const Options& options, const Engine& engine, Findings& findings) {
  const auto model = engine.resolve(options.model);
  const auto loaded = engine.plan(model, options.engine.model());
  const Placement& placement = loaded->plan().placement();
  findings.placement = placement_line(placement, loaded->plan().devices());
  findings.model_bytes = loaded->plan().memory().total();
  const uint64_t limit = findings.machine.memory_limit;
  const uint64_t room = limit ? std::min(limit, findings.machine.memory_available)
                              : findings.machine.memory_available;
  if (room && findings.model_bytes > room) {
    findings.advice.push_back({fmt::format("the model needs {} MiB, {} MiB are free",
                                           findings.model_bytes >> 20, room >> 20),
                               "lower --ctx, close other programs, or use a smaller checkpoint; "
                               "weights are read from disk again and again otherwise"});
  }
  size_t elsewhere = 0;
  for (const NodePlacement& node : placement.nodes)
    if (node.device != 0) ++elsewhere;
  if (elsewhere) {
    findings.advice.push_back(
        {fmt::format("{} of {} nodes do not run on the first backend", elsewhere,
                     placement.nodes.size()),
         "`sirocco inspect " + options.model + " --explain` says why, node by node"});
  }
}

Findings look(const Options& options) {
  Findings findings;
  findings.machine = look_at_machine();
  findings.advice = advice_for(findings.machine);
  const EngineOptions engine_options = options.engine.engine();
  const PluginCatalog catalog = scan_plugins(engine_options, true);
  for (const Candidate& candidate : catalog.candidates()) {
    if (candidate.status == Candidate::Status::refused)
      findings.refused.push_back(candidate.file.string() + ": " + candidate.reason);
  }
  try {
    Engine engine(engine_options);
    for (const Device& device : engine.devices()) {
      const sirocco_string features = device.info.features;
      findings.devices.push_back(
          fmt::format("{}: {}", device.name, std::string_view(features.data, features.size)));
    }
    if (!options.model.empty()) look_at_model(options, engine, findings);
  } catch (const Error& e) {
    // A model or deployment that is wrong says nothing about the machine.
    if (e.kind() != ErrorKind::plugin) throw;
    findings.problems.push_back({e.what(), "`sirocco plugins` lists what was found and where"});
  }
  return findings;
}

std::string gibibytes(uint64_t bytes) {
  constexpr double kGibi = 1 << 30;
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / kGibi);
}

std::string text_of(const Findings& findings) {
  const Machine& machine = findings.machine;
  const auto known = [](const std::string& text) { return text.empty() ? "not known" : text; };
  std::string text = fmt::format("processor   {}\n", known(machine.cpu));
  text += fmt::format("            {}\n", fmt::join(machine.features, " "));
  text +=
      fmt::format("threads     {} usable of {}\n", machine.threads_usable, machine.threads_online);
  text += fmt::format(
      "memory      {}, {} free{}\n", gibibytes(machine.memory_bytes),
      gibibytes(machine.memory_available),
      machine.memory_limit ? ", limited to " + gibibytes(machine.memory_limit) : std::string());
  text += fmt::format("huge pages  {}\ngovernor    {}\nbuild       {}\n", known(machine.huge_pages),
                      known(machine.governor), machine.build);
  for (size_t i = 0; i < findings.devices.size(); ++i)
    text += fmt::format("{}  {}\n", i == 0 ? "backends  " : "          ", findings.devices[i]);
  if (!findings.placement.empty())
    text += fmt::format("model       {}, {} MiB at most\n", findings.placement,
                        findings.model_bytes >> 20);
  for (const std::string& refused : findings.refused)
    text += fmt::format("refused     {}\n", refused);
  const auto list = [&](const char* title, const std::vector<Advice>& items) {
    if (items.empty()) return;
    text += fmt::format("\n{}\n", title);
    for (const Advice& item : items)
      text += fmt::format("  - {}\n    {}\n", item.what, item.remedy);
  };
  list("Nothing can run:", findings.problems);
  list("What would be faster:", findings.advice);
  if (findings.problems.empty() && findings.advice.empty())
    text += "\nNothing found that holds this machine back.\n";
  return text;
}

nlohmann::ordered_json json_of(const Findings& findings) {
  const Machine& machine = findings.machine;
  nlohmann::ordered_json json = {{"cpu", machine.cpu},
                                 {"features", machine.features},
                                 {"threads_usable", machine.threads_usable},
                                 {"threads_online", machine.threads_online},
                                 {"memory_bytes", machine.memory_bytes},
                                 {"memory_available", machine.memory_available},
                                 {"memory_limit", machine.memory_limit},
                                 {"huge_pages", machine.huge_pages},
                                 {"governor", machine.governor},
                                 {"build", machine.build},
                                 {"devices", findings.devices},
                                 {"refused", findings.refused},
                                 {"placement", findings.placement},
                                 {"model_bytes", findings.model_bytes}};
  const auto list = [](const std::vector<Advice>& items) {
    auto array = nlohmann::ordered_json::array();
    for (const Advice& item : items)
      array.push_back({{"what", item.what}, {"remedy", item.remedy}});
    return array;
  };
  json["problems"] = list(findings.problems);
  json["advice"] = list(findings.advice);
  return json;
}

int doctor(const Options& options) {
  const Findings findings = look(options);
  print(options.json ? json_of(findings).dump(2) + "\n" : text_of(findings));
  return findings.problems.empty() ? 0 : static_cast<int>(ErrorKind::plugin);
}

}  // namespace

void add_doctor(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "doctor", "Looks at processor, memory and plugins, and says what would be faster and why");
  verb->add_option("model", options->model,
                   "Model document, or checkpoint folder, to be placed too")
      ->type_name("MODEL");
  verb->add_flag("--json", options->json, "JSON on standard output");
  add_engine_flags(*verb, options->engine);
  verb->footer(
      "Exit code 4 where nothing could run.\n\nExamples:\n  sirocco doctor\n"
      "  sirocco doctor models/demo");
  verb->callback([options, &action] { action = [options] { return doctor(*options); }; });
}

}  // namespace sirocco::cli
