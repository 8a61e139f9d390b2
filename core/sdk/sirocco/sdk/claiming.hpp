#pragma once
// A backend's verdicts on the nodes of a graph, from its list of kernels.

#include <cstdint>
#include <span>
#include <string>

#include <sirocco/abi/backend.h>
#include <sirocco/sdk/backend_options.hpp>
#include <sirocco/sdk/kernel.hpp>

namespace sirocco::sdk {

/// The kernel that takes the node. Throws Declined where none does.
inline const Kernel& find_kernel(std::span<const Kernel> kernels, const BackendOptions& options,
                                 const NodeView& node) {
  if (options.declines(node.domain(), node.op()))
    throw Declined(SIROCCO_REASON_OPTION, "the option `decline` names this op");
  for (const Kernel& kernel : kernels) {
    if (kernel.after || node.op() != kernel.op || node.domain() != kernel.domain ||
        node.version() != kernel.version)
      continue;
    kernel.accepts(node);
    return kernel;
  }
  throw Declined(SIROCCO_REASON_UNKNOWN_OP, "no kernel for this op and version");
}

inline void claim_nodes(std::span<const Kernel> kernels, const BackendOptions& options,
                        const sirocco_graph* graph, const sirocco_claim_sink* sink) {
  const auto target = read_struct<sirocco_claim_sink>(sink);
  const GraphView view(graph);
  for (uint32_t i = 0; i < view.n_nodes(); ++i) {
    sirocco_claim claim{sizeof claim, &i, 1, SIROCCO_CLAIM_ACCEPTED, SIROCCO_REASON_NONE};
    std::string text;
    try {
      find_kernel(kernels, options, view.node(i));
    } catch (const Declined& declined) {
      claim.verdict = SIROCCO_CLAIM_DECLINED;
      claim.reason = declined.reason();
      text = declined.what();
    } catch (const StatusError& error) {
      claim.verdict = SIROCCO_CLAIM_ERROR;
      text = error.what();
    }
    claim.text = string(text);
    target.add(target.ctx, &claim);
  }
}

/// Every node must have been claimed. Throws StatusError(SIROCCO_UNSUPPORTED) where one was not.
inline void require_claimed(std::span<const Kernel> kernels, const BackendOptions& options,
                            const GraphView& graph) {
  for (size_t i = 0; i < graph.n_nodes(); ++i) {
    const NodeView node = graph.node(i);
    try {
      find_kernel(kernels, options, node);
    } catch (const Declined& declined) {
      throw StatusError(SIROCCO_UNSUPPORTED, std::string(node.path()) + ": " + declined.what());
    }
  }
}

}  // namespace sirocco::sdk
