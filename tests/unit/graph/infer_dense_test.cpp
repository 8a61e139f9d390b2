// Inference of the ops a dense decoder is made of, attention excepted.

#include <cmath>

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

void says(const std::string& message, const std::string& part) {
  INFO(message);
  CHECK(message.find(part) != std::string::npos);
}

std::vector<Attr> rope_attrs(double theta = 1e4, int64_t head_dim = 4,
                             AttrValue rotary = std::monostate{}) {
  return {{"theta", theta}, {"head_dim", head_dim}, {"style", "half"}, {"rotary_dim", rotary}};
}

}  // namespace

TEST_CASE("embedding") {
  CHECK(type_of("embedding", {i32({kT}), bf16({c(100), c(8)})}, {{"dtype", "f32"}}) ==
        "f32 [T, 8]");
  says(infer_error("embedding", {f32({kT}), f32({c(9), c(8)})}, {{"dtype", "f32"}}),
       "tokens must be i32 of 1 dimension");
  says(infer_error("embedding", {i32({kT, c(1)}), f32({c(9), c(8)})}, {{"dtype", "f32"}}),
       "tokens must be i32");
  says(infer_error("embedding", {i32({kT}), i32({c(9), c(8)})}, {{"dtype", "f32"}}),
       "weight must be a float tensor");
  says(infer_error("embedding", {i32({kT}), f32({c(8)})}, {{"dtype", "f32"}}),
       "weight must have 2 dimensions");
  says(infer_error("embedding", {i32({kT}), f32({kT, c(8)})}, {{"dtype", "f32"}}),
       "depends on the step");
  // Numerics not yet chosen: a mistake of the host, and never a guess.
  says(infer_error("embedding", {i32({kT}), f32({c(9), c(8)})}), "'activation' is no float dtype");
}

TEST_CASE("linear") {
  CHECK(type_of("linear", {bf16({kT, c(4)}), f32({c(6), c(4)})}) == "bf16 [T, 6]");
  CHECK(type_of("linear", {f32({kT, c(2), c(4)}), f32({c(6), c(4)}), f32({c(6)})}) ==
        "f32 [T, 2, 6]");
  CHECK(type_of("linear", {f32({kT, c(4)}), f32({c(6), c(4)}), kAbsent}) == "f32 [T, 6]");
  CHECK(
      infer_error("linear", {f32({kT, c(4)}), bf16({c(8), c(5)})}) ==
      "linear(x: f32 [T, 4], weight: bf16 [8, 5]): rows of x have 4 elements, but those of weight "
      "have 5");
  says(infer_error("linear", {f32({kT, c(4)}), f32({c(6), c(4)}), f32({c(5)})}),
       "bias must have one element for each of weight's 6 rows");
  says(infer_error("linear", {i32({kT, c(4)}), f32({c(6), c(4)})}), "x must be a float tensor");
  says(infer_error("linear", {f32({}), f32({c(6), c(4)})}), "x must have 1 dimension");
  says(infer_error("linear", {f32({kT, kT}), f32({kT, kT})}), "depends on the step");
}

TEST_CASE("the number of inputs is checked before an op sees them") {
  says(infer_error("linear", {f32({kT, c(4)})}), "input weight is missing");
  says(infer_error("linear", {kAbsent, f32({c(6), c(4)})}), "input x is missing");
  says(infer_error("silu", {f32({c(1)}), f32({c(1)})}), "takes 1 inputs, not 2");
  says(infer_error("silu", {}), "input x is missing");
  says(infer_error("concat", {}), "input x[0] is missing");
  says(infer_error("concat", {f32({c(1)}), kAbsent}), "input x[1] is missing");
}

TEST_CASE("norms") {
  CHECK(type_of("rms_norm", {bf16({kT, c(4)}), f32({c(4)})}, {{"eps", 1e-5}}) == "bf16 [T, 4]");
  CHECK(type_of("rms_norm", {f32({kT, c(2), c(4)}), f32({c(4)})}, {{"eps", 0.0}}) ==
        "f32 [T, 2, 4]");
  CHECK(type_of("layer_norm", {f32({kT, c(4)}), f32({c(4)})}, {{"eps", 1e-5}}) == "f32 [T, 4]");
  CHECK(type_of("layer_norm", {f32({kT, c(4)}), f32({c(4)}), f32({c(4)})}, {{"eps", 1e-5}}) ==
        "f32 [T, 4]");
  for (const char* op : {"rms_norm", "layer_norm"}) {
    says(infer_error(op, {f32({kT, c(4)}), f32({c(5)})}, {{"eps", 1e-5}}),
         "must have one element for each of the 4 in a row of x");
    says(infer_error(op, {f32({kT, c(4)}), f32({c(4)})}, {{"eps", -1e-5}}), "eps must be");
    says(infer_error(op, {f32({kT, c(4)}), f32({c(4)})}, {{"eps", NAN}}), "eps must be");
    says(infer_error(op, {f32({kT, c(4)}), f32({c(1), c(4)})}, {{"eps", 1.0}}),
         "weight must have 1 dimension");
  }
  says(infer_error("layer_norm", {f32({kT, c(4)}), f32({c(4)}), f32({c(3)})}, {{"eps", 1e-5}}),
       "must have one element");
}

TEST_CASE("rope") {
  CHECK(type_of("rope", {bf16({kT, c(12)}), i32({kT})}, rope_attrs()) == "bf16 [T, 12]");
  CHECK(type_of("rope", {f32({kT, c(12)}), i32({kT})}, rope_attrs(1e4, 4, int64_t{2})) ==
        "f32 [T, 12]");
  const std::vector<TensorType> inputs = {f32({kT, c(12)}), i32({kT})};
  says(infer_error("rope", inputs, rope_attrs(0)), "theta must be");
  says(infer_error("rope", inputs, rope_attrs(INFINITY)), "theta must be");
  says(infer_error("rope", inputs, rope_attrs(1e4, 0)), "head_dim must be");
  says(infer_error("rope", inputs, rope_attrs(1e4, 5)), "the 5 rotated elements");
  says(infer_error("rope", inputs, rope_attrs(1e4, 4, int64_t{3})), "the 3 rotated elements");
  says(infer_error("rope", inputs, rope_attrs(1e4, 4, int64_t{6})), "at most head_dim 4");
  says(infer_error("rope", inputs, rope_attrs(1e4, 8)), "no whole number of heads of 8");
  says(infer_error("rope", {f32({kT, c(12)}), i32({kR})}, rope_attrs()),
       "positions must have one element for each row of x");
  says(infer_error("rope", {f32({kT, c(12)}), f32({kT})}, rope_attrs()), "positions must be i32");
  says(infer_error("rope", inputs, {{"theta", 1e4}, {"head_dim", int64_t{4}}}), "style");
}

TEST_CASE("activations keep their type") {
  for (const char* op : {"silu", "gelu", "softmax"}) {
    CHECK(type_of(op, {bf16({kT, c(4)})}) == "bf16 [T, 4]");
    says(infer_error(op, {i32({kT, c(4)})}), "x must be a float tensor");
    says(infer_error(op, {f32({})}), "x must have 1 dimension");
  }
  CHECK(type_of("gelu", {f32({kT, c(4)})}, {{"approximate", "tanh"}}) == "f32 [T, 4]");
}

TEST_CASE("softmax runs along the last, constant dimension") {
  CHECK(type_of("softmax", {f32({kT, c(4)})}, {{"axis", int64_t{1}}}) == "f32 [T, 4]");
  says(infer_error("softmax", {f32({kT, c(4)})}, {{"axis", int64_t{0}}}), "the last dimension");
  says(infer_error("softmax", {f32({kT, c(4)})}, {{"axis", int64_t{2}}}), "lies outside");
  says(infer_error("softmax", {f32({kT, c(4)})}, {{"axis", INT64_MIN}}), "lies outside");
  says(infer_error("softmax", {f32({c(4), kT})}), "depends on the step");
}

TEST_CASE("add and mul repeat the second tensor over leading dimensions") {
  for (const char* op : {"add", "mul"}) {
    CHECK(type_of(op, {bf16({kT, c(2), c(4)}), f32({kT, c(2), c(4)})}) == "bf16 [T, 2, 4]");
    CHECK(type_of(op, {f32({kT, c(2), c(4)}), f32({c(4)})}) == "f32 [T, 2, 4]");
    says(infer_error(op, {f32({kT, c(4)}), f32({c(3)})}),
         "b [3] must have the shape of a [T, 4] or of its last dimensions");
    says(infer_error(op, {f32({c(4)}), f32({kT, c(4)})}), "b [T, 4] must have");
    says(infer_error(op, {f32({kT, c(4)}), f32({kR, c(4)})}), "b [R, 4] must have");
    says(infer_error(op, {f32({kT, c(4)}), i32({kT, c(4)})}), "b must be a float tensor");
  }
}

TEST_CASE("swiglu takes two tensors of one type") {
  CHECK(type_of("swiglu", {bf16({kT, c(4)}), bf16({kT, c(4)})}) == "bf16 [T, 4]");
  says(infer_error("swiglu", {f32({kT, c(4)}), bf16({kT, c(4)})}), "the same dtype and shape");
  says(infer_error("swiglu", {f32({kT, c(4)}), f32({kT, c(5)})}), "the same dtype and shape");
}

TEST_CASE("gather_rows") {
  CHECK(type_of("gather_rows", {bf16({kT, c(4)}), i32({kR})}) == "bf16 [R, 4]");
  CHECK(type_of("gather_rows", {f32({kT, c(2), c(4)}), i32({kR})}) == "f32 [R, 2, 4]");
  says(infer_error("gather_rows", {f32({kT}), i32({kR})}), "x must have 2 dimensions");
  says(infer_error("gather_rows", {f32({kT, c(4)}), f32({kR})}), "rows must be i32");
}

TEST_CASE("what an inference answers is checked") {
  OpDef op = {.name = "wrong", .outputs = {"y"}};
  const auto message = [&](std::vector<TensorType> answer) {
    op.infer = [answer](const InferContext&) { return answer; };
    return error_of(ErrorKind::invalid_file, [&] { infer_outputs(op, {}, {}, {}); });
  };
  CHECK(message({f32({c(1)})}).empty());
  says(message({}), "0 types for 1 outputs");
  says(message({f32({c(1)}), f32({c(1)})}), "2 types for 1 outputs");
  says(message({TensorType{}}), "output y has no dtype");
  says(message({TensorType{99, {c(1)}, {}}}), "output y has no dtype");
  says(message({f32(Shape(9, c(1)))}), "more than 8 dimensions");
  says(message({f32({c(0)})}), "not positive");
  says(message({f32({Dim{-1, 1, SIROCCO_SYM_TOKENS}})}), "not positive");
  says(message({f32({c(INT64_MAX), c(2)})}), "overflows 64 bits");
  says(message({f32({c(INT64_MAX)})}), "overflows 64 bits");
}
