#pragma once
// What a comparison ran on: without it no figure can be compared with another's.

#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

namespace sirocco {

/// The machine (processor, instructions, governor, load, threads, memory limits, kernel) and this
/// program (version, compiler, build).
nlohmann::ordered_json fingerprint_json();

/// SHA-1 of a file in hexadecimal, to tell builds of a plugin apart; "" where it cannot be read.
std::string file_digest(const std::filesystem::path& path);

/// The time now, "2026-03-01T12:00:00Z".
std::string utc_now();

}  // namespace sirocco
