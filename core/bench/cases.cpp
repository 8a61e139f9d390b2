#include "bench/cases.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

constexpr size_t kMostSizes = 1000;
constexpr int64_t kMostSize = 1 << 24;

/// Reads a flag's text from left to right.
class SizeReader {
 public:
  SizeReader(const std::string& text, const std::string& flag, const char* expected)
      : text_(text),
        flag_(flag),
        expected_(expected),
        at_(text.data()),
        end_(text.data() + text.size()) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorKind::usage,
                fmt::format("{} {}: {}; expected {}", flag_, text_, why, expected_));
  }

  int64_t number() {
    int64_t value = 0;
    const auto [next, problem] = std::from_chars(at_, end_, value);
    if (problem != std::errc() || next == at_)
      refuse("not a number at '" + std::string(at_, end_) + "'");
    at_ = next;
    return value;
  }

  bool at_end() const { return at_ == end_; }
  bool skip(char wanted) {
    if (at_end() || *at_ != wanted) return false;
    ++at_;
    return true;
  }

 private:
  const std::string& text_;
  const std::string& flag_;
  const char* expected_;
  const char* at_;
  const char* end_;
};

}  // namespace

std::string BenchCase::label() const {
  std::string text;
  if (n_prompt) text += fmt::format("pp{}", n_prompt);
  if (n_gen) text += fmt::format("{}tg{}", n_prompt ? "+" : "", n_gen);
  if (batch > 1) text += fmt::format(" b{}", batch);
  if (depth) text += fmt::format(" @ d{}", depth);
  return text;
}

std::vector<int64_t> parse_sizes(const std::string& text, const std::string& flag, int64_t least) {
  SizeReader reader(text, flag, "sizes such as 512, 128,512, 128-512+128 or 1-8*2");
  std::vector<int64_t> sizes;
  for (;;) {
    const int64_t first = reader.number();
    int64_t last = first, step = 1;
    bool factor = false;
    if (reader.skip('-')) {
      last = reader.number();
      factor = reader.skip('*');
      if (!factor && !reader.skip('+')) reader.refuse("a range needs a step (+N) or factor (*N)");
      step = reader.number();
    }
    if (first < least || last < first || last > kMostSize)
      reader.refuse(
          fmt::format("sizes lie between {} and {}, the smaller first", least, kMostSize));
    if (step < (factor ? 2 : 1) || (factor && first == 0)) reader.refuse("that step goes nowhere");
    for (int64_t size = first; size <= last; size = factor ? size * step : size + step) {
      if (sizes.size() == kMostSizes) reader.refuse("too many sizes");
      sizes.push_back(size);
    }
    if (reader.at_end()) return sizes;
    if (!reader.skip(',')) reader.refuse("a comma is missing");
  }
}

std::pair<int64_t, int64_t> parse_prompt_and_gen(const std::string& text, const std::string& flag) {
  SizeReader reader(text, flag,
                    "a prompt's length and a number of tokens to make, such as 512,128");
  const int64_t prompt = reader.number();
  if (!reader.skip(',')) reader.refuse("a comma is missing");
  const int64_t gen = reader.number();
  if (!reader.at_end()) reader.refuse("there is more than two numbers");
  if (std::min(prompt, gen) < 1 || std::max(prompt, gen) > kMostSize)
    reader.refuse(fmt::format("sizes lie between 1 and {}", kMostSize));
  return {prompt, gen};
}

std::vector<BenchCase> bench_cases(const BenchMatrix& matrix) {
  std::vector<BenchCase> cases;
  for (const int64_t depth : matrix.depths) {
    for (const int64_t n : matrix.prompts)
      if (n) cases.push_back({n, 0, depth, 1});
    for (const int64_t n : matrix.generates)
      for (const int64_t batch : matrix.batches)
        if (n) cases.push_back({0, n, depth, batch});
    for (const auto& [prompt, gen] : matrix.prompts_and_gens)
      cases.push_back({prompt, gen, depth, 1});
  }
  if (cases.empty()) throw Error(ErrorKind::usage, "-p 0 and -n 0 leave nothing to measure");
  return cases;
}

int64_t sequences_needed(const std::vector<BenchCase>& cases) {
  std::map<int64_t, int64_t> most;  // by depth
  for (const BenchCase& test : cases) most[test.depth] = std::max(most[test.depth], test.batch);
  int64_t sum = 0;
  for (const auto& [depth, batch] : most) sum += batch;
  return sum;
}

int64_t widest_batch(const std::vector<BenchCase>& cases) {
  int64_t widest = 1;
  for (const BenchCase& test : cases) widest = std::max(widest, test.batch);
  return widest;
}

}  // namespace sirocco
