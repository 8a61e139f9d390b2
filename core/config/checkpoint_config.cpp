#include "config/checkpoint_config.hpp"

#include <fstream>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "config/text.hpp"

namespace sirocco {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kMaxBytes = 1u << 20;
constexpr int kMaxDepth = 32;

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw Error(ErrorKind::invalid_file, file.string() + ": " + what);
}

class MapObject : public ExprObject {
 public:
  std::string describe() const override { return "a map"; }
};

/// Python writes NaN and Infinity, which are not JSON: outside strings they become null.
std::string without_specials(const std::string& text) {
  std::string out;
  bool quoted = false;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (quoted && c == '\\') {
      out += text.substr(at, 2);
      at += 2;
      continue;
    }
    if (c == '"') quoted = !quoted;
    size_t length = 0;
    for (const std::string_view word : {"-Infinity", "Infinity", "NaN"}) {
      if (!quoted && length == 0 && std::string_view(text).substr(at).starts_with(word)) {
        length = word.size();
      }
    }
    out += length > 0 ? "null" : std::string(1, c);
    at += std::max<size_t>(length, 1);
  }
  return out;
}

nlohmann::json parse_checked(const std::string& text, const fs::path& file) {
  std::vector<std::set<std::string>> keys;
  const auto check = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kMaxDepth) {
      fail(file, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::key && !keys.back().insert(value.get<std::string>()).second) {
      fail(file, "the key " + in_quotes(value.get<std::string>()) + " is there twice");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(without_specials(text), check);
  } catch (const nlohmann::json::exception& error) {
    std::string reason = error.what();
    const size_t prefix = reason.find("] ");
    if (prefix != std::string::npos) reason.erase(0, prefix + 2);
    fail(file, "no JSON: " + in_quotes(reason, 200));
  }
}

ExprValue to_value(const nlohmann::json& json) {
  switch (json.type()) {
    case nlohmann::json::value_t::boolean:
      return json.get<bool>();
    case nlohmann::json::value_t::number_integer:
      return json.get<int64_t>();
    case nlohmann::json::value_t::number_unsigned: {
      const auto value = json.get<uint64_t>();
      if (value > static_cast<uint64_t>(INT64_MAX)) return static_cast<double>(value);
      return static_cast<int64_t>(value);
    }
    case nlohmann::json::value_t::number_float:
      return json.get<double>();
    case nlohmann::json::value_t::string:
      return json.get<std::string>();
    case nlohmann::json::value_t::array: {
      ExprValue::List items;
      for (const nlohmann::json& item : json) items.push_back(to_value(item));
      return items;
    }
    case nlohmann::json::value_t::object:
      return ExprValue::Object(std::make_shared<MapObject>());
    default:
      return {};
  }
}

void add_paths(const nlohmann::json& json, const std::string& prefix,
               std::vector<std::string>& paths) {
  for (const auto& [key, value] : json.items()) {
    if (value.is_object()) {
      add_paths(value, prefix + key + ".", paths);
    } else {
      paths.push_back(prefix + key);
    }
  }
}

}  // namespace

struct CheckpointConfig::Json {
  nlohmann::json root;
};

CheckpointConfig CheckpointConfig::read(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) fail(file, "there is no such file");
  const uint64_t size = fs::file_size(file, error);
  if (error) fail(file, error.message());
  if (size > kMaxBytes) {
    fail(file, std::to_string(size) + " bytes, expected at most " + std::to_string(kMaxBytes));
  }
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || text.str().size() > kMaxBytes) fail(file, "cannot be read");
  return parse(text.str(), file);
}

CheckpointConfig CheckpointConfig::parse(const std::string& text, const fs::path& file) {
  auto json = std::make_shared<Json>();
  json->root = parse_checked(text, file);
  if (!json->root.is_object()) fail(file, "expected a JSON object");
  CheckpointConfig config;
  config.file_ = file;
  config.json_ = std::move(json);
  return config;
}

std::optional<ExprValue> CheckpointConfig::find(const std::string& path) const {
  const nlohmann::json* at = &json_->root;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t dot = std::min(path.find('.', begin), path.size());
    if (!at->is_object()) return std::nullopt;
    const auto found = at->find(path.substr(begin, dot - begin));
    if (found == at->end()) return std::nullopt;
    at = &*found;
    begin = dot + 1;
  }
  return to_value(*at);
}

std::vector<std::string> CheckpointConfig::paths() const {
  std::vector<std::string> paths;
  add_paths(json_->root, "", paths);
  return paths;
}

}  // namespace sirocco
