#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sirocco/abi/types.h>

#include "weights/mapped_file.hpp"

// The safetensors format: 8 bytes of little-endian header length, a JSON header (tensor name →
// dtype, shape, data_offsets), then the tensors, which fill the rest of the file without gap.

namespace sirocco {

/// One tensor of a file: row-major, little-endian.
struct TensorRecord {
  std::string name;
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  std::vector<std::int64_t> shape;  ///< outermost first; empty for a scalar; at most 8 dims
  std::uint64_t offset = 0;         ///< bytes from the start of the file
  std::uint64_t bytes = 0;          ///< product(shape) × item size; 0 if a dim is 0
};

/// Whether the tensor's data in a mapped file starts at a multiple of `alignment` bytes (a power of
/// two, at most a page). The format promises no alignment at all: a consumer that needs some must
/// ask, and copy when the answer is no.
inline bool aligned(const TensorRecord& record, std::uint64_t alignment) {
  return record.offset % alignment == 0;
}

/// Largest header accepted, as in the reference implementation.
inline constexpr std::uint64_t kMaxSafetensorsHeaderBytes = 100ull << 20;

/// Checks everything that a safetensors file can get wrong before its data are looked at, and
/// returns its tensors sorted by name. Only the header is read. `label` names the file in errors;
/// `metadata`, unless null, receives `__metadata__`.
/// Throws Error(invalid_file) naming the label, the byte offset or tensor, and what was wrong.
std::vector<TensorRecord> parse_safetensors_header(std::span<const std::byte> file,
                                                   std::string_view label,
                                                   std::map<std::string, std::string>* metadata);

/// A mapped and fully checked safetensors file. Move-only; records, data and spans of them stay
/// valid across moves and live as long as the object.
class SafetensorsFile {
 public:
  /// Throws Error(invalid_file) naming the path and what was wrong.
  static SafetensorsFile open(const std::filesystem::path& path);

  /// Null when there is no such tensor.
  const TensorRecord* find(std::string_view name) const;
  /// Sorted by name, bytewise.
  std::span<const TensorRecord> tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  /// The first byte of `record`, which must be one of tensors(). Possibly unaligned: see aligned().
  const std::byte* data(const TensorRecord& record) const { return file_.data() + record.offset; }
  const MappedFile& file() const { return file_; }

 private:
  explicit SafetensorsFile(MappedFile file) : file_(std::move(file)) {}

  MappedFile file_;
  std::vector<TensorRecord> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace sirocco
