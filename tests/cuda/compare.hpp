#pragma once
// Runs a graph on the emulated CUDA backend and on the reference, and compares.

#include "catch.hpp"

#include <map>
#include <string>
#include <vector>

#include "cuda/plugin.hpp"

namespace cuda_test {

using namespace harness;

constexpr sirocco_dtype kTypes[] = {SIROCCO_DTYPE_F32, SIROCCO_DTYPE_F16, SIROCCO_DTYPE_BF16};

/// Squares of the differences over squares of what was expected.
inline double nmse(const Doubles& got, const Doubles& expected) {
  REQUIRE(got.size() == expected.size());
  double error = 0, power = 1e-30;
  for (size_t i = 0; i < got.size(); ++i) {
    error += (got[i] - expected[i]) * (got[i] - expected[i]);
    power += expected[i] * expected[i];
  }
  return error / power;
}

inline double bound(sirocco_dtype dtype) {
  return dtype == SIROCCO_DTYPE_F32 ? 1e-11 : dtype == SIROCCO_DTYPE_F16 ? 1e-6 : 1e-4;
}

/// Data for every input and weight, ints for those that are ints.
using Inputs = std::map<uint32_t, Doubles>;

inline const sirocco::sdk::Extents kLargest{256, 32, 64};

/// As a host's arena has it: with room for the largest step.
inline Doubles as_large(const Graph& graph, uint32_t value, Doubles data) {
  const sirocco_tensor& tensor = graph.values()[value].tensor;
  data.resize(static_cast<size_t>(sirocco::sdk::tensor_bytes(tensor, kLargest) /
                                  sirocco::sdk::dtype_bytes(tensor.dtype)));
  return data;
}

/// The outputs after each of the steps, on one backend, which runs each so many times.
inline std::vector<Doubles> run(const sirocco_backend_interface& api, const Graph& graph,
                                const Inputs& inputs, const std::vector<Step>& steps,
                                const Options& options = {}, int times = 1) {
  const Host host(options);
  Backend backend(api, host);
  const sirocco_graph view = graph.get();
  for (const Verdict& verdict : backend.claim(view)) {
    INFO(verdict.text);
    REQUIRE(verdict.verdict == SIROCCO_CLAIM_ACCEPTED);
  }
  Program program(backend, graph, {0, kLargest.tokens, kLargest.seqs, kLargest.rows, 256});
  if (!graph.states().empty()) program.create_state(16);
  std::vector<Doubles> outputs;
  for (const Step& step : steps) {
    for (const auto& [value, data] : inputs) program.set(value, as_large(graph, value, data));
    for (uint32_t v = 0; v < graph.values().size(); ++v) {
      const sirocco_value& value = graph.values()[v];
      const int field = value.kind == SIROCCO_VALUE_POSITIONS ? SIROCCO_STEP_OFF_POSITIONS
                        : value.kind == SIROCCO_VALUE_TOKENS  ? SIROCCO_STEP_OFF_TOKENS
                        : value.kind == SIROCCO_VALUE_WANTED  ? SIROCCO_STEP_OFF_WANTED
                                                              : -1;
      if (field < 0) continue;
      Doubles list;
      const int64_t n =
          value.kind == SIROCCO_VALUE_WANTED ? step.extents().rows : step.extents().tokens;
      for (int64_t i = 0; i < n; ++i)
        list.push_back(
            step.ints()[static_cast<size_t>(step.ints()[static_cast<size_t>(field)] + i)]);
      program.set(v, as_large(graph, v, list));
    }
    for (uint32_t v = 0; v < graph.values().size(); ++v)
      if (graph.values()[v].kind == SIROCCO_VALUE_OUTPUT)
        program.create(v, static_cast<uint64_t>(
                              sirocco::sdk::tensor_bytes(graph.values()[v].tensor, kLargest)));
    for (int i = 0; i < times; ++i) program.execute(step);
    for (uint32_t v = 0; v < graph.values().size(); ++v) {
      if (graph.values()[v].kind != SIROCCO_VALUE_OUTPUT) continue;
      Doubles all = program.get(v);
      const auto bytes = sirocco::sdk::tensor_bytes(graph.values()[v].tensor, step.extents());
      all.resize(
          static_cast<size_t>(bytes / sirocco::sdk::dtype_bytes(graph.values()[v].tensor.dtype)));
      outputs.push_back(std::move(all));
    }
  }
  CHECK(program.info().launches >= graph.get().n_nodes * steps.size());
  return outputs;
}

/// Every choice of how steps are queued and who multiplies many rows, against the reference
/// backend; and nothing that the emulator reports.
inline void compare(const Graph& graph, const Inputs& inputs, const std::vector<Step>& steps,
                    sirocco_dtype dtype) {
  cuda_emulation::reset(7);
  const auto expected = run(reference(), graph, inputs, steps);
  // The second time a captured graph runs, unless they are switched off.
  for (const char* graphs : {"true", "false"}) {
    for (const char* gemm : {"own", "cublaslt"}) {
      const auto got = run(emulated(), graph, inputs, steps, {{"graphs", graphs}, {"gemm", gemm}},
                           graphs == std::string("true") ? 2 : 1);
      REQUIRE(got.size() == expected.size());
      for (size_t i = 0; i < got.size(); ++i) {
        INFO("output " << i << ", graphs " << graphs << ", gemm " << gemm);
        CHECK(nmse(got[i], expected[i]) < bound(dtype));
      }
    }
  }
  for (const auto& violation : cuda_emulation::violations()) FAIL_CHECK(violation.text);
  CHECK(cuda_emulation::live_allocations() == 0);
}

/// Sets a variable of the emulator for as long as it lives.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  Environment(const Environment&) = delete;
  ~Environment() { unsetenv(name_); }

 private:
  const char* name_;
};

/// The error that `body` must end with.
template <class Body>
CallError error_of(Body&& body) {
  try {
    body();
  } catch (const CallError& error) {
    return error;
  }
  FAIL("an error was expected");
  return {SIROCCO_OK, ""};
}

inline bool contains(const CallError& error, const std::string& part) {
  return std::string(error.what()).find(part) != std::string::npos;
}

}  // namespace cuda_test
