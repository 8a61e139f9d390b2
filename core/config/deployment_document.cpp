#include "config/deployment_document.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "config/document_reader.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

/// Keeps a list of many ranges cheap.
constexpr int kMaxLayer = 4095;

/// Takes a number from the front of `text`.
std::optional<uint64_t> take_number(std::string_view& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

std::vector<int> read_layers(const YamlNode* node) {
  std::vector<int> layers;
  if (node == nullptr) return layers;
  const auto take = [&](const YamlNode& item) {
    const ScalarValue value = scalar_value(item);
    if (const auto* layer = std::get_if<int64_t>(&value)) {
      layers.push_back(static_cast<int>(*layer));
      return;
    }
    for (const int layer : parse_layers(item.scalar).value_or(std::vector<int>{})) {
      layers.push_back(layer);
    }
  };
  if (node->is_scalar()) take(*node);
  for (const YamlNode& item : node->items) take(item);
  std::sort(layers.begin(), layers.end());
  layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
  return layers;
}

std::optional<uint64_t> read_size(const YamlNode& node) {
  const ScalarValue value = scalar_value(node);
  if (const auto* bytes = std::get_if<int64_t>(&value)) return static_cast<uint64_t>(*bytes);
  return parse_size(node.scalar);
}

void read_plugins(const YamlNode* node, DeploymentDocument& out) {
  if (node == nullptr) return;
  if (const YamlNode* paths = node->find("paths")) {
    for (const YamlNode& item : paths->items) out.plugin_paths.push_back(path_of(item));
  }
  if (const YamlNode* aliases = node->find("aliases")) {
    for (const auto& [name, file] : aliases->entries) {
      // A bare file name is looked for on the search path.
      const bool bare = file.scalar.find('/') == std::string::npos;
      out.plugin_aliases.emplace_back(name.scalar,
                                      bare ? std::filesystem::path(file.scalar) : path_of(file));
    }
  }
}

void read_backends(const YamlNode& list, DeploymentDocument& out,
                   std::vector<Diagnostic>& diagnostics) {
  std::set<std::pair<std::string, int64_t>> seen;
  for (const YamlNode& item : list.items) {
    BackendChoice backend;
    backend.place = item.place;
    backend.name = text_of(item, "name");
    backend.device = integer_of(item, "device").value_or(0);
    backend.options = options_of(item.find("options"));
    if (!seen.emplace(backend.name, backend.device).second) {
      diagnostics.push_back({item.place, "backend " + in_quotes(backend.name) + " with device " +
                                             std::to_string(backend.device) + " is given twice"});
    }
    out.backends.push_back(std::move(backend));
  }
}

void read_placement(const YamlNode* list, DeploymentDocument& out,
                    std::vector<Diagnostic>& diagnostics) {
  if (list == nullptr) return;
  std::vector<std::string> known;
  // A backend's name stands for the first of its devices here; any is named with its number.
  for (const BackendChoice& backend : out.backends) {
    if (std::find(known.begin(), known.end(), backend.name) == known.end())
      known.push_back(backend.name);
    if (backend.device) known.push_back(backend.name + ":" + std::to_string(backend.device));
  }
  for (const YamlNode& item : list->items) {
    const YamlNode& backend = *item.find("backend");
    if (std::find(known.begin(), known.end(), backend.scalar) == known.end()) {
      diagnostics.push_back({backend.place, "unknown backend " + in_quotes(backend.scalar) +
                                                ", expected one of 'backends': " + one_of(known) +
                                                did_you_mean(backend.scalar, known)});
    }
    out.placement.push_back({item.place, read_layers(item.find("layers")),
                             texts_of(item.find("ops")), texts_of(item.find("nodes")),
                             backend.scalar});
  }
}

DeploymentLimits read_limits(const YamlNode& node) {
  return {integer_of(node, "max_tokens_per_step"), integer_of(node, "max_seqs"),
          integer_of(node, "max_rows"), integer_of(node, "context"),
          integer_of(node, "page_tokens")};
}

}  // namespace

std::optional<uint64_t> parse_size(std::string_view text) {
  const std::optional<uint64_t> count = take_number(text);
  if (!count) return std::nullopt;
  if (text.starts_with(' ') && text.size() > 1) text.remove_prefix(1);
  uint64_t unit = 1;
  if (!text.empty() && text != "B") {
    const size_t power = std::string_view("KMGT").find(text.front());
    if (power == std::string_view::npos) return std::nullopt;
    const bool binary = text.substr(1) == "iB";
    if (!binary && text.substr(1) != "B") return std::nullopt;
    for (size_t i = 0; i <= power; ++i) unit *= binary ? 1024 : 1000;
  }
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(*count, unit, &bytes)) return std::nullopt;
  return bytes;
}

std::optional<std::vector<int>> parse_layers(std::string_view text) {
  const std::optional<uint64_t> first = take_number(text);
  if (!first || *first > kMaxLayer) return std::nullopt;
  uint64_t last = *first;
  uint64_t step = 1;
  if (text.starts_with('-')) {
    text.remove_prefix(1);
    const std::optional<uint64_t> end = take_number(text);
    if (!end || *end > kMaxLayer || *end < *first) return std::nullopt;
    last = *end;
    if (text.starts_with('/')) {
      text.remove_prefix(1);
      const std::optional<uint64_t> stride = take_number(text);
      if (!stride || *stride == 0 || *stride > kMaxLayer) return std::nullopt;
      step = *stride;
    }
  }
  if (!text.empty()) return std::nullopt;
  std::vector<int> layers;
  for (uint64_t layer = *first; layer <= last; layer += step) {
    layers.push_back(static_cast<int>(layer));
  }
  return layers;
}

Read<DeploymentDocument> read_deployment_tree(const MergedTree& tree) {
  if (!tree.diagnostics.empty()) return {{}, tree.diagnostics};
  const YamlNode& root = tree.root;
  Read<DeploymentDocument> read;
  DeploymentDocument& out = read.document;
  read_heading(root, out);
  read_plugins(root.find("plugins"), out);
  read_backends(*root.find("backends"), out, read.diagnostics);
  read_placement(root.find("placement"), out, read.diagnostics);
  out.fallback = text_of(root, "fallback");
  if (text_of(root, "threads", "auto") != "auto") out.threads = integer_of(root, "threads");
  if (const YamlNode* memory = root.find("memory")) {
    if (const YamlNode* budget = memory->find("budget")) out.memory_budget = read_size(*budget);
  }
  out.numerics = text_of(root, "numerics");
  if (const YamlNode* limits = root.find("limits")) out.limits = read_limits(*limits);
  if (const YamlNode* server = root.find("server")) {
    out.server.host = text_of(*server, "host", out.server.host);
    out.server.port = integer_of(*server, "port").value_or(out.server.port);
  }
  return read;
}

}  // namespace sirocco
