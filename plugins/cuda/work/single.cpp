// Ops that stand alone: a launch each.

#include <utility>

#include "ops/elementwise.hpp"
#include "ops/rows.hpp"
#include "ops/sample.hpp"
#include "work/lowering.hpp"

namespace sirocco::cuda {
namespace {

/// One kernel with one struct of arguments: `Bind` fills in the addresses, `kLaunch` launches.
template <class Args, class Bind>
class SingleWork : public Work {
 public:
  using LaunchFunction = void (*)(Launcher&, const Args&, int64_t);

  SingleWork(const Args& args, const Count& count, LaunchFunction function, Bind fill)
      : args_(args), count_(count), launch_(function), bind_(std::move(fill)) {}

  void bind(const Addresses& addresses) override {
    args_.step = addresses.step();
    bind_(addresses, args_);
  }
  void launch(Launcher& launcher, const Sizes& sizes) const override {
    launch_(launcher, args_, at(count_, sizes.extents));
  }

 private:
  Args args_;
  Count count_;  ///< what the grid is made for
  LaunchFunction launch_;
  Bind bind_;
};

template <class Args, class Bind>
std::unique_ptr<Work> single(const Args& args, const Count& count,
                             void (*function)(Launcher&, const Args&, int64_t), Bind bind) {
  return std::make_unique<SingleWork<Args, Bind>>(args, count, function, std::move(bind));
}

const int32_t* ints(const Addresses& addresses, uint32_t value) {
  return reinterpret_cast<const int32_t*>(addresses.value(value));
}

std::unique_ptr<Work> elementwise(const sdk::NodeView& node,
                                  void (*function)(Launcher&, const ElementwiseArgs&, int64_t)) {
  ElementwiseArgs args;
  args.a_dtype = dtype_of(node.input(0).dtype());
  args.y_dtype = dtype_of(node.output(0).dtype());
  args.elements = elements_of(node.output(0).tensor());
  const uint32_t a = node.input_index(0), y = node.output_index(0);
  uint32_t b = SIROCCO_NONE;
  if (node.n_inputs() > 1) {
    b = node.input_index(1);
    args.b_dtype = dtype_of(node.input(1).dtype());
    args.b_elements = elements_of(node.input(1).tensor());
  }
  return single(args, args.elements, function, [=](const Addresses& addresses, auto& target) {
    target.a = addresses.value(a);
    target.b = b == SIROCCO_NONE ? nullptr : addresses.value(b);
    target.y = addresses.value(y);
  });
}

std::unique_ptr<Work> make_embedding(const sdk::NodeView& node) {
  EmbeddingArgs args;
  args.weight_dtype = dtype_of(node.input(1).dtype());
  args.y_dtype = dtype_of(node.output(0).dtype());
  args.n_tokens = elements_of(node.input(0).tensor());
  args.vocabulary = static_cast<int32_t>(node.input(1).dim(0).base);
  args.width = static_cast<int32_t>(node.input(1).dim(1).base);
  const uint32_t tokens = node.input_index(0), weight = node.input_index(1);
  const uint32_t y = node.output_index(0);
  return single(args, args.n_tokens, embedding, [=](const Addresses& addresses, auto& target) {
    target.tokens = ints(addresses, tokens);
    target.weight = addresses.value(weight);
    target.y = addresses.value(y);
  });
}

/// gather_rows, or reshape where `rows` is NONE.
std::unique_ptr<Work> make_gather(const sdk::NodeView& node, uint32_t rows) {
  const sdk::ValueView x = node.input(0), y = node.output(0);
  GatherArgs args;
  args.n_x = count_of(x.tensor(), 0, 1);
  args.n_rows = count_of(y.tensor(), 0, 1);
  args.row_bytes = sdk::dtype_bytes(x.dtype());
  for (int axis = 1; axis < static_cast<int>(x.rank()); ++axis)
    args.row_bytes = sdk::checked_product(args.row_bytes, x.dim(axis).base);
  const uint32_t source = node.input_index(0), out = node.output_index(0);
  return single(args, args.n_rows, rows == SIROCCO_NONE ? reshape : gather_rows,
                [=](const Addresses& addresses, auto& target) {
                  target.x = addresses.value(source);
                  target.rows = rows == SIROCCO_NONE ? nullptr : ints(addresses, rows);
                  target.y = addresses.value(out);
                });
}

std::unique_ptr<Work> make_norm(const sdk::NodeView& node) {
  NormArgs args;
  args.x_dtype = args.y_dtype = dtype_of(node.input(0).dtype());
  args.weight_dtype = dtype_of(node.input(1).dtype());
  args.eps = static_cast<float>(node.attr_float("eps"));
  args.rows = rows_of(node.input(0).tensor());
  args.width = static_cast<int32_t>(node.input(0).dim(-1).base);
  const uint32_t x = node.input_index(0), weight = node.input_index(1);
  const uint32_t y = node.output_index(0);
  return single(args, args.rows, rms_norm, [=](const Addresses& addresses, auto& target) {
    target.x = addresses.value(x);
    target.weight = addresses.value(weight);
    target.y = addresses.value(y);
  });
}

std::unique_ptr<Work> make_softmax(const sdk::NodeView& node) {
  SoftmaxArgs args;
  args.x_dtype = args.y_dtype = dtype_of(node.input(0).dtype());
  args.rows = rows_of(node.input(0).tensor());
  args.width = static_cast<int32_t>(node.input(0).dim(-1).base);
  const uint32_t x = node.input_index(0), y = node.output_index(0);
  return single(args, args.rows, softmax, [=](const Addresses& addresses, auto& target) {
    target.x = addresses.value(x);
    target.y = addresses.value(y);
  });
}

std::unique_ptr<Work> make_rope(Lowering& lowering, const sdk::NodeView& node) {
  RopeArgs args;
  args.x_dtype = args.y_dtype = dtype_of(node.input(0).dtype());
  args.rotation = lowering.angles.of(sdk::ops::check_rope(node));
  args.rows = rows_of(node.input(0).tensor());
  args.width = static_cast<int32_t>(node.input(0).dim(-1).base);
  const uint32_t x = node.input_index(0), positions = node.input_index(1);
  const uint32_t y = node.output_index(0);
  return single(args, args.rows, rope, [=](const Addresses& addresses, auto& target) {
    target.x = addresses.value(x);
    target.rotation.positions = ints(addresses, positions);
    target.y = addresses.value(y);
  });
}

std::unique_ptr<Work> make_sample(const sdk::NodeView& node) {
  SampleArgs args;
  args.dtype = dtype_of(node.input(0).dtype());
  args.rows = rows_of(node.input(0).tensor());
  args.vocabulary = static_cast<int32_t>(node.input(0).dim(1).base);
  args.stride = static_cast<int32_t>(node.input(1).dim(1).base);
  const uint32_t logits = node.input_index(0), settings = node.input_index(1);
  const uint32_t ids = node.output_index(0);
  return single(args, args.rows, sample, [=](const Addresses& addresses, auto& target) {
    target.logits = addresses.value(logits);
    target.settings = ints(addresses, settings);
    target.ids = reinterpret_cast<int32_t*>(addresses.value(ids));
  });
}

}  // namespace

std::unique_ptr<Work> make_single(Lowering& lowering, const sdk::NodeView& node) {
  if (node.op() == "add") return elementwise(node, add);
  if (node.op() == "mul") return elementwise(node, mul);
  if (node.op() == "silu") return elementwise(node, silu);
  if (node.op() == "swiglu") return elementwise(node, swiglu);
  if (node.op() == "cast") return elementwise(node, cast);
  if (node.op() == "embedding") return make_embedding(node);
  if (node.op() == "gather_rows") return make_gather(node, node.input_index(1));
  if (node.op() == "reshape") return make_gather(node, SIROCCO_NONE);
  if (node.op() == "rms_norm") return make_norm(node);
  if (node.op() == "softmax") return make_softmax(node);
  if (node.op() == "rope") return make_rope(lowering, node);
  if (node.op() == "sample") return make_sample(node);
  throw sdk::StatusError(SIROCCO_UNSUPPORTED,
                         std::string(node.path()) + ": no work for " + std::string(node.op()));
}

}  // namespace sirocco::cuda
