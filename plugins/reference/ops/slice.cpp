// y[.., i, ..] = x[.., begin + i, ..]

#include <cstring>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

struct SliceParams {
  uint32_t axis;
  int64_t begin;
};

void accepts(const NodeView& node) {
  require(node.n_inputs() == 1 && node.n_outputs() == 1, SIROCCO_REASON_SHAPE,
          "one input and one output were expected");
  const ValueView x = node.input(0), y = node.output(0);
  require(y.dtype() == x.dtype() && sdk::dtype_bytes(x.dtype()) > 0, SIROCCO_REASON_DTYPE,
          "the output must have the input's dtype");
  require_shape(y.rank() == x.rank(), "input and output must have as many dimensions");
  const auto axis = static_cast<int>(axis_of(node, x));
  const int64_t begin = node.attr_int("begin"), end = node.attr_int("end");
  for (int i = 0; i < static_cast<int>(x.rank()); ++i)
    require_shape(i == axis || sdk::same_dim(x.dim(i), y.dim(i)),
                  "only the sliced dimension may differ");
  require_shape(is_constant(x.dim(axis)) && is_constant(y.dim(axis)) && begin >= 0 &&
                    begin <= end && end <= x.dim(axis).base && y.dim(axis).base == end - begin,
                "[begin, end) must lie in the dimension and give the output's");
}

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(SliceParams{axis_of(node, node.input(0)), node.attr_int("begin")});
}

void run(const KernelCall& call) {
  const Tensor& x = call.input(0);
  const Tensor& y = call.output(0);
  const auto& params = call.params<SliceParams>();
  const int64_t source = inner_bytes(x, params.axis), target = inner_bytes(y, params.axis);
  const int64_t skipped = params.begin * inner_bytes(x, params.axis + 1);
  const int64_t blocks = target ? y.bytes / target : 0;
  call.parallel(blocks, row_grain(target), [&](int64_t begin, int64_t end, Scratch) {
    for (int64_t i = begin; i < end; ++i)
      std::memcpy(y.data + i * target, x.data + i * source + skipped, static_cast<size_t>(target));
  });
}

}  // namespace

sdk::Kernel slice() {
  return {.op = "slice", .accepts = accepts, .run = run, .prepare = prepare};
}

}  // namespace sirocco::reference
