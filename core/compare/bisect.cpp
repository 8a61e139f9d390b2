#include "compare/bisect.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sirocco {
namespace {

using Paths = std::vector<std::string>;

bool contains(const Paths& list, const std::string& text) {
  return std::ranges::find(list, text) != list.end();
}

class Search {
 public:
  Search(const std::vector<BisectNode>& nodes, double bound, const MeasureSwapped& measure)
      : nodes_(nodes), bound_(bound), measure_(measure) {}

  double at(const Paths& given_back) {
    ++n_measured_;
    const double nmse = measure_(given_back);
    return nmse >= 0 ? nmse : std::numeric_limits<double>::infinity();  // NaN drifts most
  }
  bool heals(const Paths& given_back) { return at(given_back) <= bound_; }

  /// Of all nodes, or of those with these paths.
  Paths ops(const Paths* paths = nullptr) const {
    Paths ops;
    for (const BisectNode& node : nodes_)
      if (!contains(ops, node.op) && (!paths || contains(*paths, node.path)))
        ops.push_back(node.op);
    return ops;
  }
  Paths nodes_of(const Paths& ops) const {
    Paths paths;
    for (const BisectNode& node : nodes_)
      if (contains(ops, node.op)) paths.push_back(node.path);
    return paths;
  }
  /// Of these ops, those that heal alone.
  Paths healing(const Paths& ops) {
    Paths found;
    for (const std::string& op : ops)
      if (heals(nodes_of({op}))) found.push_back(op);
    return found;
  }

  /// Halves as long as one half heals by itself; all of what is left where neither does.
  Paths narrowest(Paths paths) {
    while (paths.size() > 1) {
      const auto middle = paths.begin() + static_cast<ptrdiff_t>(paths.size() / 2);
      const Paths first(paths.begin(), middle), second(middle, paths.end());
      if (heals(first)) {
        paths = first;
      } else if (heals(second)) {
        paths = second;
      } else {
        break;
      }
    }
    return paths;
  }

  /// Nodes of one op: fewer than all where those that err by themselves are enough.
  Paths narrow_op(const Paths& all, const Paths& alone_outside) {
    Paths erring;
    for (const std::string& path : all)
      if (contains(alone_outside, path)) erring.push_back(path);
    return narrowest(!erring.empty() && erring.size() < all.size() && heals(erring) ? erring : all);
  }

  /// The nodes of the op that has the fewest.
  Paths fewest(const Paths& ops) const {
    Paths least = nodes_of({ops.front()});
    for (const std::string& op : ops)
      if (Paths nodes = nodes_of({op}); nodes.size() < least.size()) least = std::move(nodes);
    return least;
  }

  /// Ops that heal together, none of which can be left out; all of them where nothing heals.
  Paths together(const Paths& ops, double before) {
    Paths chosen;
    while (chosen.size() < ops.size() && before > bound_) {
      std::string best;
      double least = std::numeric_limits<double>::infinity();
      for (const std::string& op : ops) {
        if (contains(chosen, op)) continue;
        Paths tried = chosen;
        tried.push_back(op);
        const double nmse = at(nodes_of(tried));
        if (best.empty() || nmse < least) {
          best = op;
          least = nmse;
        }
      }
      chosen.push_back(best);
      before = least;
    }
    if (before > bound_) return chosen;
    for (size_t i = 0; i < chosen.size();) {
      Paths fewer = chosen;
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(i));
      if (heals(nodes_of(fewer))) {
        chosen = std::move(fewer);
      } else {
        ++i;
      }
    }
    return chosen;
  }

  size_t n_measured() const { return n_measured_; }

 private:
  const std::vector<BisectNode>& nodes_;
  double bound_;
  const MeasureSwapped& measure_;
  size_t n_measured_ = 0;
};

}  // namespace

const char* bisection_kind_name(Bisection::Kind kind) {
  switch (kind) {
    case Bisection::Kind::none:
      return "none";
    case Bisection::Kind::hidden:
      return "hidden";
    case Bisection::Kind::op:
      return "op";
    case Bisection::Kind::region:
      return "region";
    case Bisection::Kind::several:
      return "several";
    case Bisection::Kind::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string Bisection::text() const {
  const std::string where = nodes.size() == 1
                                ? "node " + nodes[0]
                                : fmt::format("{} nodes from {} on", nodes.size(),
                                              nodes.empty() ? std::string("none") : nodes.front());
  switch (kind) {
    case Kind::none:
      return "nothing to find: the outputs are within bounds";
    case Kind::hidden:
      return fmt::format("op {}, {}: out of bounds by itself, though the outputs are within",
                         fmt::join(ops, ", "), where);
    case Kind::op:
      return fmt::format("op {}, {}", ops[0], where);
    case Kind::region:
      return fmt::format("the fused region of {}, {}", fmt::join(ops, "+"), where);
    case Kind::several:
      return fmt::format("several ops: {}, {}", fmt::join(ops, ", "), where);
    case Kind::unknown:
      break;
  }
  return "not found: the drift stays with every node given back";
}

Bisection bisect(const std::vector<BisectNode>& nodes,
                 const std::vector<std::string>& alone_outside, double bound,
                 const MeasureSwapped& measure) {
  Search search(nodes, bound, measure);
  Bisection found;
  found.before = found.after = search.at({});
  const Paths alone_ops = search.ops(&alone_outside);
  if (found.before <= bound) {
    if (!alone_ops.empty()) {
      found.kind = Bisection::Kind::hidden;
      found.ops = alone_ops;
      found.nodes = alone_outside;
    }
    found.n_measured = search.n_measured();
    return found;
  }
  // Most faults are seen in a node by itself, and then only its op need be tried.
  Paths healing = search.healing(alone_ops);
  if (healing.size() == 1) {
    found.kind = Bisection::Kind::op;
  } else {
    for (const std::string& op : search.ops())
      if (!contains(alone_ops, op) && search.heals(search.nodes_of({op}))) healing.push_back(op);
    // Giving one op of a fused region back takes the region apart, so that each of its ops heals:
    // where none errs by itself, the region does.
    found.kind = healing.size() == 1 ? Bisection::Kind::op : Bisection::Kind::region;
  }
  found.ops = healing;
  if (healing.empty()) {
    found.ops = search.together(alone_ops.size() > 1 ? alone_ops : search.ops(), found.before);
    if (alone_ops.size() > 1 && !search.heals(search.nodes_of(found.ops)))
      found.ops = search.together(search.ops(), found.before);
    found.kind = search.heals(search.nodes_of(found.ops)) ? Bisection::Kind::several
                                                          : Bisection::Kind::unknown;
  }
  found.nodes = search.nodes_of(found.ops);
  if (found.kind == Bisection::Kind::op) found.nodes = search.narrow_op(found.nodes, alone_outside);
  // Of a region any op's node will do to find the place: least of the op with the fewest.
  if (found.kind == Bisection::Kind::region)
    found.nodes = search.narrowest(search.fewest(found.ops));
  found.after = search.at(found.nodes);
  found.n_measured = search.n_measured();
  return found;
}

}  // namespace sirocco
