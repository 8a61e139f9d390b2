#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weights/safetensors.hpp"

// The two JSON documents of the format, read as streams of events: unlike a DOM that shows
// duplicate keys, refuses foreign nesting at the first bracket, and builds nothing twice.

namespace sirocco::safetensors {

/// What the header says, unchecked against the data: offsets are still relative to the data section
/// and in the order of the header.
struct HeaderJson {
  std::vector<TensorRecord> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads the header's text, which starts at byte 8 of the file. Throws Error(invalid_file).
HeaderJson read_header_json(std::string_view json, std::string_view label);

/// Checks the tensors against each other and against a data section of `data_bytes` bytes that
/// starts at `data_begin`; makes their offsets absolute and sorts them by name.
/// Throws Error(invalid_file).
void check_layout(std::vector<TensorRecord>& tensors, std::uint64_t data_begin,
                  std::uint64_t data_bytes, std::string_view label);

}  // namespace sirocco::safetensors
