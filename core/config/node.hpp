#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/graph.hpp"

namespace sirocco {

struct YamlEntry;

/// One node of a YAML document with the place it was written at. A plain tree: aliases are
/// expanded under a budget when it is read, so nothing later can loop or explode.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };

  Kind kind = Kind::null;
  Place place;
  std::string scalar;              ///< the text, unquoted
  bool quoted = false;             ///< was written in quotes: always a string
  std::vector<YamlNode> items;     ///< of a sequence
  std::vector<YamlEntry> entries;  ///< of a map, in the order written

  bool is_map() const { return kind == Kind::map; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_null() const { return kind == Kind::null; }
  /// The value under a key; nullptr where there is none or this is no map.
  const YamlNode* find(std::string_view key) const;
};

/// A key, which is a scalar, and its value. (No std::pair: it needs complete types.)
struct YamlEntry {
  YamlEntry(YamlNode key, YamlNode value) : first(std::move(key)), second(std::move(value)) {}

  YamlNode first;
  YamlNode second;
};

/// Limits on what is read, before and while it is read.
struct YamlLimits {
  uint64_t max_bytes = 1u << 20;  ///< of the file
  size_t max_nodes = 200'000;     ///< after aliases are expanded
  size_t max_depth = 64;
};

/// Reads one YAML document. Throws Error(invalid_file) with "file:line:column: …" for a file that
/// is missing, too large (unread), not UTF-8, not YAML, has several documents, duplicate keys,
/// keys that are not scalars, tags, aliases that form a cycle, or more nodes than the limits allow.
YamlNode read_yaml(const std::filesystem::path& file, const YamlLimits& limits = {});

/// As `read_yaml`, of text in memory; `label` stands for the file in messages.
YamlNode parse_yaml(std::string_view text, const std::string& label, const YamlLimits& limits = {});

/// Error(invalid_file) "place: what".
[[noreturn]] void fail_at(const Place& place, const std::string& what);

/// The known name nearest to `name` by edit distance, as " (did you mean 'x'?)"; empty where none
/// is near.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

}  // namespace sirocco
