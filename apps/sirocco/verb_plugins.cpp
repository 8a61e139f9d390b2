#include <cstdio>
#include <memory>

#include "engine_flags.hpp"
#include "loader/catalog_report.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  EngineFlags engine;
  bool json = false;
};

int list(const Options& options) {
  const PluginCatalog catalog = scan_plugins(options.engine.engine(), true);
  print(options.json ? catalog_json(catalog) : catalog_text(catalog));
  return 0;
}

}  // namespace

void add_plugins(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "plugins",
      "Lists the folders searched and every plugin found: ABI, devices, ops, and why one "
      "was refused");
  add_plugin_flags(*verb, options->engine);
  verb->add_flag("--json", options->json, "JSON on standard output");
  verb->footer(
      "Searched in this order: --plugin-path, the deployment's paths, SIROCCO_PLUGIN_PATH, "
      "the\ninstallation. The first file of a name wins.\n\nExamples:\n  sirocco plugins\n"
      "  sirocco plugins --plugin-path ./build/mybackend.so");
  verb->callback([options, &action] { action = [options] { return list(*options); }; });
}

}  // namespace sirocco::cli
