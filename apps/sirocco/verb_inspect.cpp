#include <cstdio>
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "engine_flags.hpp"
#include "output.hpp"
#include "runtime/plan_report.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string model;
  bool explain = false;
  bool json = false;
};

std::string model_text(const ResolvedModel& model) {
  std::string text = fmt::format("model       {}\n", model.name);
  text += fmt::format("topology    {} ({})\n", model.topology.name, model.topology.file.string());
  if (!model.directory.empty())
    text += fmt::format("checkpoint  {} (layout {}, {})\n", model.directory.string(), model.layout,
                        dtype_name(model.checkpoint_dtype));
  if (model.tokenizer)
    text += fmt::format("tokenizer   {} ({})\n", model.tokenizer->plugin,
                        model.tokenizer->file.string());
  text += model.context ? fmt::format("context     {} tokens\n", *model.context)
                        : std::string("context     not stated by the model\n");
  text += "parameters\n";
  for (const ParamTable::Line& line : model.params.list())
    text += fmt::format("  {:<20} {:<24} {}\n", line.name, line.value, line.origin);
  for (const Pin& pin : model.pins)
    text += fmt::format("pinned      {} = {}: {}\n", pin.param, pin.value, pin.why);
  for (const std::string& note : model.notes) text += fmt::format("note        {}\n", note);
  return text;
}

nlohmann::json model_json(const ResolvedModel& model) {
  nlohmann::json json = {{"name", model.name},
                         {"topology", model.topology.name},
                         {"checkpoint", model.directory.string()},
                         {"layout", model.layout},
                         {"dtype", dtype_name(model.checkpoint_dtype)},
                         {"notes", model.notes}};
  json["context"] = model.context ? nlohmann::json(*model.context) : nlohmann::json();
  for (const ParamTable::Line& line : model.params.list())
    json["parameters"][line.name] = {{"value", line.value}, {"origin", line.origin}};
  json["pins"] = nlohmann::json::array();
  for (const Pin& pin : model.pins)
    json["pins"].push_back({{"parameter", pin.param}, {"value", pin.value}, {"why", pin.why}});
  return json;
}

int inspect(const Options& options) {
  Engine engine(options.engine.engine());
  const auto model = engine.resolve(options.model);
  const auto loaded = engine.plan(model, options.engine.model());
  if (options.json) {
    nlohmann::json json = model_json(*model);
    json.update(plan_json(loaded->plan(), options.explain));
    print(json.dump(2) + "\n");
    return 0;
  }
  print(model_text(*model) + plan_text(loaded->plan()));
  if (options.explain) print("\n" + explain_text(loaded->plan()));
  return 0;
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "inspect",
      "Prints a model's parameters, nodes, weights, memory and placement, loading nothing");
  verb->add_option("model", options->model, "Model document, or checkpoint folder")
      ->type_name("MODEL")
      ->required();
  verb->add_flag("--explain", options->explain, "Every node: where it runs and why");
  verb->add_flag("--json", options->json, "JSON on standard output");
  add_engine_flags(*verb, options->engine);
  verb->footer("Examples:\n  sirocco inspect models/demo\n  sirocco inspect models/demo --explain");
  verb->callback([options, &action] { action = [options] { return inspect(*options); }; });
}

}  // namespace sirocco::cli
