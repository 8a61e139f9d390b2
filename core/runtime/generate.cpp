#include "runtime/generate.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

using Clock = std::chrono::steady_clock;

uint64_t nanoseconds(Clock::time_point begin, Clock::time_point end) {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(end - begin).count());
}

size_t find_logits(const Plan& plan) {
  for (size_t o = 0; o < plan.graph().outputs.size(); ++o)
    if (plan.outputs()[o].name == "logits") return o;
  throw Error(ErrorKind::invalid_file,
              "the model has no output 'logits', so it cannot generate text");
}

/// Keeps one sequence open for as long as it is used.
class OpenSequence {
 public:
  explicit OpenSequence(Executor& executor) : executor_(executor), id_(executor.open()) {}
  ~OpenSequence() { executor_.close(id_); }
  OpenSequence(const OpenSequence&) = delete;
  OpenSequence& operator=(const OpenSequence&) = delete;

  /// Runs tokens in steps the plan allows; the logits of the last are wanted.
  void feed(std::span<const int32_t> tokens) {
    const auto most = static_cast<size_t>(executor_.plan().options().limits.max_tokens);
    while (!tokens.empty()) {
      const size_t n = std::min(most, tokens.size());
      const uint32_t last = static_cast<uint32_t>(n) - 1;
      const bool wanted = n == tokens.size();
      const SequenceInput input{id_, tokens.first(n), {&last, wanted ? size_t{1} : size_t{0}}};
      executor_.step({&input, 1});
      executor_.commit(id_, n);
      tokens = tokens.subspan(n);
    }
  }

  size_t length() const { return executor_.tokens(id_).size(); }

 private:
  Executor& executor_;
  SequenceId id_;
};

}  // namespace

GenerateResult generate_greedy(Executor& executor, std::span<const int32_t> prompt,
                               const GenerateOptions& options,
                               const std::function<bool(int32_t token)>& emit) {
  const size_t logits = find_logits(executor.plan());
  const auto context = static_cast<size_t>(executor.plan().options().limits.max_context);
  if (prompt.empty()) throw Error(ErrorKind::invalid_file, "the prompt has no tokens");
  if (prompt.size() > context) {
    throw Error(ErrorKind::invalid_file, fmt::format("the prompt's {} tokens exceed the context of "
                                                     "{}",
                                                     prompt.size(), context));
  }
  GenerateResult result;
  result.n_prompt = prompt.size();
  OpenSequence sequence(executor);
  std::vector<float> scores;
  const auto start = Clock::now();
  sequence.feed(prompt);
  const auto prefilled = Clock::now();
  while (result.n_generated < options.max_tokens) {
    const OutputView& view = executor.output(logits);
    scores.resize(static_cast<size_t>(view.shape.back()));
    view.to_f32(0, view.shape.back(), scores.data());
    const auto token = static_cast<int32_t>(std::ranges::max_element(scores) - scores.begin());
    if (std::ranges::find(options.stop_ids, token) != options.stop_ids.end()) {
      result.reason = StopReason::stop_token;
      break;
    }
    ++result.n_generated;
    if (!emit(token)) {
      result.reason = StopReason::cancelled;
      break;
    }
    if (result.n_generated == options.max_tokens) break;
    if (sequence.length() == context) {
      result.reason = StopReason::context;
      break;
    }
    sequence.feed({&token, 1});
  }
  result.prefill_ns = nanoseconds(start, prefilled);
  result.decode_ns = nanoseconds(prefilled, Clock::now());
  return result;
}

}  // namespace sirocco
