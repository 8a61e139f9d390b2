#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/checkpoint_config.hpp"
#include "config/documents.hpp"

namespace sirocco {

/// A checkpoint folder: which files of a layout it has, each read once.
class CheckpointFolder {
 public:
  explicit CheckpointFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  const std::filesystem::path& path() const { return folder_; }
  /// The first of these files that exists; empty where none does.
  std::filesystem::path first_of(const std::vector<std::string>& names) const;
  /// Whether the layout's config file and one of its weight files are here.
  bool has(const LayoutDecl& layout) const;
  /// Throws as CheckpointConfig::read.
  const CheckpointConfig& config(const std::string& name);

 private:
  std::filesystem::path folder_;
  std::map<std::string, CheckpointConfig> configs_;
};

/// The first of a topology's `matches` that fits.
struct Match {
  const MatchDecl* decl = nullptr;
  std::vector<std::string> others;  ///< further layouts that would fit too
};

/// `tried` receives a line for every match that does not fit, saying why. `layout`: only matches of
/// that layout, unless empty.
std::optional<Match> match_topology(const TopologyDocument& topology, CheckpointFolder& folder,
                                    const std::string& layout, std::vector<std::string>& tried);

/// The one topology of the config path that fits a folder. Throws Error(invalid_file) where none or
/// several do.
TopologyDocument find_topology(CheckpointFolder& folder, const std::string& layout,
                               const ConfigPath& config);

}  // namespace sirocco
