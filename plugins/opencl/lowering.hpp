#pragma once
// From regions of the graph to launches: this file's .cpp for nodes on their own, lower_linear.cpp
// for products, lower_attention.cpp for attention.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sirocco/sdk/regions.hpp>

#include "executable.hpp"
#include "tuner.hpp"

namespace sirocco::opencl {

/// The dtypes that a program is built for, as in ops/prelude.cl: "f32", "f16" or "bf16".
struct Dtypes {
  std::string x, a, w, s;
};

class Lowering {
 public:
  /// `tables` receives the buffers of angles, which belong to the caller.
  Lowering(Device& device, const sdk::GraphView& graph, const sirocco_limits& limits,
           std::vector<cl_mem>& tables)
      : device_(device), graph_(graph), limits_(limits), tables_(tables), tuner_(device) {}

  /// Throws StatusError.
  Work lower(const sdk::Region& region);
  /// Memory that launches share, at the limits.
  uint64_t shared_bytes() const { return shared_bytes_; }

 private:
  /// Products that one launch makes.
  struct Product;

  void single(Work& work, const sdk::NodeView& node, bool appended);
  void elementwise(Work& work, const sdk::NodeView& node, int op);
  void norm(Work& work, uint32_t x, uint32_t weight, double eps, const Arg& y,
            const std::string& y_dtype, const Count& groups);

  void products(Work& work, const sdk::Region& region);
  Product product(const sdk::Region& region, size_t begin, size_t end);
  /// The end of the projections from `begin` on that one launch can make.
  size_t batch(const sdk::Region& region, size_t begin) const;
  /// The region's rows, normed if it norms, in f32 in the shared memory: for steps of `least` rows
  /// and more.
  void prepare(Work& work, const sdk::Region& region, int64_t least);
  Launch launch(const Product& product, const Tile& tile, const Count& rows);
  Tile tile(const Product& product, uint32_t rows);
  double measure(const Product& product, const Tile& tile, uint32_t rows);

  void attention(Work& work, const sdk::NodeView& node, bool appended);

  /// Cosine and sine of position * theta^(-2j / rotary_dim), [max_context, rotary_dim / 2].
  Arg angles(const sdk::ops::RopeAttributes& rope);
  void share(uint64_t bytes) { shared_bytes_ = std::max(shared_bytes_, bytes); }

  std::string dtype(uint32_t value) const;
  Count rows(uint32_t value) const;
  Count elements(uint32_t value) const;
  uint32_t width(uint32_t value) const;
  Sizes largest() const;
  /// Items that share a row in kernels whose shape is not tuned.
  uint32_t lanes() const;
  /// Elements loaded at a time, of rows of k.
  uint32_t vec(uint64_t k) const;

  Device& device_;
  const sdk::GraphView& graph_;
  const sirocco_limits& limits_;
  std::vector<cl_mem>& tables_;
  Tuner tuner_;
  std::map<std::pair<int64_t, double>, cl_mem> tables_by_angle_;
  uint64_t shared_bytes_ = 0;
};

/// "-DX=… -DA=… -DW=… -DS=… -DLANES=… -DVEC=…"
std::string options_of(const Dtypes& dtypes, uint32_t lanes, uint32_t vec);

}  // namespace sirocco::opencl
