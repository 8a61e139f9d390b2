#include "graphs.hpp"

#include "error.hpp"

namespace sirocco::cuda {

void Graphs::clear() noexcept {
  if (graphs_.empty()) return;
  cudaStreamSynchronize(device_.stream());  // one of them may be running
  for (const auto& [key, graph] : graphs_)
    if (graph) cudaGraphExecDestroy(graph);
  graphs_.clear();
}

cudaGraphExec_t Graphs::capture(const std::function<void()>& queue) {
  cudaGraph_t graph = nullptr;
  // Other threads of the process may use the runtime meanwhile.
  check(cudaStreamBeginCapture(device_.stream(), cudaStreamCaptureModeThreadLocal),
        "beginning to capture a step");
  try {
    queue();
  } catch (...) {
    cudaStreamEndCapture(device_.stream(), &graph);
    if (graph) cudaGraphDestroy(graph);
    throw;
  }
  check(cudaStreamEndCapture(device_.stream(), &graph), "capturing a step");
  cudaGraphExec_t executable = nullptr;
  const cudaError_t error = cudaGraphInstantiate(&executable, graph, 0);
  cudaGraphDestroy(graph);
  check(error, "making a graph of a step");
  return executable;
}

void Graphs::run(const Key& key, const std::function<void()>& queue) {
  const auto [found, first] = graphs_.try_emplace(key, nullptr);
  if (first) return queue();
  if (!found->second) found->second = capture(queue);
  check(cudaGraphLaunch(found->second, device_.stream()), "launching a step's graph");
}

}  // namespace sirocco::cuda
