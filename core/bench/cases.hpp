#pragma once
// What is measured: cases, their names, and how a command line asks for them.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sirocco {

/// One thing that is measured, in the field's terms: `pp512` is the reading of 512 tokens, `tg64`
/// the making of 64, one by one, `pp512+tg64` the one after the other as one figure; `b8` says that
/// eight sequences are made together, `@ d4096` that each holds 4096 tokens before.
struct BenchCase {
  int64_t n_prompt = 0;
  int64_t n_gen = 0;
  int64_t depth = 0;
  int64_t batch = 1;

  std::string label() const;
  /// Tokens of one sequence that are measured.
  int64_t length() const { return n_prompt + n_gen; }
};

/// "1,8,64", "128-512+128" and "1-8*2" (ranges with a step or a factor), also mixed. Throws
/// Error(usage) that names the flag.
std::vector<int64_t> parse_sizes(const std::string& text, const std::string& flag, int64_t least);
/// "512,128": a prompt's length and how many tokens are made after it, both at least 1. Throws
/// Error(usage) that names the flag.
std::pair<int64_t, int64_t> parse_prompt_and_gen(const std::string& text, const std::string& flag);

/// Of which the cases are every combination.
struct BenchMatrix {
  std::vector<int64_t> prompts;                               ///< 0: none
  std::vector<int64_t> generates;                             ///< 0: none
  std::vector<std::pair<int64_t, int64_t>> prompts_and_gens;  ///< one case each
  std::vector<int64_t> depths = {0};
  std::vector<int64_t> batches = {1};  ///< of what is made only: a prompt is read by itself
};

/// By depth: prompts, generation by batch, then both together. Throws Error(usage) where nothing is
/// left to measure.
std::vector<BenchCase> bench_cases(const BenchMatrix& matrix);

/// Sequences that are open at the same time while these cases run in turn: at each depth as many as
/// its largest batch.
int64_t sequences_needed(const std::vector<BenchCase>& cases);
/// Sequences of one step at most.
int64_t widest_batch(const std::vector<BenchCase>& cases);

}  // namespace sirocco
