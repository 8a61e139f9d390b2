#include "weights/safetensors.hpp"

#include <algorithm>
#include <utility>

namespace sirocco {

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  SafetensorsFile result(MappedFile::open(path));
  result.tensors_ =
      parse_safetensors_header(result.file_.bytes(), path.string(), &result.metadata_);
  return result;
}

const TensorRecord* SafetensorsFile::find(std::string_view name) const {
  const auto it = std::lower_bound(
      tensors_.begin(), tensors_.end(), name,
      [](const TensorRecord& record, std::string_view wanted) { return record.name < wanted; });
  return it != tensors_.end() && it->name == name ? &*it : nullptr;
}

}  // namespace sirocco
