#include "eval/base_file.hpp"

#include <cmath>

#include <sirocco/error.hpp>

#include "catch.hpp"
#include "eval/checksum.hpp"
#include "eval/logit_rows.hpp"
#include "unit/weights/weights_files.hpp"

using namespace sirocco;
using weights_test::read_file;
using weights_test::TempDir;
using weights_test::write_file;

namespace {

constexpr int64_t kVocab = 50;
const WindowRule kRule{.size = 6};  // two tokens are scored
const Windows kWindows{{{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}}, 0};

std::vector<float> row(size_t index) {
  std::vector<float> logits;
  for (int64_t i = 0; i < kVocab; ++i)
    logits.push_back(8 * std::sin(static_cast<float>(i * 7 + static_cast<int64_t>(index) * 13)));
  return logits;
}

BaseHeader header(sirocco_dtype dtype) {
  return {kVocab, dtype, kRule.size, kRule.stride, 2, 2, tokens_digest(kWindows), "a model"};
}

std::filesystem::path write_base(const TempDir& folder, sirocco_dtype dtype) {
  auto path = folder / "it.base";
  BaseWriter writer(path, header(dtype));
  for (size_t i = 0; i < 4; ++i) writer.add(row(i));
  writer.commit();
  return path;
}

/// What is said of the file when it is opened and read to its end.
std::string refused(const std::filesystem::path& path) {
  try {
    BaseReader reader(path);
    for (uint64_t i = 0; i < reader.header().rows(); ++i) reader.next();
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::invalid_file);
    CHECK(std::string(e.what()).find(path.string()) == 0);
    return e.what();
  }
  return "accepted";
}

bool says(const std::string& message, const std::string& words) {
  INFO(message);
  return message.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("rows come back as log-probabilities, and f16 costs next to nothing") {
  const TempDir folder;
  const sirocco_dtype dtype = GENERATE(true, false) ? SIROCCO_DTYPE_F16 : SIROCCO_DTYPE_F32;
  BaseReader reader(write_base(folder, dtype));
  CHECK(reader.header().vocab == kVocab);
  CHECK(reader.header().dtype == dtype);
  CHECK(reader.header().made_from == "a model");
  reader.check(kWindows, kRule, kVocab);
  for (size_t i = 0; i < 4; ++i) {
    const std::span<const float> read = reader.next();
    const double lost = compare_rows(read, row(i), 3).kl;
    CHECK(std::abs(lost) < (dtype == SIROCCO_DTYPE_F16 ? 1e-6 : 1e-12));
    CHECK(read[3] == Approx(log_probability(row(i), 3)).epsilon(1e-3));
  }
  CHECK_THROWS_AS(reader.next(), Error);
  CHECK(folder.entries() == 1);
}

TEST_CASE("a base that was not finished leaves nothing") {
  const TempDir folder;
  {
    BaseWriter writer(folder / "it.base", header(SIROCCO_DTYPE_F16));
    writer.add(row(0));
    CHECK_THROWS_AS(writer.commit(), Error);
    CHECK_THROWS_AS(writer.add(std::vector<float>(3)), Error);
  }
  CHECK(folder.entries() == 0);
}

TEST_CASE("another text, model or cut is told from the base's") {
  const TempDir folder;
  const BaseReader reader(write_base(folder, SIROCCO_DTYPE_F16));
  const auto differs = [&](const Windows& windows, const WindowRule& rule, int64_t vocab) {
    try {
      reader.check(windows, rule, vocab);
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::invalid_file);
      CHECK(says(e.what(), "made from a model"));
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  Windows other = kWindows;
  other.tokens[1][5] = 13;
  CHECK(says(differs(other, kRule, kVocab), "tokens are others"));
  other.tokens.pop_back();
  CHECK(says(differs(other, kRule, kVocab), "2 windows"));
  CHECK(says(differs(kWindows, kRule, 49), "50 tokens"));
  CHECK(says(differs(kWindows, {.size = 8}, kVocab), "6 tokens"));
  CHECK(says(differs(kWindows, {.size = 6, .stride = 2}, kVocab), "scored"));
}

TEST_CASE("every damage is found, with its place") {
  const TempDir folder;
  const auto path = write_base(folder, SIROCCO_DTYPE_F16);
  const std::string good = read_file(path);
  const auto damaged = [&](const std::string& bytes) {
    write_file(path, bytes);
    return refused(path);
  };
  CHECK(damaged(good) == "accepted");
  CHECK(says(damaged(""), "no base"));
  CHECK(says(damaged("{\"a\": 1} and so on, long enough"), "no base"));
  CHECK(says(damaged(good.substr(0, 20)), "cut"));
  CHECK(says(damaged(good.substr(0, good.size() - 1)), "bytes"));
  CHECK(says(damaged(good + "x"), "bytes"));
  std::string version = good;
  version[7] = 2;
  CHECK(says(damaged(version), "version 2"));
  // No byte may change unseen.
  for (size_t at = 0; at < good.size(); ++at) {
    std::string changed = good;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    INFO("byte " << at);
    CHECK(damaged(changed) != "accepted");
  }
}

TEST_CASE("a header whose checksum is right is not believed either") {
  const TempDir folder;
  const auto path = folder / "it.base";
  const std::string fields = R"("tokens":"x","from":"y")";
  const auto with_header = [&](const std::string& text) {
    write_file(path, std::string("SIRBASE\x01") + weights_test::little_endian_u64(text.size()) +
                         text +
                         weights_test::little_endian_u64(fnv1a(std::as_bytes(std::span(text)))));
    return refused(path);
  };
  const auto sizes = [&](const std::string& more) {
    return with_header("{" + more + fields + "}");
  };
  CHECK(says(with_header("{"), "cannot be read"));
  CHECK(says(with_header("[]"), "cannot be read"));
  CHECK(says(sizes(""), "vocab"));
  const std::string good = R"("dtype":"f32","window":8,"stride":null,"windows":2,"scored":3,)";
  CHECK(says(sizes(R"("vocab":"many",)" + good), "cannot be read"));
  CHECK(says(sizes(R"("vocab":0,)" + good), "vocab is 0"));
  CHECK(says(sizes(R"("vocab":-7,)" + good), "vocab is -7"));
  CHECK(says(sizes(R"("vocab":99999999999,)" + good), "vocab is 99999999999"));
  CHECK(says(sizes(R"("vocab":9,)" + good), "bytes"));
  CHECK(says(sizes(R"("vocab":9,"dtype":"bf16","window":8,"stride":null,"windows":2,"scored":3,)"),
             "neither f16 nor f32"));
  CHECK(says(sizes(R"("vocab":9,"dtype":"f16","window":8,"stride":null,"windows":2,"scored":4,)"),
             "contradict"));
  CHECK(says(sizes(R"("vocab":9,"dtype":"f16","window":8,"stride":9,"windows":2,"scored":1,)"),
             "contradict"));
  CHECK(says(sizes(R"("vocab":2147483648,"dtype":"f32","window":2147483648,"stride":null,)"
                   R"("windows":2147483648,"scored":1073741823,)"),
             "too many rows"));
}
