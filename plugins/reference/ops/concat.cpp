// Tensors one after the other along one dimension.

#include <cstring>

#include "common.hpp"
#include "ops.hpp"

namespace sirocco::reference {
namespace {

void accepts(const NodeView& node) {
  require(node.n_inputs() >= 1 && node.n_outputs() == 1, SIROCCO_REASON_SHAPE,
          "one input or more and one output were expected");
  const ValueView y = node.output(0);
  require(sdk::dtype_bytes(y.dtype()) > 0, SIROCCO_REASON_DTYPE, "a dtype of unknown size");
  const auto axis = static_cast<int>(axis_of(node, y));
  int64_t extent = 0;
  for (size_t index = 0; index < node.n_inputs(); ++index) {
    const ValueView x = node.input(index);
    require(x.dtype() == y.dtype(), SIROCCO_REASON_DTYPE, "all tensors must have one dtype");
    require_shape(x.rank() == y.rank() && is_constant(x.dim(axis)) && x.dim(axis).base >= 0 &&
                      x.dim(axis).base <= y.dim(axis).base - extent,
                  "the extents must add up to the output's");
    extent += x.dim(axis).base;
    for (int i = 0; i < static_cast<int>(y.rank()); ++i)
      require_shape(i == axis || sdk::same_dim(x.dim(i), y.dim(i)),
                    "only the joined dimension may differ");
  }
  require_shape(is_constant(y.dim(axis)) && extent == y.dim(axis).base,
                "the extents must add up to the output's");
}

sdk::Params prepare(const NodeView& node) {
  return sdk::make_params(axis_of(node, node.output(0)));
}

void run(const KernelCall& call) {
  const Tensor& y = call.output(0);
  const uint32_t axis = call.params<uint32_t>();
  const int64_t target = inner_bytes(y, axis);
  const int64_t blocks = target ? y.bytes / target : 0;
  call.parallel(blocks, row_grain(target), [&](int64_t begin, int64_t end, Scratch) {
    for (int64_t i = begin; i < end; ++i) {
      std::byte* place = y.data + i * target;
      for (size_t index = 0; index < call.n_inputs(); ++index) {
        const Tensor& x = call.input(index);
        const int64_t source = inner_bytes(x, axis);
        std::memcpy(place, x.data + i * source, static_cast<size_t>(source));
        place += source;
      }
    }
  });
}

}  // namespace

sdk::Kernel concat() {
  return {.op = "concat", .accepts = accepts, .run = run, .prepare = prepare};
}

}  // namespace sirocco::reference
