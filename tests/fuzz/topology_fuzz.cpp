// Arbitrary bytes as a topology: checked, its params evaluated and its statements run into nodes
// with weights of whatever shape it says. Only Error may come out.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <sirocco/error.hpp>

#include "config/elaborate.hpp"

namespace {

using namespace sirocco;

/// Has no tensor, so that every weight stands in with its declared shape until the end.
class NoWeights : public WeightSource {
 public:
  std::string label() const override { return "none"; }
  std::optional<WeightTensor> find(std::string_view) const override { return std::nullopt; }
  std::vector<std::string> names() const override { return {}; }
};

void read(std::string_view text) {
  try {
    YamlNode root = parse_yaml(text, "fuzz");
    // It would read files of this machine.
    if (root.find("extends") != nullptr) return;
    ResolvedModel model;
    model.topology = to_topology(std::move(root), {});
    check_topology(model.topology);
    if (!model.topology.layouts.empty()) model.layout = model.topology.layouts.front().first;
    model.weights = std::make_shared<NoWeights>();
    model.params = ParamTable(model.topology, {});
    build_graph(model, OpRegistry::with_builtin_ops(), {});
  } catch (const Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read({reinterpret_cast<const char*>(data), size});
  return 0;
}
