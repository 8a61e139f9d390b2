#pragma once

#include <cstdint>
#include <vector>

#include "config/diagnostic.hpp"
#include "config/resolve.hpp"
#include "graph/op.hpp"

namespace sirocco {

/// What a graph is built for.
struct GraphOptions {
  sirocco_dtype numerics = SIROCCO_DTYPE_F32;     ///< dtype of activations
  uint32_t page_tokens = 16;                      ///< of state groups that do not say
  sirocco_dtype state_dtype = SIROCCO_DTYPE_F32;  ///< of states that do not say
};

/// Runs the topology's statements into nodes: loops unrolled, functions inlined, but for functions
/// that are a known composite op to the letter. `ops` outlives the graph.
///
/// Names (docs/expressions.md has examples): a value bound to `q` in `repeat: …, L = layers.{i}` is
/// "layers.3/q"; in a function called there "layers.3/ffn/q"; a step between "layers.3/q/linear".
/// Of several values of one name the last keeps it and the earlier ones are "…#1", "…#2". A node's
/// path is the name of its first output.
///
/// Throws Error(invalid_file) with the place of the statement, or the tensors that are missing from
/// the checkpoint or have another shape than the topology says.
Graph build_graph(const ResolvedModel& model, const OpRegistry& ops, const GraphOptions& options);

/// What can be found wrong with a topology's expressions without a checkpoint: syntax, names that
/// mean nothing, unknown ops and functions, wrong arguments, params that nothing uses or that need
/// themselves. Ops of domains that `ops` does not know are let through.
std::vector<Diagnostic> check_topology(const TopologyDocument& topology, const OpRegistry& ops);
/// With the host's own ops.
std::vector<Diagnostic> check_topology(const TopologyDocument& topology);

}  // namespace sirocco
