/// What the host offers a plugin, looked up by string id like the plugin's own interfaces.
#pragma once

#include <sirocco/abi/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The host as one instance sees it. The one passed to an interface's `create` lives as long as
/// the instance; services may be called from any thread unless they say otherwise.
typedef struct sirocco_host {
  size_t struct_size;
  uint32_t abi_version;  ///< the ABI both sides settled on; 0 while the query runs
  uint32_t reserved;
  void* ctx;  ///< the host's own; handed back to `get_service` and to every service
  /// The service of that id, or NULL where it is not offered. It lives as long as this host.
  const void* (*get_service)(const struct sirocco_host* host, const char* id);
} sirocco_host;

enum {
  SIROCCO_LOG_DEBUG = 0,
  SIROCCO_LOG_INFO = 1,
  SIROCCO_LOG_WARNING = 2,
  SIROCCO_LOG_ERROR = 3,
};

#define SIROCCO_SERVICE_LOG "sirocco.log/0"
typedef struct sirocco_log_service {
  size_t struct_size;
  void (*write)(void* ctx, int32_t level, sirocco_string message);
} sirocco_log_service;

/// Host memory, counted against the deployment's budget.
#define SIROCCO_SERVICE_ALLOCATE "sirocco.allocate/0"
typedef struct sirocco_allocate_service {
  size_t struct_size;
  /// NULL where the budget or the machine has no more. `alignment` is a power of two.
  void* (*allocate)(void* ctx, size_t bytes, size_t alignment);
  void (*release)(void* ctx, void* memory, size_t bytes, size_t alignment);
} sirocco_allocate_service;

/// Ranges for `trace`, beyond the per-node times that a timed executable records.
#define SIROCCO_SERVICE_PROFILER "sirocco.profiler/0"
typedef struct sirocco_profiler_service {
  size_t struct_size;
  /// Nanoseconds of CLOCK_MONOTONIC. `name` is copied.
  void (*range)(void* ctx, sirocco_string name, uint32_t thread, uint64_t begin_ns,
                uint64_t end_ns);
} sirocco_profiler_service;

/// The file that this plugin was loaded from, to find data that lies beside it.
#define SIROCCO_SERVICE_PLUGIN_PATH "sirocco.plugin_path/0"
typedef struct sirocco_plugin_path_service {
  size_t struct_size;
  sirocco_string (*path)(void* ctx);
} sirocco_plugin_path_service;

/// The options of this instance, from the deployment.
#define SIROCCO_SERVICE_OPTIONS "sirocco.options/0"
typedef struct sirocco_options_service {
  size_t struct_size;
  size_t (*count)(void* ctx);
  /// `index` < count; the strings live as long as the host.
  sirocco_option (*at)(void* ctx, size_t index);
} sirocco_options_service;

/// The definition of every quantisation scheme the host can read.
#define SIROCCO_SERVICE_DEQUANTISE "sirocco.dequantise/0"
typedef struct sirocco_dequantise_service {
  size_t struct_size;
  /// `n_blocks` blocks of `scheme` at `source` to f32 at `target`. SIROCCO_UNSUPPORTED for a scheme
  /// that the host does not know.
  sirocco_status (*blocks)(void* ctx, const sirocco_quant* scheme, const void* source,
                           size_t n_blocks, float* target, sirocco_error* error);
} sirocco_dequantise_service;

/// A team of threads that the host owns, sized and pinned by the deployment. One region runs at a
/// time; a backend that uses a library with threads of its own calls it from team threads, one
/// thread each on its own slice.
#define SIROCCO_SERVICE_TEAM "sirocco.team/0"
typedef struct sirocco_team_service {
  size_t struct_size;
  uint32_t (*size)(void* ctx);
  /// Runs `fn(arg, thread, n_threads)` once on every thread, the caller being thread 0, and returns
  /// when all have ended. `fn` does not throw.
  void (*run)(void* ctx, void (*fn)(void* arg, uint32_t thread, uint32_t n_threads), void* arg);
  /// Inside `run` only: returns when every thread of the team has called it.
  void (*barrier)(void* ctx, uint32_t thread);
} sirocco_team_service;

/// Runs another model of this process for a plugin (a moderator that is itself a model).
/// Asynchronous, so that the caller can never hold up the engine that serves it.
#define SIROCCO_SERVICE_SUBMIT_MODEL "sirocco.submit_model/0"
typedef struct sirocco_model_request {
  size_t struct_size;
  sirocco_string model;  ///< a name from the policy or the deployment
  sirocco_string prompt;
  uint32_t max_tokens;
  uint32_t deadline_ms;              ///< mandatory, above zero
  sirocco_string output;             ///< a named output of the model; empty for generated text
  const sirocco_string* candidates;  ///< texts whose log-probabilities are wanted at the end
  size_t n_candidates;
} sirocco_model_request;
typedef struct sirocco_model_reply {
  size_t struct_size;
  sirocco_status status;
  uint32_t reserved;
  sirocco_string text;
  const float* values;  ///< the named output, or one log-probability a candidate
  size_t n_values;
} sirocco_model_reply;
typedef struct sirocco_submit_model_service {
  size_t struct_size;
  /// `done` is called once, from a thread of the host, unless submitting itself failed. The reply
  /// is valid during that call.
  sirocco_status (*submit)(void* ctx, const sirocco_model_request* request,
                           void (*done)(void* arg, const sirocco_model_reply* reply), void* arg,
                           sirocco_error* error);
} sirocco_submit_model_service;

#ifdef __cplusplus
}
#endif
