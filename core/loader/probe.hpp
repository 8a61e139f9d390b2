#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sirocco {

/// Where the helper writes its report; standard output belongs to whatever the plugin prints.
constexpr int kProbeReportFd = 3;

/// What a plugin says of itself, read in a child process.
struct ProbedDevice {
  std::string name;
  std::string kind;  ///< "cpu", "gpu" or "other"
  std::string features;
  uint64_t memory_bytes = 0;
};

struct Probed {
  std::string refused;  ///< why it is of no use; empty where it is
  std::string name, version, vendor, licence, description;
  uint32_t abi_min = 0;
  uint32_t abi_max = 0;
  std::vector<std::string> interfaces;
  std::vector<std::string> ops;  ///< those it brings, with their domain
  std::vector<ProbedDevice> devices;
  std::string devices_error;  ///< why they could not be listed
};

struct ProbeOptions {
  bool devices = false;     ///< start the backend to list them
  int timeout_ms = 10'000;  ///< SIROCCO_PROBE_TIMEOUT_MS overrides it
};

/// Runs the probe helper on one file: whatever the plugin does, this process goes on. Throws
/// Error(failure) only where the helper itself cannot be run.
Probed probe_plugin(const std::filesystem::path& file, const ProbeOptions& options);

}  // namespace sirocco
