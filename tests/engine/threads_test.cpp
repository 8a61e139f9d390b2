// A backend computes on the host's team and starts no threads of its own, whatever its libraries
// do.

#include <filesystem>

#include "catch.hpp"

#include "golden_model.hpp"

using namespace sirocco;
using namespace sirocco::test;

namespace {

size_t threads_of_this_process() {
  size_t n = 0;
  for ([[maybe_unused]] const auto& task : std::filesystem::directory_iterator("/proc/self/task"))
    ++n;
  return n;
}

}  // namespace

TEST_CASE("a step of many rows and a step of one leave the threads as they were") {
  const size_t before = threads_of_this_process();
  Rig rig("sirocco: deployment/1\nthreads: 2\nbackends:\n  - name: cpu-onednn\n", "mistral-swa");
  Executor& executor = rig.executor();
  const SequenceId id = executor.open();
  const auto tokens = some_tokens(24);
  const uint32_t last = 0;
  const SequenceInput prompt{id, tokens, {}};
  executor.step({&prompt, 1});
  executor.commit(id, tokens.size());
  const SequenceInput next{id, {tokens.data(), 1}, {&last, 1}};
  executor.step({&next, 1});
  executor.commit(id, 1);
  // The caller is a thread of the team.
  CHECK(threads_of_this_process() == before + 1);
}
