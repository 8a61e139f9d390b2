#pragma once
// What every plugin needs: the entry symbol with its negotiation, and a way for C++ exceptions to
// become status codes at the line.

#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sirocco/abi/plugin.h>

namespace sirocco::sdk {

/// Throw this inside a plugin to choose the status; any other std::exception is SIROCCO_FAILED.
class StatusError : public std::runtime_error {
 public:
  StatusError(sirocco_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  sirocco_status status() const noexcept { return status_; }

 private:
  sirocco_status status_;
};

inline std::string_view view(sirocco_string text) {
  return {text.data, text.size};
}
inline sirocco_string string(std::string_view text) {
  return {text.data(), text.size()};
}

/// Writes a message where the caller wants one.
inline sirocco_status fail(sirocco_error* error, sirocco_status status, const char* message) {
  if (error) std::snprintf(error->message, sizeof error->message, "%s", message);
  return status;
}

/// Runs `body`; what it throws becomes a status and a message. Nothing leaves it.
template <class Body>
sirocco_status guarded(sirocco_error* error, Body&& body) noexcept {
  try {
    body();
    return SIROCCO_OK;
  } catch (const StatusError& e) {
    return fail(error, e.status(), e.what());
  } catch (const std::bad_alloc&) {
    return fail(error, SIROCCO_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& e) {
    return fail(error, SIROCCO_FAILED, e.what());
  } catch (...) {
    return fail(error, SIROCCO_FAILED, "an exception of unknown type");
  }
}

/// Whether a struct of the other side reaches as far as this member.
template <class Struct, class Member>
bool has_member(const Struct* value, Member Struct::*member) {
  const auto* end = reinterpret_cast<const char*>(&(value->*member)) + sizeof(Member);
  return static_cast<size_t>(end - reinterpret_cast<const char*>(value)) <= value->struct_size;
}

/// The service of that id, or nullptr where the host does not offer it.
template <class Service>
const Service* service(const sirocco_host* host, const char* id) {
  if (!host || !host->get_service) return nullptr;
  return static_cast<const Service*>(host->get_service(host, id));
}

inline void log(const sirocco_host* host, int32_t level, std::string_view message) {
  if (const auto* sink = service<sirocco_log_service>(host, SIROCCO_SERVICE_LOG))
    sink->write(host->ctx, level, string(message));
}

/// The value of an option of this instance, or `fallback`.
inline std::string option(const sirocco_host* host, std::string_view key,
                          std::string_view fallback = {}) {
  const auto* options = service<sirocco_options_service>(host, SIROCCO_SERVICE_OPTIONS);
  for (size_t i = 0; options && i < options->count(host->ctx); ++i) {
    const sirocco_option entry = options->at(host->ctx, i);
    if (view(entry.key) == key) return std::string(view(entry.value));
  }
  return std::string(fallback);
}

/// The body of `sirocco_plugin_query`: the descriptor if the two ranges meet, else NULL and a line
/// in the host's log. The plugin's range is that of the headers it was built with.
inline const sirocco_plugin* negotiate(const sirocco_plugin& plugin, uint32_t host_min,
                                       uint32_t host_max, const sirocco_host* host) {
  if (plugin.abi_min <= host_max && host_min <= plugin.abi_max) return &plugin;
  log(host, SIROCCO_LOG_ERROR,
      std::string(plugin.name) + " speaks plugin ABI " + std::to_string(plugin.abi_min) + " to " +
          std::to_string(plugin.abi_max) + ", the host " + std::to_string(host_min) + " to " +
          std::to_string(host_max));
  return nullptr;
}

}  // namespace sirocco::sdk

/// Defines the entry symbol of a plugin: `descriptor` is a `const sirocco_plugin` with static
/// storage. A macro because the symbol's name and linkage are the contract.
#define SIROCCO_DEFINE_PLUGIN(descriptor)                                      \
  extern "C" SIROCCO_PLUGIN_EXPORT const sirocco_plugin* sirocco_plugin_query( \
      uint32_t host_min, uint32_t host_max, const sirocco_host* host) {        \
    return sirocco::sdk::negotiate(descriptor, host_min, host_max, host);      \
  }
