#pragma once
// One file a verb. Each adds its subcommand, with help and examples, and what runs when it is
// chosen.

#include <functional>

#include <CLI/CLI.hpp>

namespace sirocco::cli {

/// Set by the verb that was chosen; returns the exit code.
using Action = std::function<int()>;

void add_run(CLI::App& app, Action& action);
void add_chat(CLI::App& app, Action& action);
void add_tokenize(CLI::App& app, Action& action);
void add_forward(CLI::App& app, Action& action);
void add_bench(CLI::App& app, Action& action);
void add_trace(CLI::App& app, Action& action);
void add_perplexity(CLI::App& app, Action& action);
void add_compare(CLI::App& app, Action& action);
/// Not for people: one arm of a comparison, in a process of its own.
void add_arm(CLI::App& app, Action& action);
void add_doctor(CLI::App& app, Action& action);
void add_inspect(CLI::App& app, Action& action);
void add_validate(CLI::App& app, Action& action);
void add_plugins(CLI::App& app, Action& action);
void add_ops(CLI::App& app, Action& action);

}  // namespace sirocco::cli
