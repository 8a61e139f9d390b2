#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "loader/plugin.hpp"
#include "loader/probe.hpp"

namespace sirocco {

/// Where plugins are looked for, in this order. Entries are folders (every *.so in them, by name)
/// or files.
struct PluginSearch {
  std::vector<std::filesystem::path> command_line;
  std::vector<std::filesystem::path> deployment;
  bool use_environment = true;  ///< SIROCCO_PLUGIN_PATH, separated by colons
  std::filesystem::path install_dir;
  /// Files under another name than their own; they come before everything else. A bare file name is
  /// looked for in the order of the search.
  std::map<std::string, std::filesystem::path> aliases;
};

struct SearchedPath {
  std::filesystem::path path;
  std::string origin;   ///< "--plugin-path", "deployment", …
  std::string problem;  ///< "does not exist", …; empty where it could be searched
};

struct Candidate {
  enum class Status { usable, shadowed, refused };

  std::filesystem::path file;
  std::string name;  ///< its own, or the alias; empty where it could not be found out
  bool alias = false;
  Status status = Status::usable;
  std::string reason;  ///< why it is shadowed or refused
  Probed probed;
};

/// Every plugin file on the search path, each looked at in a child process. The first file of a
/// name is the usable one.
class PluginCatalog {
 public:
  /// Never fails for a plugin's sake: what is wrong with one is its candidate's reason.
  static PluginCatalog scan(const PluginSearch& search, const ProbeOptions& options);

  const std::vector<SearchedPath>& searched() const { return searched_; }
  const std::vector<Candidate>& candidates() const { return candidates_; }
  /// The usable plugin of that name; nullptr where there is none.
  const Candidate* find(std::string_view name) const;
  /// Maps it. Throws Error(plugin) that says what there is instead, or why it was refused.
  std::shared_ptr<Plugin> load(std::string_view name) const;

 private:
  std::string not_found(std::string_view name) const;
  void add_path(const std::filesystem::path& path, const char* origin, const ProbeOptions& options);
  void add_file(const std::filesystem::path& file, const std::string& alias,
                const ProbeOptions& options);

  std::vector<SearchedPath> searched_;
  std::vector<Candidate> candidates_;
};

}  // namespace sirocco
