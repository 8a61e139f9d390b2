#include "loader/catalog.hpp"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sirocco/error.hpp>

#include "graph/text_distance.hpp"

namespace sirocco {
namespace {

std::vector<std::filesystem::path> environment_paths() {
  std::vector<std::filesystem::path> paths;
  const char* value = std::getenv("SIROCCO_PLUGIN_PATH");
  std::string_view rest = value ? value : "";
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    if (const std::string_view entry = rest.substr(0, colon); !entry.empty())
      paths.emplace_back(entry);
    rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  }
  return paths;
}

/// Every *.so of the folder, by name.
std::vector<std::filesystem::path> plugin_files(const std::filesystem::path& folder,
                                                std::error_code& error) {
  std::vector<std::filesystem::path> files;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (entry->path().extension() == ".so") files.push_back(entry->path());
  std::ranges::sort(files);
  return files;
}

/// The same text for the same entry of the same folder, however it was reached. A link to another
/// file stays an entry of its own.
std::filesystem::path entry_path(const std::filesystem::path& file) {
  std::error_code error;
  const auto folder =
      std::filesystem::weakly_canonical(std::filesystem::absolute(file).parent_path(), error);
  return folder / file.filename();
}

/// The folders searched, in their order, as a list of one.
std::vector<std::filesystem::path> searched_folders(const PluginSearch& search) {
  std::vector<std::filesystem::path> folders = search.command_line;
  folders.insert(folders.end(), search.deployment.begin(), search.deployment.end());
  if (search.use_environment)
    for (auto& path : environment_paths()) folders.push_back(std::move(path));
  if (!search.install_dir.empty()) folders.push_back(search.install_dir);
  return folders;
}

/// Where the file of an alias is: a bare name is looked for on the search path.
std::filesystem::path alias_file(const PluginSearch& search, const std::filesystem::path& file) {
  std::error_code error;
  if (file.has_parent_path()) return file;
  for (const auto& folder : searched_folders(search)) {
    if (std::filesystem::exists(folder / file, error)) return folder / file;
    if (folder.filename() == file && std::filesystem::is_regular_file(folder, error)) return folder;
  }
  return file;
}

}  // namespace

PluginCatalog PluginCatalog::scan(const PluginSearch& search, const ProbeOptions& options) {
  PluginCatalog catalog;
  for (const auto& [name, file] : search.aliases)
    catalog.add_file(alias_file(search, file), name, options);
  for (const auto& path : search.command_line) catalog.add_path(path, "--plugin-path", options);
  for (const auto& path : search.deployment) catalog.add_path(path, "deployment", options);
  if (search.use_environment)
    for (const auto& path : environment_paths())
      catalog.add_path(path, "SIROCCO_PLUGIN_PATH", options);
  if (!search.install_dir.empty()) catalog.add_path(search.install_dir, "installation", options);
  return catalog;
}

void PluginCatalog::add_path(const std::filesystem::path& path, const char* origin,
                             const ProbeOptions& options) {
  std::error_code error;
  SearchedPath searched{path, origin, {}};
  if (std::filesystem::is_directory(path, error)) {
    for (const auto& file : plugin_files(path, error)) add_file(file, {}, options);
    if (error) searched.problem = "cannot be read: " + error.message();
  } else if (std::filesystem::exists(path, error)) {
    add_file(path, {}, options);
  } else {
    searched.problem = error && error != std::errc::no_such_file_or_directory
                           ? "cannot be read: " + error.message()
                           : "does not exist";
  }
  searched_.push_back(std::move(searched));
}

void PluginCatalog::add_file(const std::filesystem::path& file, const std::string& alias,
                             const ProbeOptions& options) {
  const bool known = std::ranges::any_of(candidates_, [&](const Candidate& other) {
    return !other.alias && alias.empty() && entry_path(other.file) == entry_path(file);
  });
  if (known) return;  // the same folder given twice
  std::error_code error;
  Candidate candidate;
  candidate.file = file;
  candidate.alias = !alias.empty();
  candidate.probed = std::filesystem::exists(file, error) ? probe_plugin(file, options)
                                                          : Probed{.refused = "no such file"};
  candidate.name = alias.empty() ? candidate.probed.name : alias;
  candidate.reason = candidate.probed.refused;
  if (!candidate.reason.empty()) {
    candidate.status = Candidate::Status::refused;
  } else if (const Candidate* first = find(candidate.name)) {
    candidate.status = Candidate::Status::shadowed;
    candidate.reason = "shadowed by " + first->file.string();
  }
  candidates_.push_back(std::move(candidate));
}

const Candidate* PluginCatalog::find(std::string_view name) const {
  const auto found = std::ranges::find_if(candidates_, [&](const Candidate& candidate) {
    return candidate.status == Candidate::Status::usable && candidate.name == name;
  });
  return found == candidates_.end() ? nullptr : &*found;
}

std::shared_ptr<Plugin> PluginCatalog::load(std::string_view name) const {
  if (const Candidate* candidate = find(name)) return Plugin::load(candidate->file);
  throw Error(ErrorKind::plugin, not_found(name));
}

std::string PluginCatalog::not_found(std::string_view name) const {
  std::string message = fmt::format("no plugin '{}'", name);
  std::vector<std::string> names;
  for (const Candidate& candidate : candidates_) {
    if (candidate.status == Candidate::Status::usable) names.push_back(candidate.name);
    const bool meant = candidate.name == name || candidate.file.stem() == name;
    if (candidate.status == Candidate::Status::refused && meant)
      message += fmt::format("; {} was refused: {}", candidate.file.string(), candidate.reason);
  }
  if (const std::string near = nearest_name(name, names); !near.empty())
    message += fmt::format(" (did you mean '{}'?)", near);
  message +=
      fmt::format("; found: {}", names.empty() ? "none" : fmt::format("{}", fmt::join(names, " ")));
  message += "; searched:";
  for (const SearchedPath& path : searched_)
    message += fmt::format(" {}{}", path.path.string(),
                           path.problem.empty() ? "" : " (" + path.problem + ")");
  return message + "; `sirocco plugins` says more";
}

}  // namespace sirocco
