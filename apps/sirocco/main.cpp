// The command line: picks a verb, runs it, and turns errors into messages and exit codes.

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include <CLI/CLI.hpp>

#include <sirocco/error.hpp>
#include <sirocco/version.hpp>

#include "verbs.hpp"

namespace {

int report(int code, const char* message) {
  std::fprintf(stderr, "sirocco: %s\n", message);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  // A closed pipe is an error of the write, reported like a full disk, not a silent death.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Runs models written in YAML on backends loaded as plugins.", "sirocco");
  app.set_version_flag("--version", SIROCCO_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.footer("`sirocco VERB --help` shows a verb's flags and examples. Exit codes: 0 ok, 1 failure, "
             "2 usage,\n3 invalid file, 4 plugin or device, 5 outside bounds, 6 blocked by policy.");
  sirocco::cli::Action action;
  sirocco::cli::add_run(app, action);
  sirocco::cli::add_forward(app, action);
  sirocco::cli::add_inspect(app, action);
  sirocco::cli::add_validate(app, action);
  sirocco::cli::add_plugins(app, action);
  sirocco::cli::add_ops(app, action);
  try {
    app.parse(argc, argv);
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
