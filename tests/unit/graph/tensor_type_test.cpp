#include "catch.hpp"
#include "graph_builders.hpp"

using namespace sirocco;
using namespace sirocco::test;

TEST_CASE("dims read as they are written and follow the step") {
  const Extents extents{.tokens = 7, .seqs = 3, .rows = 2};
  CHECK(c(4096).to_string() == "4096");
  CHECK(kT.to_string() == "T");
  CHECK(Dim{1, 2, SIROCCO_SYM_ROWS}.to_string() == "2*R+1");
  CHECK(Dim{-1, 1, SIROCCO_SYM_SEQS}.to_string() == "S-1");
  CHECK(c(4096).at(extents) == 4096);
  CHECK(kT.at(extents) == 7);
  CHECK(kS.at(extents) == 3);
  CHECK((Dim{1, 2, SIROCCO_SYM_ROWS}.at(extents)) == 5);
}

TEST_CASE("dims refuse to overflow or to turn negative") {
  const Extents huge{.tokens = INT64_MAX};
  CHECK_THROWS_AS((Dim{0, 2, SIROCCO_SYM_TOKENS}.at(huge)), Error);
  CHECK_THROWS_AS((Dim{1, 1, SIROCCO_SYM_TOKENS}.at(huge)), Error);
  CHECK_THROWS_AS((Dim{-2, 1, SIROCCO_SYM_TOKENS}.at({})), Error);
  CHECK_THROWS_AS(c(-1).at({}), Error);
}

TEST_CASE("sizes of tensors") {
  CHECK(f32({}).elements({}) == 1);
  CHECK(f32({kT, c(8)}).elements({.tokens = 3}) == 24);
  CHECK(f32({kT, c(8)}).bytes({.tokens = 3}) == 96);
  CHECK(bf16({c(5)}).bytes({}) == 10);
  CHECK(f32({c(0), c(8)}).bytes({}) == 0);
}

TEST_CASE("sizes of tensors are checked") {
  const int64_t big = int64_t{1} << 32;
  CHECK_THROWS_AS(f32({c(big), c(big)}).elements({}), Error);
  CHECK_THROWS_AS(f32({c(INT64_MAX)}).bytes({}), Error);
  CHECK_THROWS_AS(TensorType{}.bytes({}), Error);
  const std::string message = error_of(ErrorKind::invalid_file, [&] {
    f32({c(big), c(big)}).elements({});
  });
  CHECK(message.find("f32 [4294967296, 4294967296]") != std::string::npos);
}

TEST_CASE("block-quantised tensors have the bytes of their blocks") {
  const Quant quant{.scheme = "q4_0", .block_elements = 32, .block_bytes = 18};
  const TensorType type{SIROCCO_DTYPE_BLOCK, {c(3), c(64)}, quant};
  CHECK(type.bytes({}) == 3 * 2 * 18);
  CHECK(type.to_string() == "q4_0 [3, 64]");
  CHECK_THROWS_AS((TensorType{SIROCCO_DTYPE_BLOCK, {c(3), c(65)}, quant}.bytes({})), Error);
  CHECK_THROWS_AS((TensorType{SIROCCO_DTYPE_BLOCK, {c(3), c(64)}, {}}.bytes({})), Error);
  CHECK_THROWS_AS((TensorType{SIROCCO_DTYPE_BLOCK, {c(64)}, Quant{.scheme = "empty"}}.bytes({})),
                  Error);
}

TEST_CASE("dtypes by name and back") {
  for (sirocco_dtype dtype = SIROCCO_DTYPE_F32; dtype <= SIROCCO_DTYPE_BLOCK; ++dtype)
    CHECK(dtype_from_name(dtype_name(dtype)) == dtype);
  CHECK(dtype_from_name("none") == SIROCCO_DTYPE_NONE);
  CHECK(dtype_from_name("F32") == SIROCCO_DTYPE_NONE);
  CHECK(std::string(dtype_name(-1)) == "none");
  CHECK(std::string(dtype_name(999)) == "none");
  CHECK(dtype_bytes(SIROCCO_DTYPE_F64) == 8);
  CHECK(dtype_bytes(SIROCCO_DTYPE_BLOCK) == 0);
  CHECK(dtype_bytes(999) == 0);
  CHECK(is_float(SIROCCO_DTYPE_F16));
  CHECK_FALSE(is_float(SIROCCO_DTYPE_I32));
}

TEST_CASE("products and sums of extents are checked") {
  CHECK(checked_product(3, 4) == 12);
  CHECK(checked_product(0, INT64_MAX) == 0);
  CHECK_FALSE(checked_product(INT64_MAX, 2));
  CHECK_FALSE(checked_product(-1, 2));
  CHECK(checked_sum(3, 4) == 7);
  CHECK_FALSE(checked_sum(INT64_MAX, 1));
  CHECK_FALSE(checked_sum(3, -1));
}

TEST_CASE("places read as editors expect them") {
  CHECK(Place{"m.yaml", 3, 5}.to_string() == "m.yaml:3:5");
  CHECK(Place{"m.yaml", 3, 0}.to_string() == "m.yaml:3");
  CHECK(Place{"m.yaml", 0, 0}.to_string() == "m.yaml");
}
