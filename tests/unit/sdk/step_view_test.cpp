#include <functional>

#include "backend_harness.hpp"
#include "catch.hpp"

#include <sirocco/sdk/step_view.hpp>

using harness::Step;
using sirocco::sdk::StatusError;
using sirocco::sdk::StepView;

namespace {

constexpr sirocco_limits kLimits{sizeof kLimits, 16, 4, 8, 32};

/// Two sequences, three null tokens, a null sequence and a null row.
Step sample() {
  return Step({{6, 2, {3, 1}}, {0, 3, {2}}}, 4, {1, 4}, {8, 3, 3});
}

StepView view_of(const Step& step) {
  return {step.ints().data(), step.ints().size()};
}

void check_all(const Step& step) {
  const StepView view = view_of(step);
  view.check(kLimits);
  view.check_paged(0, 4, 6);
}

void check_broken(const std::function<void(Step&)>& change) {
  Step step = sample();
  change(step);
  REQUIRE_THROWS_AS(check_all(step), StatusError);
}

}  // namespace

TEST_CASE("a step's lists") {
  const Step step = sample();
  REQUIRE_NOTHROW(check_all(step));
  const StepView view = view_of(step);
  REQUIRE(view.n_tokens() == 8);
  REQUIRE(view.live_tokens() == 5);
  REQUIRE(view.n_seqs() == 3);
  REQUIRE(view.live_seqs() == 2);
  REQUIRE(view.n_rows() == 3);
  REQUIRE(view.live_rows() == 2);
  REQUIRE(view.cu_seqlens().size() == 4);
  REQUIRE(view.cu_seqlens()[1] == 2);
  REQUIRE(view.kv_lens()[0] == 8);
  REQUIRE(view.positions()[1] == 7);
  REQUIRE(view.index_in_sequence(1) == 7);
  REQUIRE(view.index_in_sequence(2) == 0);
  REQUIRE(view.seq_of_token()[5] == -1);
  REQUIRE(view.block_table(0, 0)[1] == 1);
  REQUIRE(view.slots(0)[0] == 1 * 4 + 2);
  REQUIRE(view.slots(0)[7] == -1);
  REQUIRE(view.wanted()[1] == 4);
  REQUIRE_THROWS_AS(view.slots(1), StatusError);
}

TEST_CASE("a header that lies is refused before anything is read") {
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_LAYOUT] = 2; });
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_SIZE] += 1; });
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_SIZE] = -1; });
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_N_TOKENS] = -1; });
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_N_TOKENS] = INT32_MAX; });
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_LIVE_TOKENS] = 9; });
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_LIVE_SEQS] = 4; });
  check_broken([](Step& s) { s.ints()[SIROCCO_STEP_N_GROUPS] = 1 << 20; });
  for (int field = SIROCCO_STEP_OFF_TOKENS; field <= SIROCCO_STEP_OFF_SEQ_OF_TOKEN; ++field) {
    check_broken([&](Step& s) { s.ints()[static_cast<size_t>(field)] = INT32_MAX; });
    check_broken([&](Step& s) { s.ints()[static_cast<size_t>(field)] = -4; });
  }
  REQUIRE_THROWS_AS(StepView(nullptr, 100), StatusError);
  const Step step = sample();
  REQUIRE_THROWS_AS(StepView(step.ints().data(), 10), StatusError);
}

TEST_CASE("numbers that contradict each other are refused") {
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_CU_SEQLENS)[0] = 1; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_CU_SEQLENS)[1] = 6; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_CU_SEQLENS)[1] = -1; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_CU_SEQLENS)[3] = 8; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_KV_LENS)[0] = 1; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_KV_LENS)[0] = 33; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_SEQ_OF_TOKEN)[0] = 1; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_SEQ_OF_TOKEN)[6] = 0; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_POSITIONS)[0] = -1; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_WANTED)[0] = 8; });
  check_broken([](Step& s) { s.list(SIROCCO_STEP_OFF_WANTED)[2] = -1; });
}

TEST_CASE("slots and pages outside the store are refused") {
  check_broken([](Step& s) { s.slots()[0] = 24; });
  check_broken([](Step& s) { s.slots()[0] = -1; });
  check_broken([](Step& s) { s.slots()[0] = -2; });
  check_broken([](Step& s) { s.slots()[7] = 0; });
  check_broken([](Step& s) { s.table()[0] = 6; });
  check_broken([](Step& s) { s.table()[1] = -2; });
  check_broken([](Step& s) { s.ints()[int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_STRIDE] = 1; });
  check_broken(
      [](Step& s) { s.ints()[int{SIROCCO_STEP_HEADER} + SIROCCO_STEP_GROUP_STRIDE] = -1; });
}

TEST_CASE("a step larger than the limits is refused") {
  const Step step = sample();
  for (const sirocco_limits& limits :
       {sirocco_limits{sizeof kLimits, 7, 4, 8, 32}, sirocco_limits{sizeof kLimits, 16, 2, 8, 32},
        sirocco_limits{sizeof kLimits, 16, 4, 2, 32}, sirocco_limits{sizeof kLimits, 16, 4, 8, 7}})
    REQUIRE_THROWS_AS(view_of(step).check(limits), StatusError);
}
