#pragma once
// A region of the graph as work for a stream: what is known when it is compiled, what when it is
// bound, and what when it is launched.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <sirocco/sdk/graph_view.hpp>
#include <sirocco/sdk/step_view.hpp>
#include <sirocco/sdk/tensor.hpp>

#include "claims.hpp"
#include "ops/args.hpp"
#include "ops/launcher.hpp"

namespace sirocco::cuda {

/// Addresses on the device, the same until anything else is bound.
class Addresses {
 public:
  virtual ~Addresses() = default;
  virtual std::byte* value(uint32_t index) const = 0;
  /// A plane of a state: [n_pages, page_tokens, heads * dim].
  virtual std::byte* state(const sirocco_state& state, bool values) const = 0;
  /// Memory that works share, one after the other (`Sharing`).
  virtual std::byte* shared() const = 0;
  /// The step buffer on the device, and a step to read its layout from.
  virtual const int32_t* step() const = 0;
  virtual const sdk::StepView& layout() const = 0;

  const int32_t* step_list(int field) const { return step() + layout().offset(field); }
};

/// What launches are made for: as many rows as the step has, or as a captured graph is to serve.
struct Sizes {
  sdk::Extents extents;
  bool few = false;   ///< some sequence has few new tokens (kFewTokens), or there are null rows
  bool many = false;  ///< some sequence has more
};

/// Sequences with up to so many new tokens attend token by token.
inline constexpr int32_t kFewTokens = 8;

class Work {
 public:
  Work() = default;
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  virtual ~Work() = default;

  /// Addresses are new; called before the first launch.
  virtual void bind(const Addresses& addresses) = 0;
  /// Queues kernels; nothing here waits or allocates.
  virtual void launch(Launcher& launcher, const Sizes& sizes) const = 0;

  uint32_t node_id = 0;  ///< the host's number of the region's first node
  uint32_t n_nodes = 0;  ///< claimed nodes that it runs
  std::string path;
};

/// How many rows or elements the dimensions [begin, end) of a tensor make. At most one of them may
/// vary (claims.cpp).
inline Count count_of(const sirocco_tensor& tensor, uint32_t begin, uint32_t end) {
  Count count;
  for (uint32_t axis = begin; axis < end; ++axis) {
    const sirocco_dim& dim = tensor.dims[axis];
    if (sdk::is_constant(dim)) {
      count.times = sdk::checked_product(count.times, dim.base);
      continue;
    }
    count.field = dim.symbol == SIROCCO_SYM_TOKENS ? SIROCCO_STEP_N_TOKENS
                  : dim.symbol == SIROCCO_SYM_SEQS ? SIROCCO_STEP_N_SEQS
                                                   : SIROCCO_STEP_N_ROWS;
    count.base = dim.base;
    count.scale = static_cast<int32_t>(dim.scale);
  }
  return count;
}
/// All elements, or all rows.
inline Count elements_of(const sirocco_tensor& tensor) {
  return count_of(tensor, 0, tensor.rank);
}
inline Count rows_of(const sirocco_tensor& tensor) {
  return count_of(tensor, 0, tensor.rank ? tensor.rank - 1 : 0);
}

/// The same number on the host.
inline int64_t at(const Count& count, const sdk::Extents& extents) {
  const int64_t symbol = count.field == SIROCCO_STEP_N_TOKENS ? extents.tokens
                         : count.field == SIROCCO_STEP_N_SEQS ? extents.seqs
                                                              : extents.rows;
  return sdk::checked_product(count.base + count.scale * symbol, count.times);
}

}  // namespace sirocco::cuda
