#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace sirocco {

/// Largest index accepted: 64 MiB.
inline constexpr std::uint64_t kMaxSafetensorsIndexBytes = 64ull << 20;

/// Tensor name → name of the file, beside the index, that holds it.
using SafetensorsWeightMap = std::map<std::string, std::string, std::less<>>;

/// Reads the `weight_map` of a `*.safetensors.index.json`; other top-level keys are skipped. File
/// names are checked to be plain (no separator, no ".."), not to exist.
/// Throws Error(invalid_file) naming `label`, the byte offset or tensor, and what was wrong.
SafetensorsWeightMap parse_safetensors_index(std::string_view json, std::string_view label);

}  // namespace sirocco
