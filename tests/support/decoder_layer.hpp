#pragma once
// What one token needs when it is decoded at depth 4096: one layer and the head of the shape "1b"
// (bench/shapes.py), batch 1, on any backend. For tests that count what is read meanwhile.

#include "catch.hpp"

#include <cstdint>
#include <cstdio>
#include <vector>

#include "unit/sdk/backend_harness.hpp"
#include "unit/sdk/graph_builder.hpp"
#include "unit/sdk/step_builder.hpp"

namespace harness {

/// One layer with norm, attention and gated feed-forward, and the head, of one dtype throughout.
struct DecoderLayer {
  static constexpr int64_t kDim = 3072, kFf = 9216, kHeads = 32, kKvHeads = 8, kHeadDim = 128,
                           kVocabulary = 32768, kDepth = 4096, kPageTokens = 64;
  /// Of the embedding table, of which one row is read.
  static constexpr int64_t kEmbedded = 16;

  Graph graph;
  sirocco_dtype dtype;
  std::vector<uint32_t> weights, lists;
  uint32_t logits = 0;
  uint64_t weight_bytes = 0;  ///< that one token needs: all but the embedding's other rows

  explicit DecoderLayer(sirocco_dtype of) : dtype(of) {
    const uint32_t ids = list(SIROCCO_VALUE_TOKENS, tokens());
    const uint32_t positions = list(SIROCCO_VALUE_POSITIONS, tokens());
    const uint32_t wanted = list(SIROCCO_VALUE_WANTED, rows());
    uint32_t h = value(kDim);
    graph.node("embedding", {ids, weight({constant(kEmbedded), constant(kDim)})}, {h});
    weight_bytes -= static_cast<uint64_t>((kEmbedded - 1) * kDim * bytes());
    const uint32_t normed = norm(h);
    const uint32_t q = rope(linear(normed, kHeads * kHeadDim, kDim), positions, kHeads);
    const uint32_t k = rope(linear(normed, kKvHeads * kHeadDim, kDim), positions, kKvHeads);
    const uint32_t v = linear(normed, kKvHeads * kHeadDim, kDim);
    const uint32_t attended = value(kHeads * kHeadDim);
    graph.node("attention", {q, k, v}, {attended},
               {graph.state_ref("state", graph.state(state())), graph.null("window"),
                graph.null("scale")});
    h = add(h, linear(attended, kDim, kHeads * kHeadDim));
    const uint32_t again = norm(h);
    const uint32_t gate = linear(again, kFf, kDim), up = linear(again, kFf, kDim);
    const uint32_t gated = value(kFf);
    graph.node("swiglu", {gate, up}, {gated});
    h = add(h, linear(gated, kDim, kFf));
    const uint32_t last = graph.internal(dtype, {rows(), constant(kDim)});
    graph.node("gather_rows", {h, wanted}, {last});
    const uint32_t final_norm = graph.internal(dtype, {rows(), constant(kDim)});
    graph.node("rms_norm", {last, weight({constant(kDim)})}, {final_norm},
               {graph.real("eps", 1e-5)});
    logits = graph.output(dtype, {rows(), constant(kVocabulary)});
    graph.node("linear",
               {final_norm, weight({constant(kVocabulary), constant(kDim)}), SIROCCO_NONE},
               {logits});
  }

  /// Of one element.
  int64_t bytes() const { return sirocco::sdk::dtype_bytes(dtype); }
  uint64_t kv_bytes() const {
    return static_cast<uint64_t>(kDepth * 2 * kKvHeads * kHeadDim * bytes());
  }
  double needed_bytes() const { return static_cast<double>(weight_bytes + kv_bytes()); }

 private:
  uint32_t list(uint32_t kind, const sirocco_dim& dim) {
    lists.push_back(graph.value(kind, SIROCCO_DTYPE_I32, {dim}));
    return lists.back();
  }
  uint32_t value(int64_t width) { return graph.internal(dtype, {tokens(), constant(width)}); }
  uint32_t weight(const Dims& dims) {
    weights.push_back(graph.weight(dtype, dims));
    int64_t elements = 1;
    for (const sirocco_dim& dim : dims) elements *= dim.base;
    weight_bytes += static_cast<uint64_t>(elements * bytes());
    return weights.back();
  }
  uint32_t norm(uint32_t x) {
    const uint32_t y = value(kDim);
    graph.node("rms_norm", {x, weight({constant(kDim)})}, {y}, {graph.real("eps", 1e-5)});
    return y;
  }
  uint32_t linear(uint32_t x, int64_t n, int64_t k) {
    const uint32_t y = value(n);
    graph.node("linear", {x, weight({constant(n), constant(k)}), SIROCCO_NONE}, {y});
    return y;
  }
  uint32_t rope(uint32_t x, uint32_t positions, int64_t heads) {
    const uint32_t y = value(heads * kHeadDim);
    graph.node("rope", {x, positions}, {y},
               {graph.string("style", "half"), graph.number("head_dim", kHeadDim),
                graph.null("rotary_dim"), graph.real("theta", 1e6)});
    return y;
  }
  uint32_t add(uint32_t a, uint32_t b) {
    const uint32_t y = value(kDim);
    graph.node("add", {a, b}, {y});
    return y;
  }
  sirocco_state state() const {
    sirocco_state state{};
    state.kind = SIROCCO_STATE_PAGED;
    state.page_tokens = kPageTokens;
    state.heads = kKvHeads;
    state.k_dim = state.v_dim = kHeadDim;
    state.dtype = dtype;
    return state;
  }
};

/// The layer on a backend with its state, weights and lists in place, ready to decode one token.
class Decoding {
 public:
  Decoding(Backend& backend, const DecoderLayer& layer)
      : layer_(layer), program_(backend, layer.graph, {0, 1, 1, 1, DecoderLayer::kDepth}) {
    program_.create_state(kPages);
    fill_state(backend);
    for (const uint32_t weight : layer.weights)
      program_.create(weight, static_cast<uint64_t>(sirocco::sdk::tensor_bytes(
                                  layer.graph.values()[weight].tensor, {})));
    for (const uint32_t list : layer.lists) program_.set(list, {0});
    program_.create(layer.logits, static_cast<uint64_t>(DecoderLayer::kVocabulary * layer.bytes()));
  }

  /// The last token of the context; waits for its logits.
  void decode() {
    std::vector<int32_t> pages;
    for (uint32_t p = 0; p < kPages; ++p) pages.push_back(static_cast<int32_t>(kPages - 1 - p));
    program_.execute(Step({{DecoderLayer::kDepth - 1, 1, pages}}, DecoderLayer::kPageTokens, {0}));
    program_.bytes(layer_.logits);
  }

 private:
  static constexpr auto kPages =
      static_cast<uint32_t>(DecoderLayer::kDepth / DecoderLayer::kPageTokens);

  void fill_state(Backend& backend) const {
    uint64_t bytes = 0;
    backend.check(backend.api.state_export(backend.handle, program_.store, 0, nullptr, &bytes,
                                           backend.error()));
    const std::vector<std::byte> page(bytes, std::byte{0x11});
    for (uint32_t p = 0; p < kPages; ++p)
      backend.check(backend.api.state_import(backend.handle, program_.store, p, page.data(), bytes,
                                             backend.error()));
  }

  const DecoderLayer& layer_;
  Program program_;
};

/// What was counted while a token was decoded: distinct 32-byte sectors of each launch that were
/// read, added up over the launches, and the bytes of all loads, whatever they are of.
struct Reads {
  uint64_t sectors = 0, loaded = 0, launches = 0;
};

/// Prints and checks that weights, keys and values come from memory once. Loads of activations,
/// which every work-group makes, count as well.
inline void check_reads(const DecoderLayer& layer, const std::string& name, const Reads& reads) {
  const double unique = static_cast<double>(reads.sectors) * 32 / layer.needed_bytes();
  const double loaded = static_cast<double>(reads.loaded) / layer.needed_bytes();
  std::printf(
      "%s: weights %.1f MB, keys and values %.1f MB; read sectors %.3f of them, all loads %.3f; "
      "%llu launches a token\n",
      name.c_str(), static_cast<double>(layer.weight_bytes) / 1e6,
      static_cast<double>(layer.kv_bytes()) / 1e6, unique, loaded,
      static_cast<unsigned long long>(reads.launches));
  CHECK(unique >= 0.99);
  CHECK(unique <= 1.10);
  CHECK(loaded <= 1.25);
}

}  // namespace harness
