#include "bench/session.hpp"

#include <sys/resource.h>

#include <algorithm>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "runtime/machine.hpp"

namespace sirocco {

ModelOptions bench_options(const std::vector<BenchCase>& cases, const ResolvedModel& model,
                           ModelOptions options) {
  int64_t longest = 0;
  for (const BenchCase& test : cases) longest = std::max(longest, test.depth + test.length());
  check_context(model, options.context, longest);
  if (!options.context) options.context = longest;
  options.timed = true;
  options.max_seqs = sequences_needed(cases);
  options.max_rows = widest_batch(cases);
  return options;
}

void check_batch(const std::vector<BenchCase>& cases, const Plan& plan) {
  const int64_t widest = widest_batch(cases), most = plan.options().limits.max_tokens;
  if (widest <= most) return;
  throw Error(ErrorKind::usage,
              fmt::format("--batch {}: a step holds {} tokens at most; ask for fewer sequences, or "
                          "raise max_tokens_per_step in the deployment",
                          widest, most));
}

void make_first_token(Executor& executor) {
  const int32_t token = 0;
  const uint32_t row = 0;
  const SequenceId id = executor.open();
  const SequenceInput input{id, {&token, 1}, {&row, 1}};
  executor.step({&input, 1});
  executor.close(id);
}

uint64_t peak_resident_bytes() {
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  return static_cast<uint64_t>(own.ru_maxrss) * 1024;
}

std::unique_ptr<Probe> make_probe(Team& team) {
  const Machine machine = look_at_machine();
  return std::make_unique<Probe>(
      team,
      std::min(machine.memory_available, machine.memory_limit ? machine.memory_limit : UINT64_MAX));
}

}  // namespace sirocco
