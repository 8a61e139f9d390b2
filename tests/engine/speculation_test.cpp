// Verify k, reject, continue must equal straight decoding; so must every way of feeding the tokens.

#include "catch.hpp"

#include <sirocco/error.hpp>

#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

using Rows = std::vector<std::vector<float>>;

Rows straight(Rig& rig, const std::vector<int32_t>& tokens) {
  const SequenceId id = rig.executor().open();
  Rows rows;
  for (int32_t token : tokens) rows.push_back(rig.run(id, {token})[0]);
  rig.executor().close(id);
  return rows;
}

std::vector<int32_t> slice(const std::vector<int32_t>& tokens, size_t begin, size_t n) {
  return {tokens.begin() + static_cast<long>(begin), tokens.begin() + static_cast<long>(begin + n)};
}

}  // namespace

TEST_CASE("verify, reject, continue gives the bits of straight decoding") {
  const std::string model = GENERATE("mistral-swa", "mistral-full", "ministral-interleaved");
  CAPTURE(model);
  Rig rig(kReference, model);
  const std::vector<int32_t> tokens = some_tokens(70);
  const Rows expected = straight(rig, tokens);

  const SequenceId id = rig.executor().open();
  size_t done = 0;
  uint32_t round = 0;
  while (done < tokens.size()) {
    // A draft of which the first part is right and the rest is not.
    const size_t right = std::min<size_t>(1 + round % 5, tokens.size() - done);
    std::vector<int32_t> draft = slice(tokens, done, right);
    const std::vector<int32_t> wrong = some_tokens(round % 7, 99 + round);
    draft.insert(draft.end(), wrong.begin(), wrong.end());
    if (done + draft.size() > 250) break;
    const Rows rows = rig.run(id, draft, static_cast<int64_t>(right));
    for (size_t i = 0; i < right; ++i) REQUIRE(rows[i] == expected[done + i]);
    done += right;
    ++round;
  }
  CHECK(done == tokens.size());
  CHECK(rig.executor().tokens(id).size() == tokens.size());
}

TEST_CASE("sequences in one ragged step do not see each other") {
  Rig rig(kReference);
  const auto a = some_tokens(40, 1), b = some_tokens(23, 2), c = some_tokens(9, 3);
  const Rows only_a = straight(rig, a), only_b = straight(rig, b), only_c = straight(rig, c);

  Executor& executor = rig.executor();
  const SequenceId ids[] = {executor.open(), executor.open(), executor.open()};
  const std::vector<int32_t>* tokens[] = {&a, &b, &c};
  const Rows* expected[] = {&only_a, &only_b, &only_c};
  size_t done[] = {0, 0, 0};
  // Prefill of one beside decode of the others, in changing company.
  for (uint32_t round = 0; done[0] < a.size() || done[1] < b.size() || done[2] < c.size();
       ++round) {
    std::vector<SequenceInput> inputs;
    std::vector<size_t> members;
    static const uint32_t all_rows[] = {0, 1, 2, 3, 4, 5, 6, 7};
    for (size_t s = 0; s < 3; ++s) {
      const size_t n = std::min<size_t>(1 + (round + 3 * s) % 8, tokens[s]->size() - done[s]);
      if (n == 0) continue;
      inputs.push_back({ids[s], {tokens[s]->data() + done[s], n}, {all_rows, n}});
      members.push_back(s);
    }
    executor.step(inputs);
    size_t n_rows = 0;
    for (const auto& input : inputs) n_rows += input.tokens.size();
    const Rows rows = rig.logits(n_rows);
    size_t row = 0;
    for (size_t i = 0; i < inputs.size(); ++i) {
      for (size_t t = 0; t < inputs[i].tokens.size(); ++t, ++row)
        REQUIRE(rows[row] == (*expected[members[i]])[done[members[i]] + t]);
      executor.commit(inputs[i].sequence, inputs[i].tokens.size());
      done[members[i]] += inputs[i].tokens.size();
    }
  }
}

TEST_CASE("truncating further back than a window still holds makes the state again") {
  Rig rig(kReference);
  const auto tokens = some_tokens(60);
  const Rows expected = straight(rig, tokens);
  const SequenceId id = rig.executor().open();
  rig.run(id, slice(tokens, 0, 24));
  rig.run(id, slice(tokens, 24, 24));
  rig.executor().truncate(id, 5);
  CHECK(rig.executor().tokens(id).size() == 5);
  const Rows rows = rig.run(id, slice(tokens, 5, 20));
  for (size_t i = 0; i < rows.size(); ++i) REQUIRE(rows[i] == expected[5 + i]);
}

TEST_CASE("several wanted rows of one sequence come in the order asked for") {
  Rig rig(kReference);
  const auto tokens = some_tokens(10);
  const Rows expected = straight(rig, tokens);
  const SequenceId id = rig.executor().open();
  const uint32_t wanted[] = {1, 4, 9};
  const SequenceInput input{id, tokens, wanted};
  rig.executor().step({&input, 1});
  const Rows rows = rig.logits(3);
  for (size_t i = 0; i < 3; ++i) CHECK(rows[i] == expected[wanted[i]]);
  CHECK(rig.executor().output(0).shape == std::vector<int64_t>{3, 512});
  rig.executor().commit(id, 10);
}

TEST_CASE("a step that makes no sense changes nothing") {
  Rig rig(kReference);
  Executor& executor = rig.executor();
  const auto tokens = some_tokens(12);
  const Rows expected = straight(rig, tokens);
  const SequenceId id = executor.open();
  rig.run(id, slice(tokens, 0, 6));

  const std::vector<int32_t> one = {1}, outside = {512}, negative = {-1}, many = some_tokens(25);
  const uint32_t row = 3;
  const auto step = [&](std::vector<SequenceInput> inputs) { executor.step(inputs); };
  CHECK_THROWS_AS(step({}), Error);
  CHECK_THROWS_AS(step({{id, {}, {}}}), Error);
  CHECK_THROWS_AS(step({{id, one, {}}, {id, one, {}}}), Error);
  CHECK_THROWS_AS(step({{id, one, {&row, 1}}}), Error);
  CHECK_THROWS_AS(step({{id, many, {}}}), Error);
  CHECK_THROWS_AS(step({{SequenceId{7, 1}, one, {}}}), Error);
  CHECK_THROWS_AS(step({{SequenceId{id.index, id.generation + 1}, one, {}}}), Error);
  for (const auto& ids : {outside, negative}) {
    try {
      step({{id, ids, {}}});
      FAIL("an id outside the vocabulary was taken");
    } catch (const Error& e) {
      CHECK(e.kind() == ErrorKind::invalid_file);
    }
  }
  CHECK_THROWS_AS(executor.commit(id, 1), Error);
  CHECK_THROWS_AS(executor.truncate(id, 7), Error);

  const Rows rows = rig.run(id, slice(tokens, 6, 6));
  for (size_t i = 0; i < 6; ++i) CHECK(rows[i] == expected[6 + i]);
}

TEST_CASE("a sequence cannot outgrow the context") {
  ModelOptions wanted;
  wanted.context = 30;
  Rig rig(kReference, "mistral-swa", wanted);
  const SequenceId id = rig.executor().open();
  rig.run(id, some_tokens(24));
  const auto more = some_tokens(7);
  const SequenceInput input{id, more, {}};
  try {
    rig.executor().step({&input, 1});
    FAIL("31 tokens fitted a context of 30");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::invalid_file);
    CHECK(std::string(e.what()).find("context of 30") != std::string::npos);
  }
}

TEST_CASE("pages behind a window are used again") {
  // Three sequences of 250 tokens at once: without reclaiming, the window's group has too few
  // pages.
  ModelOptions wanted;
  Rig rig(kReference, "ministral-interleaved", wanted);
  std::vector<SequenceId> ids;
  for (int s = 0; s < 3; ++s) ids.push_back(rig.executor().open());
  for (size_t g = 0; g < rig.plan().groups().size(); ++g) {
    if (rig.plan().graph().groups[g].window == 0) continue;
    REQUIRE(rig.plan().groups()[g].n_pages < 3 * 250 / rig.plan().graph().groups[g].page_tokens);
  }
  for (int round = 0; round < 10; ++round)
    for (SequenceId id : ids) rig.run(id, some_tokens(24, 5));
  CHECK(rig.executor().tokens(ids[2]).size() == 240);
}
