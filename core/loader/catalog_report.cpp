#include "loader/catalog_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <sirocco/abi/version.h>

namespace sirocco {
namespace {

const char* status_name(Candidate::Status status) {
  switch (status) {
    case Candidate::Status::usable:
      return "usable";
    case Candidate::Status::shadowed:
      return "shadowed";
    default:
      return "refused";
  }
}

std::string device_text(const ProbedDevice& device) {
  std::string text = fmt::format("{} ({}", device.name, device.kind);
  if (device.memory_bytes)
    text += fmt::format(", {:.1f} GiB", static_cast<double>(device.memory_bytes) / (1u << 30));
  return text + (device.features.empty() ? ")" : ", " + device.features + ")");
}

std::string candidate_text(const Candidate& candidate) {
  if (candidate.status == Candidate::Status::refused)
    return fmt::format("{}\n  refused: {}\n", candidate.file.string(), candidate.reason);
  const Probed& probed = candidate.probed;
  std::string text =
      fmt::format("{} {}{}: {}\n  file        {}\n", candidate.name, probed.version,
                  candidate.alias ? " (alias)" : "", probed.description, candidate.file.string());
  if (candidate.status == Candidate::Status::shadowed)
    text += fmt::format("  not used    {}\n", candidate.reason);
  text += fmt::format("  vendor      {}, {}\n  ABI         {} to {}\n", probed.vendor,
                      probed.licence, probed.abi_min, probed.abi_max);
  text += fmt::format(
      "  interfaces  {}\n",
      probed.interfaces.empty() ? "none" : fmt::format("{}", fmt::join(probed.interfaces, ", ")));
  for (const ProbedDevice& device : probed.devices)
    text += fmt::format("  device      {}\n", device_text(device));
  if (!probed.devices_error.empty())
    text += fmt::format("  no devices  {}\n", probed.devices_error);
  if (!probed.ops.empty()) text += fmt::format("  own ops     {}\n", fmt::join(probed.ops, ", "));
  return text;
}

nlohmann::json candidate_json(const Candidate& candidate) {
  const Probed& probed = candidate.probed;
  nlohmann::json json = {{"file", candidate.file.string()},
                         {"name", candidate.name},
                         {"alias", candidate.alias},
                         {"status", status_name(candidate.status)},
                         {"reason", candidate.reason}};
  if (candidate.status == Candidate::Status::refused) return json;
  json["version"] = probed.version;
  json["vendor"] = probed.vendor;
  json["licence"] = probed.licence;
  json["description"] = probed.description;
  json["abi"] = {probed.abi_min, probed.abi_max};
  json["interfaces"] = probed.interfaces;
  json["ops"] = probed.ops;
  json["devices_error"] = probed.devices_error;
  json["devices"] = nlohmann::json::array();
  for (const ProbedDevice& device : probed.devices) {
    json["devices"].push_back({{"name", device.name},
                               {"kind", device.kind},
                               {"features", device.features},
                               {"memory_bytes", device.memory_bytes}});
  }
  return json;
}

}  // namespace

std::string catalog_text(const PluginCatalog& catalog) {
  std::string text = fmt::format("plugin ABI of this host: {} to {}\n\nsearched, in this order:\n",
                                 SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION);
  for (const SearchedPath& path : catalog.searched())
    text += fmt::format("  {} ({}){}\n", path.path.string(), path.origin,
                        path.problem.empty() ? "" : ": " + path.problem);
  for (const Candidate& candidate : catalog.candidates()) text += "\n" + candidate_text(candidate);
  if (catalog.candidates().empty()) text += "\nno plugin found\n";
  return text;
}

std::string catalog_json(const PluginCatalog& catalog) {
  nlohmann::json json;
  json["abi"] = {SIROCCO_ABI_VERSION_MIN, SIROCCO_ABI_VERSION};
  json["searched"] = nlohmann::json::array();
  for (const SearchedPath& path : catalog.searched()) {
    json["searched"].push_back(
        {{"path", path.path.string()}, {"origin", path.origin}, {"problem", path.problem}});
  }
  json["plugins"] = nlohmann::json::array();
  for (const Candidate& candidate : catalog.candidates())
    json["plugins"].push_back(candidate_json(candidate));
  return json.dump(2) + "\n";
}

}  // namespace sirocco
