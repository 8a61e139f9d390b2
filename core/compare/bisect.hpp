#pragma once
// Which nodes are behind a drift: found by giving nodes back to a backend that is trusted.

#include <functional>
#include <string>
#include <vector>

namespace sirocco {

struct BisectNode {
  std::string path;
  std::string op;
};

struct Bisection {
  enum class Kind {
    none,     ///< the whole is within bounds as it is, and so is every node by itself
    hidden,   ///< the outputs are within bounds, though `nodes` err by themselves
    op,       ///< one op's kernel, alone: on `nodes`
    region,   ///< only what runs as one: none of its ops errs by itself, but any of them given back
              ///< heals it
    several,  ///< more than one op, all of which have to be given back
    unknown,  ///< giving back everything does not heal it
  };
  Kind kind = Kind::none;
  std::vector<std::string> ops;
  /// Of those ops: the one node behind it, or all nodes that err where several do.
  std::vector<std::string> nodes;
  double before = 0;  ///< NMSE of the model's outputs
  double after = 0;   ///< with those nodes given back
  size_t n_measured = 0;

  /// "op rope, node layers.1/q".
  std::string text() const;
};
/// "none", "hidden", "op", "region", "several", "unknown".
const char* bisection_kind_name(Bisection::Kind kind);

/// NMSE of the model's outputs with these nodes (paths) on the trusted backend.
using MeasureSwapped = std::function<double(const std::vector<std::string>& given_back)>;

/// `nodes` in the order of the graph. `alone_outside`: paths of those that are out of bounds by
/// themselves, on the same inputs. Measures once an op, first those that err by themselves, then
/// some log2 of its nodes.
Bisection bisect(const std::vector<BisectNode>& nodes,
                 const std::vector<std::string>& alone_outside, double bound,
                 const MeasureSwapped& measure);

}  // namespace sirocco
