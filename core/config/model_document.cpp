#include "config/model_document.hpp"

#include <unordered_set>

#include "config/document_reader.hpp"
#include "config/text.hpp"

namespace sirocco {
namespace {

GenerationDefaults read_generation(const YamlNode& node) {
  GenerationDefaults out;
  out.max_tokens = integer_of(node, "max_tokens");
  out.temperature = number_of(node, "temperature");
  out.top_k = integer_of(node, "top_k");
  out.top_p = number_of(node, "top_p");
  out.min_p = number_of(node, "min_p");
  out.repetition_penalty = number_of(node, "repetition_penalty");
  out.frequency_penalty = number_of(node, "frequency_penalty");
  out.presence_penalty = number_of(node, "presence_penalty");
  out.seed = integer_of(node, "seed");
  out.stop = texts_of(node.find("stop"));
  return out;
}

std::vector<AdapterChoice> read_adapters(const YamlNode& list,
                                         std::vector<Diagnostic>& diagnostics) {
  std::vector<AdapterChoice> adapters;
  std::unordered_set<std::string> names;
  for (const YamlNode& item : list.items) {
    const YamlNode& name = *item.find("name");
    if (!names.insert(name.scalar).second) {
      diagnostics.push_back({name.place, "a second adapter " + in_quotes(name.scalar)});
    }
    adapters.push_back(
        {name.scalar, path_of(*item.find("path")), number_of(item, "scale").value_or(1)});
  }
  return adapters;
}

void read_files(const YamlNode& root, ModelDocument& out) {
  if (const YamlNode* checkpoint = root.find("checkpoint")) out.checkpoint = path_of(*checkpoint);
  if (const YamlNode* weights = root.find("weights")) {
    out.weights = {path_of(*weights->find("path")), text_of(*weights, "sha256"),
                   text_of(*weights, "quantisation")};
  }
  if (const YamlNode* tokenizer = root.find("tokenizer")) {
    out.tokenizer = {text_of(*tokenizer, "plugin"), path_of(*tokenizer->find("file"))};
  }
}

}  // namespace

Read<ModelDocument> read_model_tree(const MergedTree& tree, const ConfigPath& config) {
  if (!tree.diagnostics.empty()) return {{}, tree.diagnostics};
  const YamlNode& root = tree.root;
  Read<ModelDocument> read;
  ModelDocument& out = read.document;
  read_heading(root, out);
  read_files(root, out);
  if (const YamlNode* topology = root.find("topology")) {
    try {
      out.topology =
          find_document(DocumentKind::topology, topology->scalar, topology->place, config);
    } catch (const DocumentError& error) {
      read.diagnostics = error.diagnostics();
    }
  }
  if (root.find("topology") == nullptr && !out.checkpoint && !out.weights) {
    read.diagnostics.push_back(
        {root.place, "this model has nothing to read, expected 'topology' or 'checkpoint'"});
  }
  out.layout = text_of(root, "layout");
  if (const YamlNode* params = root.find("params")) {
    for (const auto& [key, value] : params->entries) out.params.emplace_back(key.scalar, value);
  }
  out.chat_template = text_of(root, "template");
  if (const YamlNode* adapters = root.find("adapters")) {
    out.adapters = read_adapters(*adapters, read.diagnostics);
  }
  if (const YamlNode* generation = root.find("generation")) {
    out.generation = read_generation(*generation);
  }
  out.context = integer_of(root, "context");
  return read;
}

}  // namespace sirocco
