#include "engine_flags.hpp"

#include <cstdio>

#include "flag_checks.hpp"

namespace sirocco::cli {

void add_plugin_flags(CLI::App& verb, EngineFlags& flags) {
  verb.add_option("--plugin-path", flags.plugin_path,
                  "Folder or .so to look for plugins in, before all others; may be repeated")
      ->type_name("PATH")
      ->allow_extra_args(false);  // or it would take the arguments that follow it

  verb.add_option("--deployment", flags.deployment,
                  "Deployment document (default: deployments/default.yaml of the config path)")
      ->type_name("FILE");
}

void add_engine_flags(CLI::App& verb, EngineFlags& flags) {
  add_plugin_flags(verb, flags);
  verb.add_option("--backend", flags.backends,
                  "Backends to use, in order of preference, instead of the deployment's: names or "
                  ".so files, with options as in NAME:KEY=VALUE")
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->delimiter(',');
  verb.add_option("--fallback", flags.fallback,
                  "Where a node's first backend declines: forbid, warn or allow the next one")
      ->check(CLI::IsMember({"forbid", "warn", "allow"}));
  verb.add_option("--numerics", flags.numerics,
                  "Dtype of activations and state (default: the checkpoint's)")
      ->check(CLI::IsMember({"f32", "bf16", "f16"}));
  verb.add_option("--ctx", flags.context, "Context limit in tokens (default: the model's)")
      ->type_name("N")
      ->check(at_least(1));
  verb.add_option("--threads", flags.threads,
                  "Threads to compute on (default: the deployment's, else the processors that this "
                  "process may use)")
      ->type_name("N")
      ->check(at_least(1));
}

EngineOptions EngineFlags::engine() const {
  EngineOptions options;
  for (const std::string& path : plugin_path) options.plugin_path.emplace_back(path);
  if (!deployment.empty()) options.deployment = deployment;
  options.backends = backends;
  if (!fallback.empty()) options.fallback = fallback_from_name(fallback);
  options.threads = threads;
  options.log = log_to_stderr;
  return options;
}

ModelOptions EngineFlags::model() const {
  ModelOptions options;
  if (!numerics.empty()) options.numerics = dtype_from_name(numerics);
  options.context = context;
  return options;
}

void log_to_stderr(int32_t level, std::string_view message) {
  if (level < SIROCCO_LOG_INFO) return;
  const char* prefix = level == SIROCCO_LOG_ERROR     ? "error: "
                       : level == SIROCCO_LOG_WARNING ? "warning: "
                                                      : "";
  std::fprintf(stderr, "%s%.*s\n", prefix, static_cast<int>(message.size()), message.data());
}

}  // namespace sirocco::cli
