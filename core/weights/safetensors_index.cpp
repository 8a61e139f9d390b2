#include "weights/safetensors_index.hpp"

#include <set>

#include <nlohmann/json.hpp>

#include <sirocco/error.hpp>

#include "weights/safetensors_text.hpp"

namespace sirocco {
namespace {

using nlohmann::json;
using safetensors::in_quotes;

/// Nesting allowed in the keys that are skipped; writers put a flat object there.
constexpr int kMaxDepth = 32;

bool is_plain_file_name(std::string_view name) {
  return !name.empty() && name != "." && name.find("..") == std::string_view::npos &&
         name.find_first_of("/\\") == std::string_view::npos &&
         !safetensors::has_control_characters(name);
}

class IndexReader final : public json::json_sax_t {
 public:
  explicit IndexReader(std::string_view label) : label_(label) {}
  SafetensorsWeightMap take() {
    if (!has_map_) fail("has no weight_map; is it a safetensors index?");
    return std::move(map_);
  }

  bool null() override { return value("null"); }
  bool boolean(bool) override { return value("a boolean"); }
  bool number_integer(number_integer_t) override { return value("a number"); }
  bool number_unsigned(number_unsigned_t) override { return value("a number"); }
  bool number_float(number_float_t, const string_t&) override { return value("a number"); }
  bool binary(binary_t&) override { return value("binary data"); }
  bool string(string_t& text) override;
  bool start_object(std::size_t) override;
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override;
  bool end_array() override { return leave(); }
  bool key(string_t& name) override;
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    fail("byte " + std::to_string(position > 0 ? position - 1 : 0) +
         ": not valid JSON: " + safetensors::json_reason(error.what()));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::invalid_file, std::string(label_) + ": " + what);
  }
  bool value(const char* found) const;
  void enter();
  bool leave();

  std::string_view label_;
  SafetensorsWeightMap map_;
  std::set<std::string> root_keys_;
  std::string key_;      ///< of the weight_map while in it
  int depth_ = 0;        ///< open brackets
  bool at_map_ = false;  ///< the next value is the weight_map's
  bool in_map_ = false;
  bool has_map_ = false;
};

bool IndexReader::value(const char* found) const {
  if (depth_ == 0) fail(std::string("must be a JSON object, not ") + found);
  if (in_map_) {
    fail("weight_map: the file of tensor " + in_quotes(key_) + " must be a string, not " + found);
  }
  if (at_map_) fail(std::string("weight_map must be an object, not ") + found);
  return true;
}

bool IndexReader::string(string_t& text) {
  if (!in_map_) return value("a string");
  if (!is_plain_file_name(text)) {
    fail("weight_map: tensor " + in_quotes(key_) + " is in " + in_quotes(text) +
         ", which is not a plain file name beside the index");
  }
  if (!map_.emplace(key_, std::move(text)).second) {
    fail("weight_map: tensor " + in_quotes(key_) + " appears twice");
  }
  return true;
}

bool IndexReader::start_object(std::size_t) {
  if (in_map_) return value("an object");
  if (at_map_) {
    at_map_ = false;
    in_map_ = has_map_ = true;
  }
  enter();
  return true;
}

bool IndexReader::start_array(std::size_t) {
  value("an array");
  enter();
  return true;
}

void IndexReader::enter() {
  if (++depth_ > kMaxDepth) fail("is nested deeper than " + std::to_string(kMaxDepth) + " levels");
}

bool IndexReader::leave() {
  --depth_;
  in_map_ = false;  // the map holds no brackets, so this one closes it or something outside it
  return true;
}

bool IndexReader::key(string_t& name) {
  if (in_map_) {
    if (safetensors::has_control_characters(name)) {
      fail("weight_map: the tensor name " + in_quotes(name) + " contains a control character");
    }
    key_ = std::move(name);
  } else if (depth_ == 1) {
    at_map_ = name == "weight_map";
    if (!root_keys_.insert(name).second) fail("the key " + in_quotes(name) + " appears twice");
  }
  return true;
}

}  // namespace

SafetensorsWeightMap parse_safetensors_index(std::string_view text, std::string_view label) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::invalid_file, std::string(label) + ": " + what);
  };
  if (text.size() > kMaxSafetensorsIndexBytes) {
    refuse("is " + std::to_string(text.size()) + " bytes long, above the limit of " +
           std::to_string(kMaxSafetensorsIndexBytes) + " for an index");
  }
  // The parser takes a NUL for the end of its input; everything behind it would go unread.
  if (const auto at = text.find('\0'); at != std::string_view::npos) {
    refuse("byte " + std::to_string(at) + ": not valid JSON: a NUL byte");
  }
  IndexReader reader(label);
  json::sax_parse(text.data(), text.data() + text.size(), &reader);
  return reader.take();
}

}  // namespace sirocco
