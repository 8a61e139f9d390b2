#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "config/json_schema.hpp"
#include "config/validate.hpp"
#include "output.hpp"
#include "verbs.hpp"

namespace sirocco::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string schema;
  bool json = false;
};

DocumentKind kind_of(const std::string& name) {
  for (const DocumentKind kind : document_kinds())
    if (name == kind_name(kind)) return kind;
  throw Error(ErrorKind::usage, "no kind of document '" + name + "'");
}

int validate(const Options& options) {
  if (!options.schema.empty()) {
    print(json_schema(kind_of(options.schema)));
    return 0;
  }
  if (options.files.empty()) throw Error(ErrorKind::usage, "validate: no file given");
  size_t wrong = 0;
  nlohmann::json report = nlohmann::json::array();
  for (const std::string& file : options.files) {
    const std::vector<Diagnostic> diagnostics = validate_document(file);
    wrong += !diagnostics.empty();
    if (options.json) {
      nlohmann::json problems = nlohmann::json::array();
      for (const Diagnostic& d : diagnostics)
        problems.push_back({{"file", d.place.file},
                            {"line", d.place.line},
                            {"column", d.place.column},
                            {"message", d.message}});
      report.push_back({{"file", file}, {"valid", diagnostics.empty()}, {"problems", problems}});
    } else if (diagnostics.empty()) {
      print(file + ": valid\n");
    } else {
      for (const Diagnostic& d : diagnostics) std::fprintf(stderr, "%s\n", d.to_string().c_str());
    }
  }
  if (options.json) print(report.dump(2) + "\n");
  return wrong ? static_cast<int>(ErrorKind::invalid_file) : 0;
}

}  // namespace

void add_validate(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* verb = app.add_subcommand(
      "validate",
      "Checks documents of every kind: topologies, models, deployments, policies, templates");
  verb->add_option("files", options->files, "Documents")->type_name("FILE");
  verb->add_option("--schema", options->schema, "Prints the JSON Schema of a kind instead")
      ->check(CLI::IsMember({"topology", "model", "deployment", "policy", "template"}));
  verb->add_flag("--json", options->json, "JSON on standard output");
  verb->footer(
      "Examples:\n  sirocco validate my-topology.yaml my-model.yaml\n"
      "  sirocco validate --schema topology > topology.schema.json");
  verb->callback([options, &action] { action = [options] { return validate(*options); }; });
}

}  // namespace sirocco::cli
