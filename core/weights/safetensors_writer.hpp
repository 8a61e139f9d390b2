#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <sirocco/abi/types.h>

namespace sirocco {

/// One tensor to be written: row-major, in the machine's (little-endian) byte order.
struct TensorToWrite {
  std::string name;  ///< UTF-8 without control characters
  sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
  std::vector<std::int64_t> shape;  ///< outermost first; at most 8 dims
  const void* data = nullptr;       ///< borrowed for the call; null only if a dim is 0
};

/// Writes a safetensors file that the reader accepts. Data follow the header by falling item size,
/// then name, so that every tensor is aligned to its items; the same input gives the same bytes.
///
/// A file appears under `path` complete or not at all: it is written to a temporary file beside the
/// target, which then takes its place. A link is followed; a device or pipe is written directly.
/// Throws Error(failure) naming the path and the system's reason, having removed the temporary and
/// left an older target as it was; Error(usage) if the tensors cannot be put into such a file.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace sirocco
