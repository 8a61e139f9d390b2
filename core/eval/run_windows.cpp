#include "eval/run_windows.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// A sequence that is closed whatever happens.
class OpenSequence {
 public:
  explicit OpenSequence(Executor& executor) : executor_(executor), id_(executor.open()) {}
  ~OpenSequence() { executor_.close(id_); }
  OpenSequence(const OpenSequence&) = delete;
  OpenSequence& operator=(const OpenSequence&) = delete;
  SequenceId id() const { return id_; }

 private:
  Executor& executor_;
  SequenceId id_;
};

}  // namespace

StepLimits window_limits(const WindowRule& rule, int64_t chunk) {
  const int64_t tokens = std::min(chunk, rule.size);
  return {tokens, 1, std::min(tokens, rule.scored()), rule.size};
}

void run_windows(Executor& executor, const Windows& windows, const WindowRule& rule, int64_t chunk,
                 const ScoredRow& row, const std::function<void(size_t, size_t)>& progress) {
  const size_t output = find_logits(executor.plan(), "be scored");
  check_ids(windows.tokens, executor.vocab_size(), "window");
  const size_t size = windows.tokens[0].size(), total = windows.tokens.size() * size;
  const auto first_row = static_cast<size_t>(rule.first_scored() - 1);
  std::vector<float> logits;
  std::vector<uint32_t> wanted;
  for (size_t w = 0; w < windows.tokens.size(); ++w) {
    const std::span<const int32_t> tokens = windows.tokens[w];
    const OpenSequence sequence(executor);
    // The last token predicts what lies outside the window, so it need not be run.
    for (size_t done = 0; done + 1 < size;) {
      const size_t n = std::min(static_cast<size_t>(chunk), size - 1 - done);
      wanted.clear();
      for (size_t i = 0; i < n; ++i)
        if (done + i >= first_row) wanted.push_back(static_cast<uint32_t>(i));
      const SequenceInput input{sequence.id(), tokens.subspan(done, n), wanted};
      executor.step({&input, 1});
      if (!wanted.empty()) {
        const OutputView& view = executor.output(output);
        const int64_t vocab = view.shape.back();
        logits.resize(static_cast<size_t>(vocab));
        for (size_t r = 0; r < wanted.size(); ++r) {
          view.to_f32(static_cast<int64_t>(r) * vocab, vocab, logits.data());
          row(w, done + wanted[r] + 1, logits);
        }
      }
      executor.commit(sequence.id(), n);
      done += n;
      progress(w * size + done, total);
    }
  }
}

}  // namespace sirocco
