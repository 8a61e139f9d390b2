#include "config/expand.hpp"

#include <algorithm>

#include <sirocco/error.hpp>

#include "config/elaborate_objects.hpp"
#include "config/elaborate_run.hpp"

namespace sirocco {
namespace {

class Expansion {
 public:
  Expansion(Graph& graph, NodeId id)
      : graph_(graph),
        id_(id),
        node_(graph.nodes[id]),
        first_value_(graph.values.size()),
        first_node_(graph.nodes.size()) {}

  void run(const OpRegistry& ops) {
    if (node_.op->decomposition.empty()) fail("it has none");
    const std::vector<Statement> body = read_decomposition(*node_.op);
    // Attributes hold concrete dtypes by now, so nothing is left to the numerics.
    GraphBuilder builder(graph_, graph_.values[node_.outputs.front()].type.dtype);
    ExpressionCache expressions;
    ExprBudget budget;
    Elaborator elaborator(
        {.ops = ops, .builder = builder, .expressions = expressions, .budget = budget});
    ElaborateFrame frame = make_frame();
    std::vector<ValueId> results;
    try {
      for (const ExprValue& value : elaborator.run_function(body, frame)) {
        results.push_back(elaborator.tensor(value, node_.place, "a result"));
      }
    } catch (const Error& error) {
      fail(error.what());
    }
    take_over(results);
    builder.finish(first_value_, first_node_);
    move_into_place();
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::plugin, "node " + node_.path +
                                       " cannot be replaced by the decomposition of " +
                                       node_.op->full_name() + ": " + what);
  }

  ElaborateFrame make_frame() const {
    ElaborateFrame frame;
    frame.at = {node_.path, {}, node_.layer};
    for (size_t i = 0; i < node_.op->inputs.size(); ++i) {
      const ValueId input = i < node_.inputs.size() ? node_.inputs[i] : kNone;
      frame.locals[node_.op->inputs[i].name] =
          input == kNone ? ExprValue() : make_object<TensorObject>(input);
    }
    for (const Attr& attr : node_.attrs) frame.locals[attr.name] = from_attr(attr.value);
    return frame;
  }

  /// Puts the ids of the node's outputs in place of those of the results.
  void take_over(const std::vector<ValueId>& results) {
    if (results.size() != node_.outputs.size()) {
      fail("it gives " + std::to_string(results.size()) + " values, expected " +
           std::to_string(node_.outputs.size()));
    }
    for (size_t i = 0; i < results.size(); ++i) {
      const Value& made = graph_.values[results[i]];
      const Value& wanted = graph_.values[node_.outputs[i]];
      if (results[i] < first_value_ || std::count(results.begin(), results.end(), results[i]) > 1) {
        fail("it gives something that it did not make, or twice the same");
      }
      if (!(made.type == wanted.type)) {
        fail("it gives " + made.type.to_string() + ", expected " + wanted.type.to_string());
      }
    }
    const auto replace = [&](ValueId& value) {
      const auto found = std::find(results.begin(), results.end(), value);
      if (found != results.end())
        value = node_.outputs[static_cast<size_t>(found - results.begin())];
    };
    for (size_t id = first_node_; id < graph_.nodes.size(); ++id) {
      for (ValueId& input : graph_.nodes[id].inputs) replace(input);
      for (ValueId& output : graph_.nodes[id].outputs) replace(output);
      graph_.nodes[id].place = node_.place;
    }
    remove_values(results);
  }

  /// Takes out new values that nothing refers to any more.
  void remove_values(std::vector<ValueId> gone) {
    std::sort(gone.begin(), gone.end());
    const auto shift = [&](ValueId& value) {
      if (value == kNone) return;
      value -=
          static_cast<ValueId>(std::lower_bound(gone.begin(), gone.end(), value) - gone.begin());
    };
    for (size_t id = first_node_; id < graph_.nodes.size(); ++id) {
      for (ValueId& input : graph_.nodes[id].inputs) shift(input);
      for (ValueId& output : graph_.nodes[id].outputs) shift(output);
    }
    for (auto value = gone.rbegin(); value != gone.rend(); ++value) {
      graph_.values.erase(graph_.values.begin() + *value);
    }
  }

  /// Moves the new nodes to where the old one was and renumbers producers.
  void move_into_place() {
    auto& nodes = graph_.nodes;
    const auto first = nodes.begin() + id_;
    nodes.erase(first);
    std::rotate(nodes.begin() + id_, nodes.begin() + static_cast<std::ptrdiff_t>(first_node_) - 1,
                nodes.end());
    for (NodeId id = id_; id < nodes.size(); ++id) {
      for (const ValueId output : nodes[id].outputs) graph_.values[output].producer = id;
    }
  }

  Graph& graph_;
  NodeId id_;
  const Node node_;  ///< a copy: the graph's nodes move
  size_t first_value_;
  size_t first_node_;
};

}  // namespace

void expand_node(Graph& graph, NodeId node, const OpRegistry& ops) {
  Expansion(graph, node).run(ops);
}

}  // namespace sirocco
