// Feeds the same bytes to the safetensors header parser, as they are and with the length repaired,
// and to the index parser. Anything but a result that keeps its promises, or an
// Error(invalid_file), is a finding.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/error.hpp>

#include "weights/safetensors.hpp"
#include "weights/safetensors_index.hpp"

namespace {

void require(bool promise) {
  if (!promise) std::abort();
}

template <class Action>
void may_refuse(Action action) {
  try {
    action();
  } catch (const sirocco::Error& error) {
    require(error.kind() == sirocco::ErrorKind::invalid_file);
    const std::string_view message = error.what();
    require(message.size() < 1000);
    require(
        std::all_of(message.begin(), message.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
  }
}

void parse_header(std::span<const std::byte> bytes) {
  std::map<std::string, std::string> metadata;
  const auto records = sirocco::parse_safetensors_header(bytes, "F", &metadata);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const sirocco::TensorRecord& record = records[i];
    require(i == 0 || records[i - 1].name < record.name);
    require(record.shape.size() <= SIROCCO_MAX_RANK);
    require(record.offset >= 8 && record.offset <= bytes.size());
    require(record.bytes <= bytes.size() - record.offset);
    total += record.bytes;
  }
  // Every byte of the data belongs to exactly one tensor.
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  require(total == bytes.size() - 8 - length);
}

/// With the length set so that the header ends at its last brace, mutations reach the checks behind
/// the first one.
void parse_repaired(std::span<const std::byte> bytes) {
  std::vector<std::byte> repaired(bytes.begin(), bytes.end());
  const auto brace = std::find(repaired.rbegin(), repaired.rend(), std::byte{'}'});
  const auto end = static_cast<std::uint64_t>(repaired.rend() - brace);
  if (end <= 8) return;
  const std::uint64_t length = end - 8;
  std::memcpy(repaired.data(), &length, sizeof length);
  parse_header(repaired);
}

void parse_index(std::string_view text) {
  for (const auto& [tensor, file] : sirocco::parse_safetensors_index(text, "I")) {
    require(!file.empty() && file != "." && file.find("..") == std::string::npos);
    require(file.find('/') == std::string::npos && file.find('\0') == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  may_refuse([&] { parse_header(bytes); });
  may_refuse([&] { parse_repaired(bytes); });
  may_refuse([&] { parse_index({reinterpret_cast<const char*>(data), size}); });
  return 0;
}
