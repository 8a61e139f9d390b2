#include "compare/bisect.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace sirocco {
namespace {

using Paths = std::vector<std::string>;

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

  Paths ops() const {
    Paths ops;
    for (const BisectNode& node : nodes_)
      if (std::ranges::find(ops, node.op) == ops.end()) ops.push_back(node.op);
    return ops;
  }
  Paths nodes_of(const Paths& ops) const {
    Paths paths;
    for (const BisectNode& node : nodes_)
      if (std::ranges::find(ops, node.op) != ops.end()) paths.push_back(node.path);
    return paths;
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

  /// Ops that heal together, the most helpful one first; all of them where nothing heals.
  Paths together(const Paths& ops, double before) {
    Paths chosen;
    while (chosen.size() < ops.size() && before > bound_) {
      std::string best;
      double least = std::numeric_limits<double>::infinity();
      for (const std::string& op : ops) {
        if (std::ranges::find(chosen, op) != chosen.end()) continue;
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
  if (found.before <= bound) {
    found.n_measured = search.n_measured();
    return found;
  }
  const Paths ops = search.ops();
  Paths healing;
  for (const std::string& op : ops)
    if (search.heals(search.nodes_of({op}))) healing.push_back(op);
  // Giving one op of a fused region back takes the region apart, so that each of its ops heals: the
  // one to blame is the one that errs by itself, or else the region.
  Paths guilty;
  for (const std::string& op : healing)
    if (std::ranges::find(alone_outside, op) != alone_outside.end()) guilty.push_back(op);
  if (healing.size() == 1 || guilty.size() == 1) {
    found.kind = Bisection::Kind::op;
    found.ops = guilty.size() == 1 ? guilty : healing;
  } else if (!healing.empty()) {
    found.kind = Bisection::Kind::region;
    found.ops = healing;
  } else {
    found.ops = search.together(ops, found.before);
    found.kind = search.heals(search.nodes_of(found.ops)) ? Bisection::Kind::several
                                                          : Bisection::Kind::unknown;
  }
  found.nodes = search.nodes_of(found.ops);
  // Of a region any op's node will do to find the place; of several ops all are needed.
  if (found.kind == Bisection::Kind::op) found.nodes = search.narrowest(found.nodes);
  if (found.kind == Bisection::Kind::region)
    found.nodes = search.narrowest(search.nodes_of({found.ops[0]}));
  found.after = search.at(found.nodes);
  found.n_measured = search.n_measured();
  return found;
}

}  // namespace sirocco
