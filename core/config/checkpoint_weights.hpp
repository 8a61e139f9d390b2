#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/tensor_type.hpp"

namespace sirocco {

/// A tensor of a checkpoint. The data live as long as their source.
struct WeightTensor {
  TensorType type;
  const std::byte* data = nullptr;
  uint64_t bytes = 0;
  uint64_t alignment = 1;  ///< largest power of two, at most 4096, that divides the address
};

/// Where weights come from: files, or something made up for a test.
class WeightSource {
 public:
  WeightSource() = default;
  WeightSource(const WeightSource&) = delete;
  WeightSource& operator=(const WeightSource&) = delete;
  virtual ~WeightSource() = default;
  /// A file name or the like, for messages.
  virtual std::string label() const = 0;
  /// nullopt where there is no such tensor.
  virtual std::optional<WeightTensor> find(std::string_view name) const = 0;
  virtual std::vector<std::string> names() const = 0;
  /// Gives the pages of a byte range of a tensor back to the system; reading them again stays
  /// possible. The default does nothing.
  virtual void release(std::string_view name, uint64_t offset, uint64_t bytes) const;
};

/// Opens a safetensors file, or the index of a sharded one. Throws Error(invalid_file).
std::shared_ptr<const WeightSource> open_weights(const std::filesystem::path& file);

/// The float dtype that most bytes of the tensors have; f32 where there are none.
sirocco_dtype dominant_dtype(const WeightSource& weights);

/// `at most five names and how many more there are`: "'a', 'b' and 3 more".
std::string some_names(const std::vector<std::string>& names);

}  // namespace sirocco
