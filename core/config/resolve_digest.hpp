#pragma once

#include <filesystem>
#include <string>

namespace sirocco {

/// SHA-256 of a file in lower-case hexadecimal. Throws Error(invalid_file) where it cannot be read.
std::string sha256_of(const std::filesystem::path& file);

/// Throws Error(invalid_file) unless the file has that digest.
void check_sha256(const std::filesystem::path& file, const std::string& expected);

}  // namespace sirocco
