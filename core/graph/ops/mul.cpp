#include "graph/ops/common.hpp"
#include "graph/ops/ops.hpp"

namespace sirocco::ops {

OpDef mul() {
  return {
      .name = "mul",
      .doc =
          "Product of two tensors, element by element, the second repeated over the leading "
          "dimensions of the first.",
      .formula =
          "y[.., i] = a[.., i] * b[i]   (i runs over b's dimensions)\n"
          "Multiplied in f32 or wider, then rounded once to the dtype of a.",
      .inputs = broadcast_inputs(),
      .outputs = {"y"},
      .infer = infer_broadcast,
      .cost = [](const CostContext& context) { return per_output_element(context, 1); },
  };
}

}  // namespace sirocco::ops
