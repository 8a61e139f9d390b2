#include "weights/safetensors_writer.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include <nlohmann/json.hpp>

#include <sirocco/error.hpp>

#include "weights/atomic_output.hpp"
#include "weights/safetensors.hpp"
#include "weights/safetensors_dtype.hpp"
#include "weights/safetensors_text.hpp"

namespace sirocco {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

/// The data start at a multiple of this: a cache line, so that a mapped file serves vector loads.
constexpr std::size_t kDataAlignment = 64;

struct Item {
  const TensorToWrite* tensor;
  const safetensors::DtypeInfo* dtype;
  std::uint64_t bytes;
};

[[noreturn]] void fail(const std::filesystem::path& path, const TensorToWrite& tensor,
                       const std::string& what) {
  throw Error(ErrorKind::usage, path.string() + ": cannot be written: tensor " +
                                    safetensors::in_quotes(tensor.name) + " " + what);
}

Item checked(const std::filesystem::path& path, const TensorToWrite& tensor) {
  if (tensor.name == "__metadata__" || safetensors::has_control_characters(tensor.name)) {
    fail(path, tensor, "has a name that the format cannot hold");
  }
  const safetensors::DtypeInfo* dtype = safetensors::dtype_info(tensor.dtype);
  if (dtype == nullptr) {
    fail(path, tensor,
         "has the dtype " + std::to_string(tensor.dtype) + ", which the format cannot hold");
  }
  if (tensor.shape.size() > SIROCCO_MAX_RANK) fail(path, tensor, "has more than 8 dims");
  const std::optional<std::uint64_t> bytes =
      safetensors::checked_bytes(tensor.shape.data(), tensor.shape.size(), dtype->item_bytes);
  if (!bytes) fail(path, tensor, "has a negative dim or a size beyond int64");
  if (*bytes > 0 && tensor.data == nullptr) fail(path, tensor, "has no data");
  return {&tensor, dtype, *bytes};
}

/// Checked, in the order in which the data are written.
std::vector<Item> arrange(const std::filesystem::path& path,
                          std::span<const TensorToWrite> tensors) {
  std::vector<Item> items;
  items.reserve(tensors.size());
  for (const TensorToWrite& tensor : tensors) items.push_back(checked(path, tensor));
  const auto by_name = [](const Item& a, const Item& b) { return a.tensor->name < b.tensor->name; };
  std::sort(items.begin(), items.end(), by_name);
  const auto twice = std::adjacent_find(
      items.begin(), items.end(),
      [](const Item& a, const Item& b) { return a.tensor->name == b.tensor->name; });
  if (twice != items.end()) fail(path, *twice->tensor, "is given twice");
  std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.dtype->item_bytes > b.dtype->item_bytes;
  });
  return items;
}

/// `"name":{...}` for each tensor, after the metadata. Written out by hand because the order
/// counts, and nlohmann's ordered object searches all its keys at every insertion.
std::string header_json(std::span<const Item> items,
                        const std::map<std::string, std::string>& metadata) {
  using nlohmann::json;
  std::string text = "{";
  if (!metadata.empty()) text += "\"__metadata__\":" + json(metadata).dump();
  std::uint64_t begin = 0;
  for (const Item& item : items) {
    const std::uint64_t end = begin + item.bytes;
    if (text.size() > 1) text += ',';
    text += json(item.tensor->name).dump() + ":";
    text += json{{"dtype", item.dtype->name},
                 {"shape", item.tensor->shape},
                 {"data_offsets", {begin, end}}}
                .dump();
    begin = end;
  }
  return text + "}";
}

/// The header with its 8 bytes of length, padded with spaces up to where the data start.
std::string make_header(const std::filesystem::path& path, std::span<const Item> items,
                        const std::map<std::string, std::string>& metadata) {
  const std::string refused = path.string() + ": cannot be written: ";
  std::string text(8, '\0');
  try {
    text += header_json(items, metadata);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::usage, refused + "a name or metadata is not UTF-8: " +
                                      safetensors::json_reason(error.what()));
  }
  text.resize((text.size() + kDataAlignment - 1) / kDataAlignment * kDataAlignment, ' ');
  const std::uint64_t length = text.size() - 8;
  if (length > kMaxSafetensorsHeaderBytes) {
    throw Error(ErrorKind::usage, refused + "its header would take " + std::to_string(length) +
                                      " bytes, above the limit of " +
                                      std::to_string(kMaxSafetensorsHeaderBytes));
  }
  std::memcpy(text.data(), &length, sizeof length);
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::vector<Item> items = arrange(path, tensors);
  const std::string header = make_header(path, items, metadata);
  AtomicOutput output(path);
  output.write(header.data(), header.size());
  for (const Item& item : items) output.write(item.tensor->data, item.bytes);
  output.commit();
}

}  // namespace sirocco
