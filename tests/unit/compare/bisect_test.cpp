// Made-up models whose drift is known for every set of nodes that is given back.

#include "compare/bisect.hpp"

#include "catch.hpp"

#include <algorithm>
#include <limits>
#include <set>

using namespace sirocco;

namespace {

using Paths = std::vector<std::string>;
constexpr double kBound = 1e-6;

/// Two layers of norm, q, k, act, down.
std::vector<BisectNode> model() {
  std::vector<BisectNode> nodes = {{"h", "embedding"}};
  for (const std::string layer : {"0/", "1/"})
    for (const auto& [name, op] :
         std::vector<std::pair<std::string, std::string>>{{"x", "rms_norm"},
                                                          {"q", "linear"},
                                                          {"k", "linear"},
                                                          {"act", "swiglu"},
                                                          {"down", "linear"}})
      nodes.push_back({layer + name, op});
  return nodes;
}

/// Drifts as long as one of `wrong` is not given back.
MeasureSwapped drifts_by(const Paths& wrong, double by = 1) {
  return [wrong, by](const Paths& given_back) {
    const bool left = std::ranges::any_of(wrong, [&](const std::string& path) {
      return std::ranges::find(given_back, path) == given_back.end();
    });
    return left ? by : 1e-12;
  };
}

Bisection find(const Paths& wrong, const Paths& alone) {
  return bisect(model(), alone, kBound, drifts_by(wrong));
}

}  // namespace

TEST_CASE("nothing to find") {
  const Bisection found = find({}, {});
  CHECK(found.kind == Bisection::Kind::none);
  CHECK(found.nodes.empty());
  CHECK(found.n_measured == 1);
}

TEST_CASE("nodes that err by themselves are named though the outputs hide it") {
  const Bisection found = find({}, {"0/q", "1/q"});
  CHECK(found.kind == Bisection::Kind::hidden);
  CHECK(found.ops == Paths{"linear"});
  CHECK(found.nodes == Paths{"0/q", "1/q"});
  CHECK(found.text().find("linear") != std::string::npos);
}

TEST_CASE("an op is found at one node") {
  for (const std::string node : {"h", "0/x", "0/down", "1/k", "1/act"}) {
    INFO(node);
    const Bisection alone = find({node}, {node}), fused = find({node}, {});
    for (const Bisection& found : {alone, fused}) {
      CHECK(found.kind == Bisection::Kind::op);
      CHECK(found.nodes == Paths{node});
      CHECK(found.before == 1);
      CHECK(found.after <= kBound);
    }
    CHECK(alone.n_measured <= fused.n_measured);
  }
}

TEST_CASE("an op is found at several nodes") {
  CHECK(find({"0/x", "1/x"}, {"0/x", "1/x"}).nodes == Paths{"0/x", "1/x"});
  // Where those that err by themselves are enough, they are all that is named.
  CHECK(find({"0/q", "1/k"}, {"0/q", "1/k"}).nodes == Paths{"0/q", "1/k"});
  const Bisection found = find({"0/q", "1/k"}, {});
  CHECK(found.ops == Paths{"linear"});
  CHECK(found.nodes.size() == 6);
}

TEST_CASE("a region heals by any of its ops, none of which errs by itself") {
  // Only layer 1's act and down as one are wrong: either given back takes them apart.
  const auto measure = [](const Paths& given_back) {
    const std::set<std::string> back(given_back.begin(), given_back.end());
    return back.contains("1/act") || back.contains("1/down") ? 1e-12 : 1.0;
  };
  const Bisection found = bisect(model(), {}, kBound, measure);
  CHECK(found.kind == Bisection::Kind::region);
  CHECK(found.ops == Paths{"linear", "swiglu"});
  CHECK(found.nodes == Paths{"1/act"});
  CHECK(found.text() == "the fused region of linear+swiglu, node 1/act");
}

TEST_CASE("in a region the op that errs by itself is to blame") {
  // As above, but act is wrong alone as well: to give down back does not heal.
  const Bisection found = find({"1/act"}, {"1/act"});
  CHECK(found.kind == Bisection::Kind::op);
  CHECK(found.ops == Paths{"swiglu"});
}

TEST_CASE("several ops") {
  for (const Paths& alone : {Paths{}, Paths{"0/x", "1/act"}, Paths{"0/x"}}) {
    const Bisection found = find({"0/x", "1/act"}, alone);
    CHECK(found.kind == Bisection::Kind::several);
    CHECK(std::set<std::string>(found.ops.begin(), found.ops.end()) ==
          std::set<std::string>{"rms_norm", "swiglu"});
    CHECK(found.after <= kBound);
  }
}

TEST_CASE("what no node heals is said not to be found") {
  const auto measure = [](const Paths&) { return 1.0; };
  const Bisection found = bisect(model(), {"0/x"}, kBound, measure);
  CHECK(found.kind == Bisection::Kind::unknown);
  CHECK(found.after == 1);
}

TEST_CASE("what is no number drifts most") {
  const auto found =
      bisect(model(), {}, kBound, drifts_by({"1/k"}, std::numeric_limits<double>::quiet_NaN()));
  CHECK(found.kind == Bisection::Kind::op);
  CHECK(found.nodes == Paths{"1/k"});
}

TEST_CASE("kinds have names") {
  CHECK(std::string(bisection_kind_name(Bisection::Kind::hidden)) == "hidden");
  CHECK(std::string(bisection_kind_name(Bisection::Kind::region)) == "region");
}
