#include "eval/evaluation.hpp"

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {

Evaluation evaluate(Executor& executor, const Windows& windows, const WindowRule& rule,
                    int64_t chunk, BaseReader* base, BaseWriter* save,
                    const std::function<void(size_t, size_t)>& progress) {
  std::vector<double> log_ps;
  std::vector<RowComparison> comparisons;
  const auto score = [&](int32_t observed, std::span<const float> logits) {
    if (!base) return log_ps.push_back(log_probability(logits, observed));
    comparisons.push_back(compare_rows(base->next(), logits, observed));
    log_ps.push_back(comparisons.back().log_p);
  };
  const auto scored = [&](size_t window, size_t position, std::span<const float> logits) {
    try {
      score(windows.tokens[window][position], logits);
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::invalid_file) throw;  // the base's, which names its own place
      throw Error(e.kind(), fmt::format("window {}, token {}: {}", window, position, e.what()));
    }
    if (save) save->add(logits);
  };
  run_windows(executor, windows, rule, chunk, scored, progress);
  Evaluation result;
  result.scored = log_ps.size();
  result.ppl = perplexity_of(log_ps);
  if (base) result.comparison = summarise(comparisons);
  const auto n = static_cast<size_t>(rule.scored());
  for (size_t at = 0; at < log_ps.size(); at += n) {
    WindowResult& window = result.windows.emplace_back();
    window.ppl = perplexity_of(std::span(log_ps).subspan(at, n));
    if (base) window.comparison = summarise(std::span(comparisons).subspan(at, n));
  }
  return result;
}

int64_t logits_width(const Plan& plan) {
  const ValueId value = plan.outputs()[find_logits(plan, "be scored")].value;
  return plan.graph().values[value].type.shape.back().base;
}

}  // namespace sirocco
