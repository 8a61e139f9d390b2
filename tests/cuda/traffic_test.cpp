// What one token reads when it is decoded at depth 4096: one layer and the head of the shape "1b"
// (bench/shapes.py), batch 1, counted by the emulator where the kernels touch memory.

#include "catch.hpp"

#include <cstdio>

#include "cuda/plugin.hpp"

using namespace harness;

namespace {

constexpr int64_t kDim = 3072, kFf = 9216, kHeads = 32, kKvHeads = 8, kHeadDim = 128,
                  kVocabulary = 32768, kDepth = 4096, kPageTokens = 64;
/// Of the embedding table, of which one row is read.
constexpr int64_t kEmbedded = 16;

/// One layer with norm, attention and gated feed-forward, and the head, of one dtype throughout.
struct Layer {
  Graph graph;
  sirocco_dtype dtype;
  std::vector<uint32_t> weights, lists;
  uint32_t logits = 0;
  uint64_t weight_bytes = 0;  ///< that one token needs: all but the embedding's other rows

  explicit Layer(sirocco_dtype of) : dtype(of) {
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

  int64_t bytes() const { return sirocco::sdk::dtype_bytes(dtype); }

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

void fill_state(Backend& backend, Program& program, uint32_t n_pages) {
  uint64_t bytes = 0;
  backend.check(
      backend.api.state_export(backend.handle, program.store, 0, nullptr, &bytes, backend.error()));
  const std::vector<std::byte> page(bytes, std::byte{0x11});
  for (uint32_t p = 0; p < n_pages; ++p)
    backend.check(backend.api.state_import(backend.handle, program.store, p, page.data(), bytes,
                                           backend.error()));
}

void count(sirocco_dtype dtype, const char* name) {
  cuda_emulation::reset(1);
  Layer layer(dtype);
  const Host host;
  Backend backend(cuda_test::emulated(), host);
  Program program(backend, layer.graph, {0, 1, 1, 1, kDepth});
  constexpr auto kPages = static_cast<uint32_t>(kDepth / kPageTokens);
  program.create_state(kPages);
  fill_state(backend, program, kPages);
  for (const uint32_t weight : layer.weights)
    program.create(weight, static_cast<uint64_t>(sirocco::sdk::tensor_bytes(
                               layer.graph.values()[weight].tensor, {})));
  for (const uint32_t list : layer.lists) program.set(list, {0});
  program.create(layer.logits, static_cast<uint64_t>(kVocabulary * layer.bytes()));
  std::vector<int32_t> pages;
  for (uint32_t p = 0; p < kPages; ++p) pages.push_back(static_cast<int32_t>(kPages - 1 - p));

  cuda_emulation::count_traffic(true);
  const uint64_t launches = cuda_emulation::launches();
  program.execute(Step({{kDepth - 1, 1, pages}}, kPageTokens, {0}));
  program.bytes(layer.logits);
  const cuda_emulation::Traffic traffic = cuda_emulation::traffic();
  cuda_emulation::count_traffic(false);

  const auto kv = static_cast<uint64_t>(kDepth * 2 * kKvHeads * kHeadDim * layer.bytes());
  const auto needed = static_cast<double>(layer.weight_bytes + kv);
  const double unique = static_cast<double>(traffic.read_sectors) * 32 / needed;
  const double loaded = static_cast<double>(traffic.loaded) / needed;
  std::printf(
      "%s: weights %.1f MB, keys and values %.1f MB; read sectors %.3f of them, all loads "
      "%.3f; %llu launches a token\n",
      name, static_cast<double>(layer.weight_bytes) / 1e6, static_cast<double>(kv) / 1e6, unique,
      loaded, static_cast<unsigned long long>(cuda_emulation::launches() - launches));
  CHECK(unique >= 0.99);
  CHECK(unique <= 1.10);
  // Loads of activations, which every block makes, are among them.
  CHECK(loaded <= 1.25);
}

}  // namespace

TEST_CASE("a decoded token reads weights, keys and values once", "[traffic]") {
  count(SIROCCO_DTYPE_BF16, "bf16");
  count(SIROCCO_DTYPE_F32, "f32");
}
