#pragma once
// What one backend made at every value of a model, step by step, kept in a file for others to be
// held against.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "exec/executor.hpp"
#include "weights/safetensors.hpp"

namespace sirocco {

/// The tokens of one sequence, and how they are fed: the first `n_prompt` in one step, the others
/// one by one, so that a backend's kernels for many rows and for one are both seen.
struct DriftTokens {
  std::vector<int32_t> ids;
  size_t n_prompt = 0;

  size_t n_steps() const { return 1 + ids.size() - n_prompt; }
  static bool is_prompt(size_t step) { return step == 0; }
};

/// Runs the steps on a new sequence, each with all rows wanted; `step` is told which one is next.
/// Throws as Executor::step does.
void run_steps(Executor& executor, const DriftTokens& tokens,
               const std::function<void(size_t step)>& step);

/// Dtype of the graph's first output.
sirocco_dtype output_dtype(const Plan& plan);
/// All bytes of an output as it is after a step.
std::span<const std::byte> bytes_of(const OutputView& view);

/// The values of a part that other parts, or the caller, read.
void for_each_made(const Plan& plan, size_t part, const std::function<void(ValueId)>& visit);

/// Runs the steps and writes every value that crosses parts, and the outputs: all there are where
/// the plan's parts are separate. Throws Error(failure) where the file cannot be written.
void record(Executor& executor, const DriftTokens& tokens, const std::filesystem::path& path);

/// A recording, checked as it is read.
class Recording {
 public:
  struct Entry {
    sirocco_dtype dtype = SIROCCO_DTYPE_NONE;
    std::span<const std::byte> bytes;
  };

  /// Throws Error(invalid_file).
  explicit Recording(const std::filesystem::path& path);

  const DriftTokens& tokens() const { return tokens_; }
  /// nullopt where the recording backend had no such value.
  std::optional<Entry> find(size_t step, const std::string& value) const;

 private:
  SafetensorsFile file_;
  DriftTokens tokens_;
};

}  // namespace sirocco
