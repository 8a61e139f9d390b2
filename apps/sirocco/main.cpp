// The command line: picks a verb, runs it, and turns errors into messages and exit codes.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <sirocco/error.hpp>
#include <sirocco/version.hpp>

#include "graph/text_distance.hpp"
#include "two_letter_flags.hpp"
#include "verbs.hpp"

namespace {

int report(int code, const std::string& message) {
  std::fprintf(stderr, "sirocco: %s\n", message.c_str());
  return code;
}

/// The first word, where it should be a verb and is none.
std::string unknown_verb(const CLI::App& app, int argc, char** argv) {
  const std::string word = argc > 1 ? argv[1] : "-";
  if (word.starts_with("-")) return {};
  std::vector<std::string> verbs;
  for (const CLI::App* verb : app.get_subcommands(nullptr)) verbs.push_back(verb->get_name());
  if (std::find(verbs.begin(), verbs.end(), word) != verbs.end()) return {};
  const std::string near = sirocco::nearest_name(word, verbs);
  return "no verb '" + word + "'" + (near.empty() ? "" : " (did you mean '" + near + "'?)") +
         "; `sirocco --help` lists them";
}

}  // namespace

int main(int argc, char** argv) {
  // A closed pipe and a file-size limit are errors of the write, reported like a full disk, and not
  // a silent death that leaves half a file behind.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("Runs models written in YAML on backends loaded as plugins.", "sirocco");
  app.set_version_flag("--version", SIROCCO_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer(
      "`sirocco VERB --help` shows a verb's flags and examples. Exit codes: 0 ok, 1 failure, "
      "2 usage,\n3 invalid file, 4 plugin or device, 5 outside bounds, 6 blocked by policy.");
  sirocco::cli::Action action;
  sirocco::cli::add_run(app, action);
  sirocco::cli::add_chat(app, action);
  sirocco::cli::add_tokenize(app, action);
  sirocco::cli::add_forward(app, action);
  sirocco::cli::add_inspect(app, action);
  sirocco::cli::add_validate(app, action);
  sirocco::cli::add_plugins(app, action);
  sirocco::cli::add_ops(app, action);
  sirocco::cli::add_bench(app, action);
  sirocco::cli::add_trace(app, action);
  sirocco::cli::add_perplexity(app, action);
  sirocco::cli::add_compare(app, action);
  sirocco::cli::add_arm(app, action);
  sirocco::cli::add_doctor(app, action);
  if (const std::string unknown = unknown_verb(app, argc, argv); !unknown.empty())
    return report(static_cast<int>(sirocco::ErrorKind::usage), unknown);
  try {
    const auto arguments = sirocco::cli::with_two_letter_flags(argc, argv);
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& e) {
    const bool asked = e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
    app.exit(e);
    return asked ? 0 : static_cast<int>(sirocco::ErrorKind::usage);
  }
  try {
    return action();
  } catch (const sirocco::Error& e) {
    return report(e.exit_code(), e.what());
  } catch (const std::bad_alloc&) {
    return report(1, "out of memory");
  } catch (const std::exception& e) {
    return report(1, e.what());
  }
}
