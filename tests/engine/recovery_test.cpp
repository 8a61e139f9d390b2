// A failed execute loses state, never tokens: the next step makes the state again.

#include "catch.hpp"

#include <sirocco/error.hpp>

#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

/// Every layer-1 node behind the faulty layer; the execute `fail_at` of that backend fails.
std::string faulty_deployment(int fail_at) {
  const auto plugins = build_dir() / "lib/sirocco/plugins";
  return "sirocco: deployment/1\n"
         "plugins:\n"
         "  paths:\n"
         "    - " +
         (build_dir() / "tests/plugins").string() +
         "\n"
         "backends:\n"
         "  - name: reference\n"
         "  - name: faulty\n"
         "    options:\n"
         "      target: " +
         (plugins / "reference.so").string() +
         "\n"
         "      fail_at: \"" +
         std::to_string(fail_at) +
         "\"\n"
         "placement:\n"
         "  - layers: 1\n"
         "    backend: faulty\n";
}

std::vector<int32_t> slice(const std::vector<int32_t>& tokens, size_t begin, size_t n) {
  return {tokens.begin() + static_cast<long>(begin), tokens.begin() + static_cast<long>(begin + n)};
}

}  // namespace

TEST_CASE("a failed execute in the middle is recovered by prefilling again") {
  const auto tokens = some_tokens(80), others = some_tokens(20, 8);
  Rig plain(kReference);
  Rig faulty(faulty_deployment(5));
  const auto feed = [&](Rig& rig, SequenceId a, SequenceId b, bool expect_failure) {
    std::vector<std::vector<float>> rows;
    bool failed = false;
    // Longer than the window, so that making the state again takes several steps.
    for (size_t at = 0; at < tokens.size(); at += 20) {
      const auto keep = [&](SequenceId id, const std::vector<int32_t>& part) {
        const auto got = rig.run(id, part);
        rows.insert(rows.end(), got.begin(), got.end());
      };
      const auto attempt = [&](SequenceId id, const std::vector<int32_t>& part) {
        try {
          keep(id, part);
        } catch (const Error& e) {
          CHECK(e.kind() == ErrorKind::plugin);
          CHECK(std::string(e.what()).find("failed on purpose") != std::string::npos);
          CHECK_FALSE(failed);
          failed = true;
          keep(id, part);
        }
      };
      attempt(a, slice(tokens, at, 20));
      attempt(b, slice(others, at / 4, 5));
    }
    CHECK(failed == expect_failure);
    return rows;
  };
  const auto expected = feed(plain, plain.executor().open(), plain.executor().open(), false);
  const auto got = feed(faulty, faulty.executor().open(), faulty.executor().open(), true);
  CHECK(got == expected);
}

TEST_CASE("a failure while another sequence has tokens pending loses neither") {
  const auto tokens = some_tokens(30);
  Rig plain(kReference);
  const SequenceId straight = plain.executor().open();
  plain.run(straight, slice(tokens, 0, 12));
  const auto expected = plain.run(straight, slice(tokens, 12, 10));

  Rig faulty(faulty_deployment(3));
  Executor& executor = faulty.executor();
  const SequenceId a = executor.open(), b = executor.open();
  faulty.run(a, slice(tokens, 0, 8));
  const auto pending = slice(tokens, 8, 4);
  const SequenceInput step_a{a, pending, {}};
  executor.step({&step_a, 1});
  CHECK_THROWS_AS(faulty.run(b, slice(tokens, 0, 3)), Error);
  executor.commit(a, 4);
  CHECK(faulty.run(a, slice(tokens, 12, 10)) == expected);
}
