#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/elaborate.hpp"

/// Weights without data: names and shapes.
class ShapesOnly : public sirocco::WeightSource {
 public:
  std::map<std::string, std::vector<int64_t>> shapes;
  sirocco_dtype dtype = SIROCCO_DTYPE_BF16;

  std::string label() const override { return "shapes"; }
  std::optional<sirocco::WeightTensor> find(std::string_view name) const override {
    const auto found = shapes.find(std::string(name));
    if (found == shapes.end()) return std::nullopt;
    sirocco::WeightTensor tensor;
    tensor.type.dtype = dtype;
    for (const int64_t extent : found->second) {
      tensor.type.shape.push_back(sirocco::Dim::constant(extent));
    }
    return tensor;
  }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, shape] : shapes) names.push_back(name);
    return names;
  }
};

/// What every small topology of these tests begins with: width 8, a table of 16 rows, two weights a
/// layer, a state per layer, and params given by their defaults.
inline std::string small_topology(const std::string& rest, const std::string& params = "") {
  return "sirocco: topology/1\nname: small\n"
         "layouts:\n  hf: {config: c.json, weights: [w.safetensors]}\n"
         "params:\n"
         "  dim: {type: int, default: 8}\n"
         "  n: {type: int, default: 3}\n" +
         params +
         "state:\n"
         "  kv: {kind: paged, per: layer, heads: 2, head_dim: dim // 2, "
         "window: 'i % 2 == 0 ? null : 4'}\n"
         "weights:\n"
         "  emb: {shape: '16, dim', names: {hf: e}}\n"
         "  layers.{i}.norm: {shape: dim, names: {hf: 'l.{i}.n'}}\n"
         "  layers.{i}.w: {shape: 'dim, dim', names: {hf: 'l.{i}.w'}}\n"
         "  layers.{i}.b: {shape: dim, names: {hf: 'l.{i}.b'}, when: i == 1}\n" +
         rest;
}

inline sirocco::TopologyDocument small_document(const std::string& rest,
                                                const std::string& params = "") {
  return sirocco::to_topology(sirocco::parse_yaml(small_topology(rest, params), "t.yaml"));
}

inline sirocco::ResolvedModel small_model(const std::string& rest, const std::string& params = "") {
  sirocco::ResolvedModel model;
  model.topology = small_document(rest, params);
  model.layout = "hf";
  model.params = sirocco::ParamTable(model.topology, {});
  auto weights = std::make_shared<ShapesOnly>();
  weights->shapes["e"] = {16, 8};
  for (const std::string layer : {"l.0.", "l.1.", "l.2."}) {
    weights->shapes[layer + "n"] = {8};
    weights->shapes[layer + "w"] = {8, 8};
    weights->shapes[layer + "b"] = {8};
  }
  model.weights = weights;
  return model;
}
