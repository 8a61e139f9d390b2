#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "weights/safetensors.hpp"

namespace sirocco {

/// The tensors of a checkpoint: one safetensors file, or the shards of an index
/// (`model.safetensors.index.json`), all mapped. Move-only; everything it hands out lives as long
/// as the object and stays valid across moves.
class SafetensorsSet {
 public:
  struct Tensor {
    std::size_t file = 0;  ///< position in files()
    const TensorRecord* record = nullptr;
  };

  /// Opens an index if `path` ends in ".json", else a single file. Of the shards' tensors only
  /// those in the weight_map are part of the set. Throws Error(invalid_file) naming the file: also
  /// when a shard is missing or truncated, lacks a tensor that the index puts there, or holds one
  /// that the index puts elsewhere (readers would then disagree about which one counts).
  static SafetensorsSet open(const std::filesystem::path& path);

  /// What was opened: the file, or the index.
  const std::filesystem::path& path() const { return path_; }
  /// Null when there is no such tensor.
  const Tensor* find(std::string_view name) const;
  /// find(), but throws Error(invalid_file) naming the path when there is no such tensor.
  const Tensor& at(std::string_view name) const;
  /// First byte of the tensor's data, possibly unaligned. Throws as at().
  const std::byte* data(std::string_view name) const;
  const std::byte* data(const Tensor& tensor) const {
    return files_[tensor.file].data(*tensor.record);
  }
  /// Sorted bytewise.
  std::span<const std::string_view> names() const { return names_; }
  /// In the order of names().
  std::span<const Tensor> tensors() const { return tensors_; }
  /// Sum of the tensors' bytes.
  std::uint64_t total_bytes() const { return total_bytes_; }
  /// The mapped files, sorted by name when they come from an index.
  std::span<const SafetensorsFile> files() const { return files_; }

 private:
  SafetensorsSet() = default;
  void open_single();
  void open_index();
  void add(std::size_t file, const TensorRecord& record);

  std::filesystem::path path_;
  std::vector<SafetensorsFile> files_;
  std::vector<std::string_view> names_;
  std::vector<Tensor> tensors_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace sirocco
