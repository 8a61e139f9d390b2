#include <cstdio>
#include <memory>

#include <sirocco/error.hpp>

#include "engine_flags.hpp"
#include "graph/op_docs.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  std::string name;
  bool markdown = false;
  bool json = false;
};

int print_ops(const Options& options) {
  std::vector<std::shared_ptr<Plugin>> plugins;  // must outlive the registry
  OpRegistry registry = OpRegistry::with_builtin_ops();
  // The book in docs/ is of the host's own ops, whatever plugins lie around.
  if (options.markdown) {
    print(ops_markdown(registry));
    return 0;
  }
  add_catalog_ops(registry, scan_plugins(options.engine.engine(), false), plugins);
  if (options.name.empty()) {
    print(options.json ? ops_json(registry) : op_list(registry));
    return 0;
  }
  const size_t dot = options.name.rfind('.');
  const OpDef* op = dot == std::string::npos
                        ? registry.find("sirocco", options.name)
                        : registry.find(options.name.substr(0, dot), options.name.substr(dot + 1));
  if (!op) {
    const std::string near = registry.suggest(options.name);
    throw Error(ErrorKind::usage, "no op '" + options.name + "'" +
                                      (near.empty() ? "; `sirocco ops` lists them"
                                                    : "; did you mean '" + near + "'?"));
  }
  print(options.json ? op_json(*op) : op_text(*op));
  return 0;
}

}  // namespace

void add_ops(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand("ops", "Lists the ops a graph can use, or explains one");
  verb->add_option("name", options->name, "An op; ops of a plugin's domain as domain.name");
  verb->add_flag("--markdown", options->markdown,
                 "All of Sirocco's own, as docs/ops.md holds them");
  verb->add_flag("--json", options->json, "JSON on standard output");
  add_plugin_flags(*verb, options->engine);
  verb->footer("Examples:\n  sirocco ops\n  sirocco ops attention");
  verb->callback([options, &action] { action = [options] { return print_ops(*options); }; });
}

}  // namespace sirocco::cli
