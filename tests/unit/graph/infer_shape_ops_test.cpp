// Inference of cast, reshape, slice, concat, mean_pool, top_k and sample.

#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

void says(const std::string& message, const std::string& part) {
  INFO(message);
  CHECK(message.find(part) != std::string::npos);
}

std::vector<Attr> shape(std::vector<int64_t> extents) {
  return {{"shape", std::move(extents)}};
}

std::vector<Attr> range(int64_t axis, int64_t begin, int64_t end) {
  return {{"axis", axis}, {"begin", begin}, {"end", end}};
}

}  // namespace

TEST_CASE("cast") {
  CHECK(type_of("cast", {f32({kT, c(4)})}, {{"dtype", "f16"}}) == "f16 [T, 4]");
  says(infer_error("cast", {i32({kT})}, {{"dtype", "f16"}}), "x must be a float tensor");
  says(infer_error("cast", {f32({kT})}, {{"dtype", "activation"}}), "no float dtype");
  says(infer_error("cast", {f32({kT})}, {{"dtype", "u8"}}), "expected one of");
}

TEST_CASE("reshape regroups rows") {
  CHECK(type_of("reshape", {f32({kT, c(12)})}, shape({3, 4})) == "f32 [T, 3, 4]");
  CHECK(type_of("reshape", {f32({kT, c(3), c(4)})}, shape({-1})) == "f32 [T, 12]");
  CHECK(type_of("reshape", {f32({kT, c(12)})}, shape({-1, 4})) == "f32 [T, 3, 4]");
  const std::vector<TensorType> x = {f32({kT, c(12)})};
  says(infer_error("reshape", x, shape({5})), "rows of 12 elements cannot take a shape of 5");
  says(infer_error("reshape", x, shape({-1, 5})), "cannot take");
  says(infer_error("reshape", x, shape({-1, -1})), "but for one -1");
  says(infer_error("reshape", x, shape({0})), "above 0");
  says(infer_error("reshape", x, shape({-2})), "above 0");
  says(infer_error("reshape", x, shape({})), "1 to 7 extents");
  says(infer_error("reshape", x, shape({1, 1, 1, 1, 1, 1, 1, 12})), "1 to 7 extents");
  says(infer_error("reshape", x, shape({INT64_MAX, 2})), "overflows");
  says(infer_error("reshape", {f32({c(2), kT})}, shape({1})), "depends on the step");
  says(infer_error("reshape", {f32({kT})}, shape({1})), "x must have 2 dimensions");
}

TEST_CASE("slice takes a range of a constant dimension") {
  CHECK(type_of("slice", {f32({kT, c(12)})}, range(1, 4, 12)) == "f32 [T, 8]");
  CHECK(type_of("slice", {bf16({kT, c(12)})}, range(-1, 0, 1)) == "bf16 [T, 1]");
  for (const auto& [begin, end] : {std::pair<int64_t, int64_t>{-1, 3}, {3, 3}, {5, 3}, {0, 13}})
    says(infer_error("slice", {f32({kT, c(12)})}, range(1, begin, end)), "is no part of [0, 12)");
  says(infer_error("slice", {f32({kT, c(12)})}, range(0, 0, 1)), "depends on the step");
  says(infer_error("slice", {f32({kT, c(12)})}, range(2, 0, 1)), "axis 2 lies outside");
  says(infer_error("slice", {f32({kT, c(12)})}, range(-3, 0, 1)), "axis -3 lies outside");
}

TEST_CASE("concat adds up one constant dimension") {
  CHECK(type_of("concat", {f32({kT, c(1)}), f32({kT, c(2)}), f32({kT, c(3)})}) == "f32 [T, 6]");
  CHECK(type_of("concat", {f32({kT, c(1), c(4)}), f32({kT, c(2), c(4)})}, {{"axis", int64_t{1}}}) ==
        "f32 [T, 3, 4]");
  CHECK(type_of("concat", {f32({kT, c(3)})}) == "f32 [T, 3]");
  says(infer_error("concat", {f32({kT, c(1)}), bf16({kT, c(2)})}), "one dtype");
  says(infer_error("concat", {f32({kT, c(1)}), f32({kR, c(2)})}), "one shape but for dimension 1");
  says(infer_error("concat", {f32({kT, c(1)}), f32({c(1)})}), "one number of dimensions");
  says(infer_error("concat", {f32({kT, c(1)}), f32({kT, kT})}), "depends on the step");
  says(infer_error("concat", {f32({kT, c(1)})}, {{"axis", int64_t{0}}}), "depends on the step");
  says(infer_error("concat", {f32({c(INT64_MAX)}), f32({c(1)})}), "overflows");
}

TEST_CASE("mean_pool gives one row a sequence") {
  CHECK(type_of("mean_pool", {bf16({kT, c(4)})}) == "bf16 [S, 4]");
  says(infer_error("mean_pool", {f32({kR, c(4)})}),
       "one row for every token of the step (T), not R");
  says(infer_error("mean_pool", {f32({kT})}), "x must have 2 dimensions");
}

TEST_CASE("top_k gives values and where they are") {
  const auto types = infer(builtin("top_k"), {bf16({kR, c(9)})}, {{"k", int64_t{3}}});
  REQUIRE(types.size() == 2);
  CHECK(types[0].to_string() == "bf16 [R, 3]");
  CHECK(types[1].to_string() == "i32 [R, 3]");
  CHECK(builtin("top_k").outputs == std::vector<std::string>{"values", "indices"});
  says(infer_error("top_k", {f32({kR, c(9)})}, {{"k", int64_t{0}}}), "outside [1, 9]");
  says(infer_error("top_k", {f32({kR, c(9)})}, {{"k", int64_t{10}}}), "outside [1, 9]");
  says(infer_error("top_k", {f32({kR, kT})}, {{"k", int64_t{1}}}), "depends on the step");
  says(infer_error("top_k", {f32({c(int64_t{1} << 32)})}, {{"k", int64_t{1}}}), "do not fit i32");
}

TEST_CASE("sample makes an id of every row") {
  CHECK(type_of("sample", {bf16({kR, c(9)}), i32({kR, c(12)})}) == "i32 [R]");
  CHECK(type_of("sample", {f32({kR, c(9)}), i32({kR, c(20)})}) == "i32 [R]");
  says(infer_error("sample", {i32({kR, c(9)}), i32({kR, c(12)})}), "logits must be a float");
  says(infer_error("sample", {f32({kR, c(9)}), f32({kR, c(12)})}), "settings must be i32");
  says(infer_error("sample", {f32({kR, c(9)}), i32({kR, c(11)})}), "at least 12 elements");
  says(infer_error("sample", {f32({kT, c(9)}), i32({kR, c(12)})}), "as many rows");
}
