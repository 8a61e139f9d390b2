#pragma once

#include "graph/op.hpp"

namespace sirocco {

/// Replaces a node by what its op is made of. Its outputs keep their ids, names and types; ids of
/// later nodes change. Throws Error(plugin) where the op has no decomposition, or one that does not
/// give the outputs that its inference says.
void expand_node(Graph& graph, NodeId node, const OpRegistry& ops);

}  // namespace sirocco
