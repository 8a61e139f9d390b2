#include "text/python_json.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

namespace sirocco {
namespace {

constexpr size_t kMaxDepth = 200;
/// Python writes exponents from here on.
constexpr int kFixedDigits = 16;
constexpr int kFixedZeros = -4;

/// Python's repr of a float.
std::string float_text(double value) {
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string_view text(buffer, static_cast<size_t>(end.ptr - buffer));
  const size_t e = text.find('e');
  int exponent = 0;
  const size_t digits_at = e + 1 + (text[e + 1] == '+');
  std::from_chars(text.data() + digits_at, text.data() + text.size(), exponent);
  if (exponent < kFixedZeros || exponent >= kFixedDigits) return std::string(text);
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  std::string out(buffer, fixed.ptr);
  if (out.find('.') == std::string::npos) out += ".0";
  return out;
}

struct Value {
  enum class Kind { text, list, map };
  Kind kind = Kind::text;
  std::string text;
  std::vector<std::string> keys;  ///< of a map
  std::vector<Value> items;

  void write(std::string& out) const {
    if (kind == Kind::text) {
      out += text;
      return;
    }
    out += kind == Kind::list ? '[' : '{';
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out += ", ";
      if (kind == Kind::map) out += python_json_string(keys[i]) + ": ";
      items[i].write(out);
    }
    out += kind == Kind::list ? ']' : '}';
  }
};

/// Builds values from the parser's events. (The library's own tree turns large integers into
/// doubles.)
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  const Value& root() const { return root_; }

  bool null() override { return leaf("null"); }
  bool boolean(bool value) override { return leaf(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return leaf(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return leaf(std::to_string(value)); }
  bool number_float(number_float_t value, const string_t& written) override {
    const bool integer = written.find_first_of(".eE") == std::string::npos;
    return leaf(integer ? written : float_text(value));
  }
  bool string(string_t& value) override { return leaf(python_json_string(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(Value::Kind::map); }
  bool start_array(size_t) override { return open(Value::Kind::list); }
  bool key(string_t& name) override {
    keys_.back() = name;
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool leaf(std::string text) {
    place({Value::Kind::text, std::move(text), {}, {}});
    return true;
  }

  bool open(Value::Kind kind) {
    if (open_.size() == kMaxDepth) return false;
    open_.push_back({kind, "", {}, {}});
    keys_.emplace_back();
    return true;
  }

  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    place(std::move(done));
    return true;
  }

  void place(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Value& parent = open_.back();
    if (parent.kind == Value::Kind::map) {
      const auto known = std::find(parent.keys.begin(), parent.keys.end(), keys_.back());
      if (known != parent.keys.end()) {
        parent.items[static_cast<size_t>(known - parent.keys.begin())] = std::move(value);
        return;
      }
      parent.keys.push_back(keys_.back());
    }
    parent.items.push_back(std::move(value));
  }

  Value root_;
  std::vector<Value> open_;
  std::vector<std::string> keys_;  ///< of each open value: the key that was read last
};

}  // namespace

std::string python_json_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    constexpr std::string_view kPlain = "\"\\\n\r\t\b\f", kEscaped = "\"\\nrtbf";
    if (const size_t at = kPlain.find(c); at != std::string_view::npos) {
      out += '\\';
      out += kEscaped[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += std::string("\\u00") + kHex[c >> 4] + kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::optional<std::string> python_json(std::string_view text) {
  Builder builder;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) return std::nullopt;
  std::string out;
  builder.root().write(out);
  return out;
}

}  // namespace sirocco
