#pragma once
// The options that every backend made with the SDK understands.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

/// host_visible  true | false   false: the host may not touch the device's memory
/// buckets       "8,16,32"      sizes that the tokens of a step are padded to
/// seq_buckets, row_buckets     the same for sequences and wanted rows
/// decline       "op,op"        ops that are declined; those of another domain as "domain.op"
/// copy_weights  false | true   true: large weights that are multiplied are copied into huge pages
///                              when they are loaded, instead of used where the file is mapped
struct BackendOptions {
  bool host_visible = true;
  std::vector<int64_t> token_buckets;
  std::vector<int64_t> seq_buckets;
  std::vector<int64_t> row_buckets;
  std::vector<std::string> declined;
  bool copy_weights = false;
  std::map<std::string, std::string, std::less<>> own;  ///< as given, of those in `own` of read()

  std::string own_option(std::string_view key, std::string_view fallback) const {
    const auto found = own.find(key);
    return found == own.end() ? std::string(fallback) : found->second;
  }

  /// Throws StatusError(SIROCCO_INVALID_ARGUMENT) for an option that is neither one of these nor in
  /// `own`, or for a value that is none.
  /// A device that does not compute in host memory (`accelerator`) has neither host_visible nor
  /// copy_weights.
  static BackendOptions read(const sirocco_host* host, std::span<const char* const> own,
                             bool accelerator = false);

  bool declines(std::string_view domain, std::string_view op) const {
    return std::ranges::any_of(declined, [&](const std::string& name) {
      const size_t length = domain.size();
      return (domain == "sirocco" && name == op) ||
             (name.size() == length + 1 + op.size() && name.starts_with(domain) &&
              name[length] == '.' && name.ends_with(op));
    });
  }
};

namespace detail {

[[noreturn]] inline void bad_option(std::string_view key, std::string_view value,
                                    const char* expected) {
  throw StatusError(SIROCCO_INVALID_ARGUMENT, "option " + std::string(key) + ": \"" +
                                                  std::string(value) + "\" is not " + expected);
}

inline std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

inline std::vector<int64_t> parse_buckets(std::string_view key, std::string_view value) {
  constexpr const char* kExpected = "a list of ascending numbers above 0, such as \"8,16,32\"";
  std::vector<int64_t> buckets;
  for (const std::string& item : split_list(value)) {
    int64_t bucket = 0;
    const auto [end, problem] = std::from_chars(item.data(), item.data() + item.size(), bucket);
    if (problem != std::errc() || end != item.data() + item.size() || bucket <= 0 ||
        bucket > INT32_MAX || (!buckets.empty() && bucket <= buckets.back()))
      bad_option(key, value, kExpected);
    buckets.push_back(bucket);
  }
  return buckets;
}

inline bool parse_bool(std::string_view key, std::string_view value) {
  if (value != "true" && value != "false") bad_option(key, value, "true or false");
  return value == "true";
}

}  // namespace detail

inline BackendOptions BackendOptions::read(const sirocco_host* host,
                                           std::span<const char* const> own, bool accelerator) {
  BackendOptions options;
  const auto* source = service<sirocco_options_service>(host, SIROCCO_SERVICE_OPTIONS);
  for (size_t i = 0; source && i < source->count(host->ctx); ++i) {
    const sirocco_option entry = source->at(host->ctx, i);
    const std::string_view key = view(entry.key), value = view(entry.value);
    if (key == "host_visible" && !accelerator) {
      options.host_visible = detail::parse_bool(key, value);
    } else if (key == "buckets") {
      options.token_buckets = detail::parse_buckets(key, value);
    } else if (key == "seq_buckets") {
      options.seq_buckets = detail::parse_buckets(key, value);
    } else if (key == "row_buckets") {
      options.row_buckets = detail::parse_buckets(key, value);
    } else if (key == "decline") {
      options.declined = detail::split_list(value);
    } else if (key == "copy_weights" && !accelerator) {
      options.copy_weights = detail::parse_bool(key, value);
    } else if (std::ranges::find(own, key) != own.end()) {
      options.own.emplace(key, value);
    } else {
      std::string known = "buckets, seq_buckets, row_buckets, decline";
      if (!accelerator) known.insert(0, "host_visible, ").append(", copy_weights");
      for (const char* name : own) known.append(", ").append(name);
      throw StatusError(SIROCCO_INVALID_ARGUMENT,
                        "unknown option " + std::string(key) + "; known are " + known);
    }
  }
  return options;
}

}  // namespace sirocco::sdk
