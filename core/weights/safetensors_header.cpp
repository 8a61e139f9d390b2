#include <algorithm>
#include <utility>

#include <sirocco/error.hpp>

#include "weights/safetensors.hpp"
#include "weights/safetensors_dtype.hpp"
#include "weights/safetensors_json.hpp"
#include "weights/safetensors_text.hpp"

namespace sirocco {
namespace safetensors {
namespace {

[[noreturn]] void fail(std::string_view label, const std::string& what) {
  throw Error(ErrorKind::invalid_file, std::string(label) + ": " + what);
}

std::string tensor(const TensorRecord& record) {
  return "tensor " + in_quotes(record.name);
}

std::string range(const TensorRecord& record) {
  return "[" + std::to_string(record.offset) + ", " + std::to_string(record.offset + record.bytes) +
         "]";
}

void refuse_duplicates(const std::vector<TensorRecord>& by_name, std::string_view label) {
  const auto twice = std::adjacent_find(
      by_name.begin(), by_name.end(),
      [](const TensorRecord& a, const TensorRecord& b) { return a.name == b.name; });
  if (twice != by_name.end()) fail(label, tensor(*twice) + " appears twice in the header");
}

/// The ranges, taken in order, must follow each other from 0 to the end of the data.
void require_contiguous(const std::vector<TensorRecord>& tensors, std::uint64_t data_bytes,
                        std::string_view label) {
  std::vector<const TensorRecord*> order;
  order.reserve(tensors.size());
  for (const TensorRecord& record : tensors) order.push_back(&record);
  // By begin, then end: an empty tensor comes before the one that starts where it lies.
  std::sort(order.begin(), order.end(), [](const TensorRecord* a, const TensorRecord* b) {
    return a->offset != b->offset ? a->offset < b->offset : a->bytes < b->bytes;
  });
  std::uint64_t end = 0;
  const TensorRecord* previous = nullptr;
  for (const TensorRecord* record : order) {
    if (record->offset < end) {
      fail(label, tensor(*record) + ": its data_offsets " + range(*record) + " overlap those of " +
                      tensor(*previous) + ", " + range(*previous));
    }
    if (record->offset > end) {
      fail(label, tensor(*record) + ": its data_offsets " + range(*record) + " leave bytes " +
                      std::to_string(end) + " to " + std::to_string(record->offset) +
                      " of the data without a tensor");
    }
    end = record->offset + record->bytes;
    previous = record;
  }
  if (end != data_bytes) {
    fail(label, "the tensors end at byte " + std::to_string(end) + " of the data, but there are " +
                    std::to_string(data_bytes) + " bytes of data");
  }
}

std::uint64_t read_length(std::span<const std::byte> file) {
  std::uint64_t length = 0;
  for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<std::uint64_t>(file[i]);
  return length;
}

}  // namespace

void check_layout(std::vector<TensorRecord>& tensors, std::uint64_t data_begin,
                  std::uint64_t data_bytes, std::string_view label) {
  for (const TensorRecord& record : tensors) {
    if (record.offset + record.bytes > data_bytes) {
      fail(label, tensor(record) + ": its data_offsets " + range(record) + " go beyond the " +
                      std::to_string(data_bytes) +
                      " bytes of data in the file, which is truncated or damaged; fetch it again");
    }
  }
  std::sort(tensors.begin(), tensors.end(),
            [](const TensorRecord& a, const TensorRecord& b) { return a.name < b.name; });
  refuse_duplicates(tensors, label);
  require_contiguous(tensors, data_bytes, label);
  for (TensorRecord& record : tensors) record.offset += data_begin;
}

}  // namespace safetensors

std::vector<TensorRecord> parse_safetensors_header(std::span<const std::byte> file,
                                                   std::string_view label,
                                                   std::map<std::string, std::string>* metadata) {
  using safetensors::fail;
  if (file.size() < 8) {
    fail(label, "is " + std::to_string(file.size()) +
                    " bytes long; a safetensors file starts with 8 bytes of header length");
  }
  const std::uint64_t length = safetensors::read_length(file);
  const std::string says = "byte 0: the header length is " + std::to_string(length);
  if (length > kMaxSafetensorsHeaderBytes) {
    fail(label, says + ", above the limit of " + std::to_string(kMaxSafetensorsHeaderBytes) +
                    "; this is probably not a safetensors file");
  }
  if (length > file.size() - 8) {
    fail(label, says + ", but only " + std::to_string(file.size() - 8) +
                    " bytes follow; the file is truncated or not safetensors");
  }
  const std::string_view json(reinterpret_cast<const char*>(file.data()) + 8, length);
  if (json.empty() || json.front() != '{') fail(label, "byte 8: the header must begin with '{'");
  safetensors::HeaderJson header = safetensors::read_header_json(json, label);
  safetensors::check_layout(header.tensors, 8 + length, file.size() - 8 - length, label);
  if (metadata != nullptr) *metadata = std::move(header.metadata);
  return std::move(header.tensors);
}

}  // namespace sirocco
