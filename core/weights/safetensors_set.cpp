#include "weights/safetensors_set.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include <sirocco/error.hpp>

#include "weights/safetensors_index.hpp"
#include "weights/safetensors_text.hpp"

namespace sirocco {
namespace {

using safetensors::in_quotes;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::invalid_file, path.string() + ": " + what);
}

SafetensorsWeightMap read_index(const std::filesystem::path& path) {
  const MappedFile file = MappedFile::open(path);
  return parse_safetensors_index({reinterpret_cast<const char*>(file.data()), file.size()},
                                 path.string());
}

SafetensorsFile open_shard(const std::filesystem::path& index, const std::string& name) {
  try {
    return SafetensorsFile::open(index.parent_path() / name);
  } catch (const Error& error) {
    throw Error(error.kind(), std::string(error.what()) + "\n  (named in the weight_map of " +
                                  index.string() + ")");
  }
}

/// A tensor that the index puts into one shard must not be in another one too.
void refuse_second_copies(const std::filesystem::path& index, const SafetensorsWeightMap& map,
                          const SafetensorsFile& file, const std::string& name) {
  for (const TensorRecord& record : file.tensors()) {
    const auto mapped = map.find(record.name);
    if (mapped != map.end() && mapped->second != name) {
      fail(index, "tensor " + in_quotes(record.name) + " is mapped to " +
                      in_quotes(mapped->second) + ", but " + in_quotes(name) +
                      " holds one of that name as well");
    }
  }
}

}  // namespace

SafetensorsSet SafetensorsSet::open(const std::filesystem::path& path) {
  SafetensorsSet set;
  set.path_ = path;
  if (path.extension() == ".json") {
    set.open_index();
  } else {
    set.open_single();
  }
  return set;
}

void SafetensorsSet::open_single() {
  files_.push_back(SafetensorsFile::open(path_));
  for (const TensorRecord& record : files_[0].tensors()) add(0, record);
}

void SafetensorsSet::open_index() {
  const SafetensorsWeightMap map = read_index(path_);
  std::map<std::string, std::size_t, std::less<>> shards;
  for (const auto& [tensor, file] : map) shards.emplace(file, 0);
  for (auto& [name, position] : shards) {
    position = files_.size();
    files_.push_back(open_shard(path_, name));
    refuse_second_copies(path_, map, files_.back(), name);
  }
  for (const auto& [tensor, file] : map) {
    const std::size_t position = shards.at(file);
    const TensorRecord* record = files_[position].find(tensor);
    if (record == nullptr) {
      fail(path_, "tensor " + in_quotes(tensor) + " is mapped to " + in_quotes(file) +
                      ", which does not hold it");
    }
    add(position, *record);
  }
}

void SafetensorsSet::add(std::size_t file, const TensorRecord& record) {
  names_.push_back(record.name);
  tensors_.push_back({file, &record});
  total_bytes_ += record.bytes;
}

const SafetensorsSet::Tensor* SafetensorsSet::find(std::string_view name) const {
  const auto it = std::lower_bound(names_.begin(), names_.end(), name);
  if (it == names_.end() || *it != name) return nullptr;
  return &tensors_[static_cast<std::size_t>(it - names_.begin())];
}

const SafetensorsSet::Tensor& SafetensorsSet::at(std::string_view name) const {
  const Tensor* tensor = find(name);
  if (tensor == nullptr) fail(path_, "has no tensor " + in_quotes(name));
  return *tensor;
}

const std::byte* SafetensorsSet::data(std::string_view name) const {
  return data(at(name));
}

}  // namespace sirocco
