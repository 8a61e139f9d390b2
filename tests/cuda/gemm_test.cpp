// Products of many rows by cuBLASLt: with everything that may come behind them, in captured graphs,
// and what becomes of them where the library is missing, finds nothing or fails.

#include "cuda/compare.hpp"

using namespace harness;
using namespace cuda_test;

namespace {

std::vector<int32_t> pages_of(int32_t sequence) {
  return {sequence};
}

/// So many sequences of so many tokens each.
Step step_of(int64_t n_seqs, int64_t fresh) {
  std::vector<Sequence> sequences;
  for (int32_t s = 0; s < n_seqs; ++s) sequences.push_back({0, fresh, pages_of(s)});
  return Step(sequences, 16, {0});
}

/// y = x · weightᵀ + x, with the residual from elsewhere.
struct Residual {
  Graph graph;
  Inputs data;

  explicit Residual(sirocco_dtype dtype, int64_t n = 48, int64_t k = 72) {
    const uint32_t x = graph.input(dtype, {tokens(), constant(k)});
    const uint32_t old = graph.input(dtype, {tokens(), constant(n)});
    const uint32_t weight = graph.weight(dtype, {constant(n), constant(k)});
    const uint32_t made = graph.internal(dtype, {tokens(), constant(n)});
    graph.node("linear", {x, weight, SIROCCO_NONE}, {made});
    graph.node("add", {old, made}, {graph.output(dtype, {tokens(), constant(n)})});
    const auto numbers = [](int64_t count, uint32_t seed) {
      return random_numbers(static_cast<size_t>(count), seed);
    };
    data = {{x, numbers(kLargest.tokens * k, 1)},
            {old, numbers(kLargest.tokens * n, 2)},
            {weight, numbers(n * k, 3)}};
  }
};

/// y = silu(x · weightᵀ) * (x · upᵀ): one launch of an own kernel, three with cuBLASLt.
struct Gated {
  Graph graph;
  Inputs data;

  Gated() {
    const uint32_t x = graph.input(SIROCCO_DTYPE_BF16, {tokens(), constant(64)});
    data[x] = random_numbers(static_cast<size_t>(kLargest.tokens * 64), 1);
    std::vector<uint32_t> made;
    for (const uint32_t seed : {2, 3}) {
      const uint32_t weight = graph.weight(SIROCCO_DTYPE_BF16, {constant(32), constant(64)});
      data[weight] = random_numbers(32 * 64, seed);
      made.push_back(graph.internal(SIROCCO_DTYPE_BF16, {tokens(), constant(32)}));
      graph.node("linear", {x, weight, SIROCCO_NONE}, {made.back()});
    }
    graph.node("swiglu", made, {graph.output(SIROCCO_DTYPE_BF16, {tokens(), constant(32)})});
  }

  /// Of a step of so many tokens, whose numbers are right.
  uint64_t launches(int64_t fresh, const std::string& gemm) const {
    const uint64_t before = cuda_emulation::launches();
    const auto got =
        run(emulated(), graph, data, {step_of(1, fresh)}, {{"gemm", gemm}, {"graphs", "false"}});
    const auto expected = run(reference(), graph, data, {step_of(1, fresh)});
    CHECK(nmse(got[0], expected[0]) < bound(SIROCCO_DTYPE_BF16));
    CHECK(cuda_emulation::violations().empty());
    return cuda_emulation::launches() - before;
  }
};

std::string features(const Options& options) {
  const Host host(options);
  Backend backend(emulated(), host);
  sirocco_device_info info{};
  info.struct_size = sizeof info;
  backend.check(backend.api.device_info(backend.handle, 0, &info, backend.error()));
  return std::string(info.features.data, info.features.size);
}

}  // namespace

TEST_CASE("a product with its residual is one of cuBLASLt's, in every dtype") {
  for (const sirocco_dtype dtype : kTypes) {
    const Residual small(dtype);
    compare(small.graph, small.data, {step_of(1, 200)}, dtype);
    // Few tokens of each of many sequences: captured for 128 rows, of which 70 are the step's.
    compare(small.graph, small.data, {step_of(10, 7)}, dtype);
  }
}

TEST_CASE("rotation, gate, bias and state come behind cuBLASLt's sums") {
  for (const sirocco_dtype dtype : kTypes) {
    for (const std::string style : {"half", "interleaved"}) {
      Graph graph;
      const auto wide = [](int64_t n) { return Dims{tokens(), constant(n)}; };
      constexpr int64_t kWidth = 80, kHead = 16;
      const uint32_t x = graph.input(dtype, wide(kWidth));
      const uint32_t at = graph.value(SIROCCO_VALUE_POSITIONS, SIROCCO_DTYPE_I32, {tokens()});
      Inputs data{{x, random_numbers(static_cast<size_t>(kLargest.tokens * kWidth), 1)}};
      uint32_t seed = 2;
      const auto weight = [&](Dims dims) {
        size_t n = 1;
        for (const sirocco_dim& dim : dims) n *= static_cast<size_t>(dim.base);
        const uint32_t value = graph.weight(dtype, dims);
        data[value] = random_numbers(n, seed++);
        for (double& number : data[value]) number *= 0.2;
        return value;
      };
      const auto linear = [&](uint32_t input, int64_t n, uint32_t bias) {
        const uint32_t y = graph.internal(dtype, wide(n));
        graph.node("linear", {input, weight({constant(n), constant(kWidth)}), bias}, {y});
        return y;
      };
      const auto rope = [&](uint32_t input, int64_t n) {
        const uint32_t y = graph.internal(dtype, wide(n));
        graph.node("rope", {input, at}, {y},
                   {graph.string("style", style), graph.number("head_dim", kHead),
                    graph.number("rotary_dim", 12), graph.real("theta", 10000.0)});
        return y;
      };
      const uint32_t q = rope(linear(x, 4 * kHead, weight({constant(4 * kHead)})), 4 * kHead);
      const uint32_t k = rope(linear(x, 2 * kHead, SIROCCO_NONE), 2 * kHead);
      const uint32_t v = linear(x, 2 * kHead, SIROCCO_NONE);
      sirocco_state state{};
      state.kind = SIROCCO_STATE_PAGED;
      state.page_tokens = 16;
      state.heads = 2;
      state.k_dim = state.v_dim = kHead;
      state.dtype = SIROCCO_DTYPE_F32;
      const int64_t index = graph.state(state);
      graph.node("attention", {q, k, v}, {graph.output(dtype, wide(4 * kHead))},
                 {graph.state_ref("state", index), graph.null("window"), graph.null("scale")});
      const uint32_t gate = linear(x, 40, SIROCCO_NONE), up = linear(x, 40, SIROCCO_NONE);
      graph.node("swiglu", {gate, up}, {graph.output(dtype, wide(40))});
      compare(graph, data, {step_of(10, 7), step_of(3, 16)}, dtype);
    }
  }
}

TEST_CASE("auto leaves few rows to own kernels") {
  cuda_emulation::reset(1);
  const Gated gated;
  CHECK(gated.launches(64, "auto") == 1);
  CHECK(gated.launches(65, "auto") == 3);
  CHECK(gated.launches(kLargest.tokens, "auto") == 3);  // all the memory that was planned
  CHECK(gated.launches(65, "own") == 1);
  CHECK(gated.launches(9, "cublaslt") == 3);
  CHECK(gated.launches(8, "cublaslt") == 1);
  CHECK(cuda_emulation::live_allocations() == 0);
}

TEST_CASE("where cuBLASLt finds no algorithm, own kernels multiply", "[faults]") {
  cuda_emulation::reset(1);
  const Gated gated;
  for (const char* fault : {"no-algorithm", "not-these-rows"}) {
    const Environment set("CUDA_EMULATION_CUBLASLT", fault);
    CHECK(gated.launches(100, "cublaslt") == 1);
  }
  CHECK(gated.launches(100, "cublaslt") == 3);
  CHECK(cuda_emulation::live_allocations() == 0);
}

TEST_CASE("a product of cuBLASLt's that fails says which and how", "[faults]") {
  cuda_emulation::reset(1);
  const Residual small(SIROCCO_DTYPE_F16);
  {
    const Environment set("CUDA_EMULATION_CUBLASLT", "fail");
    const auto error = error_of([&] {
      run(emulated(), small.graph, small.data, {step_of(1, 100)}, {{"gemm", "cublaslt"}});
    });
    INFO(error.what());
    CHECK(error.status() == SIROCCO_FAILED);
    CHECK(contains(error, "test/linear: cuBLASLt: the product of [100, 72] with weights [48, 72]"));
    CHECK(contains(error, "CUBLAS_STATUS_EXECUTION_FAILED"));
  }
  // Nothing is left of the failure.
  compare(small.graph, small.data, {step_of(1, 100)}, SIROCCO_DTYPE_F16);
}

TEST_CASE("without cuBLASLt the device says so, and refuses where it was asked for", "[faults]") {
  cuda_emulation::reset(1);
  CHECK(features({}).find("products of many rows by cuBLASLt 13.1.0;") != std::string::npos);
  CHECK(features({{"gemm", "own"}}).find("all products by own kernels;") != std::string::npos);
  for (const char* fault : {"absent", "no-handle"}) {
    const Environment set("CUDA_EMULATION_CUBLASLT", fault);
    const std::string reason =
        fault == std::string("absent") ? "libcublasLt.so.13: cannot open" : "making a handle";
    INFO(features({}));
    CHECK(features({}).find("all products by own kernels (") != std::string::npos);
    CHECK(features({}).find(reason) != std::string::npos);
    const auto error = error_of([] { features({{"gemm", "cublaslt"}}); });
    INFO(error.what());
    CHECK(contains(error, reason));
    CHECK(contains(error, "gemm: auto"));
  }
  const auto error = error_of([] { features({{"gemm", "fast"}}); });
  CHECK(error.status() == SIROCCO_INVALID_ARGUMENT);
  CHECK(contains(error, "\"fast\" is not auto, own or cublaslt"));
  CHECK(cuda_emulation::live_allocations() == 0);
}
