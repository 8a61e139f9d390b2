#include <array>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include <sirocco/error.hpp>

#include "weights/safetensors_dtype.hpp"
#include "weights/safetensors_json.hpp"
#include "weights/safetensors_text.hpp"

namespace sirocco::safetensors {
namespace {

using nlohmann::json;

constexpr std::string_view kMetadataKey = "__metadata__";

/// Walks the header's three levels. Every event that its place does not call for is an error, so
/// nesting cannot get deeper than the format's own.
class HeaderReader final : public json::json_sax_t {
 public:
  explicit HeaderReader(std::string_view label) : label_(label) {}
  HeaderJson take() { return std::move(result_); }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a boolean"); }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool number_float(number_float_t, const string_t& text) override {
    return unexpected("the number " + printable(text, 40));
  }
  bool number_integer(number_integer_t value) override {
    return unexpected("the number " + std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override;
  bool string(string_t& value) override;
  bool start_object(std::size_t) override;
  bool key(string_t& name) override;
  bool end_object() override;
  bool start_array(std::size_t) override;
  bool end_array() override;
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // The parser counts the bytes it has read, and the header starts at byte 8.
    fail("byte " + std::to_string(8 + (position > 0 ? position - 1 : 0)) +
         ": the header is not valid JSON: " + json_reason(error.what()));
  }

 private:
  enum class Place { start, root, metadata, tensor, shape, offsets };

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::invalid_file, std::string(label_) + ": " + what);
  }
  [[noreturn]] void fail_tensor(const std::string& what) const {
    fail("tensor " + in_quotes(record_.name) + ": " + what);
  }
  [[noreturn]] bool unexpected(const std::string& found) const;
  void start_tensor(const std::string& name);
  void finish_tensor();
  void once(bool& seen, const char* field) const;

  std::string_view label_;
  HeaderJson result_;
  Place place_ = Place::start;
  std::string key_;  ///< of the root, of the metadata or of a tensor, as place_ says
  bool has_metadata_ = false;

  TensorRecord record_;  ///< the tensor being read
  const DtypeInfo* dtype_ = nullptr;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  std::array<std::uint64_t, 2> offsets_{};
  std::size_t offset_count_ = 0;
};

bool HeaderReader::unexpected(const std::string& found) const {
  switch (place_) {
    case Place::start:
      fail("byte 8: the header must be an object, not " + found);
    case Place::root:
      if (key_ == kMetadataKey) fail("__metadata__ must be an object, not " + found);
      fail_tensor("must be an object with dtype, shape and data_offsets, not " + found);
    case Place::metadata:
      fail("__metadata__: " + in_quotes(key_) + " must be a string, not " + found);
    case Place::tensor:
      if (key_ == "dtype") fail_tensor("dtype must be a string, not " + found);
      fail_tensor(key_ + " must be an array of non-negative integers, not " + found);
    case Place::shape:
      fail_tensor("shape must hold non-negative integers, not " + found);
    case Place::offsets:
      fail_tensor("data_offsets must hold two non-negative integers, not " + found);
  }
  fail("unexpected " + found);
}

bool HeaderReader::number_unsigned(number_unsigned_t value) {
  if (place_ == Place::shape) {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      fail_tensor("the dim " + std::to_string(value) + " in shape is above the largest int64");
    }
    if (record_.shape.size() == SIROCCO_MAX_RANK) {
      fail_tensor("shape has more than " + std::to_string(SIROCCO_MAX_RANK) + " dims");
    }
    record_.shape.push_back(static_cast<std::int64_t>(value));
    return true;
  }
  if (place_ == Place::offsets) {
    if (offset_count_ == offsets_.size()) {
      fail_tensor("data_offsets must hold two integers, not more");
    }
    offsets_[offset_count_++] = value;
    return true;
  }
  return unexpected("the number " + std::to_string(value));
}

bool HeaderReader::string(string_t& value) {
  if (place_ == Place::metadata) {
    if (!result_.metadata.emplace(key_, std::move(value)).second) {
      fail("__metadata__: the key " + in_quotes(key_) + " appears twice");
    }
    return true;
  }
  if (place_ == Place::tensor && key_ == "dtype") {
    dtype_ = dtype_by_name(value);
    if (dtype_ == nullptr) fail_tensor("the dtype " + in_quotes(value) + " is not known");
    record_.dtype = dtype_->dtype;
    return true;
  }
  return unexpected("the string " + in_quotes(value));
}

bool HeaderReader::start_object(std::size_t) {
  if (place_ == Place::start) {
    place_ = Place::root;
  } else if (place_ == Place::root) {
    place_ = key_ == kMetadataKey ? Place::metadata : Place::tensor;
  } else {
    return unexpected("an object");
  }
  return true;
}

bool HeaderReader::key(string_t& name) {
  key_ = std::move(name);
  if (place_ == Place::root) {
    if (key_ == kMetadataKey) {
      if (has_metadata_) fail("__metadata__ appears twice in the header");
      has_metadata_ = true;
    } else {
      start_tensor(key_);
    }
  } else if (place_ == Place::tensor) {
    if (key_ == "dtype") {
      once(has_dtype_, "dtype");
    } else if (key_ == "shape") {
      once(has_shape_, "shape");
    } else if (key_ == "data_offsets") {
      once(has_offsets_, "data_offsets");
    } else {
      fail_tensor("has the unknown key " + in_quotes(key_) +
                  "; dtype, shape and data_offsets were expected");
    }
  }
  return true;
}

bool HeaderReader::end_object() {
  if (place_ == Place::tensor) finish_tensor();
  place_ = Place::root;
  return true;
}

bool HeaderReader::start_array(std::size_t) {
  if (place_ != Place::tensor || key_ == "dtype") return unexpected("an array");
  place_ = key_ == "shape" ? Place::shape : Place::offsets;
  return true;
}

bool HeaderReader::end_array() {
  if (place_ == Place::offsets && offset_count_ != offsets_.size()) {
    fail_tensor("data_offsets must hold two integers, not " + std::to_string(offset_count_));
  }
  place_ = Place::tensor;
  return true;
}

void HeaderReader::start_tensor(const std::string& name) {
  record_ = {};
  record_.name = name;
  if (has_control_characters(name)) {
    fail("the tensor name " + in_quotes(name) + " contains a control character");
  }
  dtype_ = nullptr;
  has_dtype_ = has_shape_ = has_offsets_ = false;
  offset_count_ = 0;
}

void HeaderReader::finish_tensor() {
  if (!has_dtype_) fail_tensor("has no dtype");
  if (!has_shape_) fail_tensor("has no shape");
  if (!has_offsets_) fail_tensor("has no data_offsets");
  const std::optional<std::uint64_t> bytes =
      checked_bytes(record_.shape.data(), record_.shape.size(), dtype_->item_bytes);
  if (!bytes) fail_tensor("the size of its shape in bytes overflows an int64");
  const auto [begin, end] = offsets_;
  const std::string range = "[" + std::to_string(begin) + ", " + std::to_string(end) + "]";
  if (begin > end) fail_tensor("its data_offsets " + range + " end before they begin");
  if (end - begin != *bytes) {
    fail_tensor("its data_offsets " + range + " hold " + std::to_string(end - begin) +
                " bytes, but its shape and dtype need " + std::to_string(*bytes));
  }
  record_.offset = begin;
  record_.bytes = *bytes;
  result_.tensors.push_back(std::move(record_));
}

void HeaderReader::once(bool& seen, const char* field) const {
  if (seen) fail_tensor(std::string(field) + " appears twice");
  seen = true;
}

}  // namespace

HeaderJson read_header_json(std::string_view text, std::string_view label) {
  // The parser takes a NUL for the end of its input; everything behind it would go unread.
  if (const auto at = text.find('\0'); at != std::string_view::npos) {
    throw Error(ErrorKind::invalid_file, std::string(label) + ": byte " + std::to_string(8 + at) +
                                             ": the header is not valid JSON: a NUL byte");
  }
  HeaderReader reader(label);
  json::sax_parse(text.data(), text.data() + text.size(), &reader);
  return reader.take();
}

}  // namespace sirocco::safetensors
