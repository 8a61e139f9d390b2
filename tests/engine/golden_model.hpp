#pragma once
// A golden model on engines of many kinds, for tests that compare bits.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "runtime/engine.hpp"

namespace sirocco::test {

inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(SIROCCO_SOURCE_DIR) / "tests/golden/models" / name;
}

inline std::filesystem::path build_dir() {
  return SIROCCO_BUILD_DIR;
}

/// A folder that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sirocco-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

/// A deployment's text on an engine, with plugins that only say something when it goes wrong.
inline EngineOptions options_for(const std::filesystem::path& deployment) {
  EngineOptions options;
  options.plugin_path = {build_dir() / "lib/sirocco/plugins"};
  options.deployment = deployment;
  options.log = [](int32_t, std::string_view) {};
  return options;
}

/// An engine and one model on it, f32.
class Rig {
 public:
  explicit Rig(const std::string& deployment, const std::string& model = "mistral-swa",
               ModelOptions wanted = {}, int64_t max_seqs = 3)
      : engine_(options_for(folder_.write("deployment.yaml", deployment))) {
    wanted.numerics = SIROCCO_DTYPE_F32;
    if (!wanted.max_tokens) wanted.max_tokens = 24;
    if (!wanted.max_rows) wanted.max_rows = 24;
    wanted.max_seqs = max_seqs;
    loaded_ = engine_.plan(engine_.resolve(golden(model)), wanted);
  }

  Engine& engine() { return engine_; }
  const Plan& plan() const { return loaded_->plan(); }
  Executor& executor() { return loaded_->executor(); }

  /// Runs tokens on a sequence with every row wanted, and commits `accepted` of them (all: -1).
  /// Returns the logits, one row a token.
  std::vector<std::vector<float>> run(SequenceId id, const std::vector<int32_t>& tokens,
                                      int64_t accepted = -1) {
    std::vector<uint32_t> wanted(tokens.size());
    for (uint32_t i = 0; i < wanted.size(); ++i) wanted[i] = i;
    const SequenceInput input{id, tokens, wanted};
    executor().step({&input, 1});
    auto rows = logits(tokens.size());
    executor().commit(id, accepted < 0 ? tokens.size() : static_cast<size_t>(accepted));
    return rows;
  }

  std::vector<std::vector<float>> logits(size_t n_rows) {
    const OutputView& view = executor().output(0);
    std::vector<std::vector<float>> rows(n_rows, std::vector<float>(view.shape[1]));
    for (size_t r = 0; r < n_rows; ++r)
      view.to_f32(static_cast<int64_t>(r) * view.shape[1], view.shape[1], rows[r].data());
    return rows;
  }

 private:
  TemporaryFolder folder_;
  Engine engine_;
  std::unique_ptr<LoadedModel> loaded_;
};

inline const std::string kReference = "sirocco: deployment/1\nbackends:\n  - name: reference\n";

/// Ids that look like nothing in particular and stay below `vocab`.
inline std::vector<int32_t> some_tokens(size_t n, uint32_t seed = 1, int32_t vocab = 384) {
  std::vector<int32_t> ids;
  for (uint32_t x = seed * 2654435761u; ids.size() < n; x = x * 1664525u + 1013904223u)
    ids.push_back(static_cast<int32_t>((x >> 8) % static_cast<uint32_t>(vocab)));
  return ids;
}

/// Steps of so many tokens on a new sequence: the logits of each step's last token, one after
/// another.
inline std::vector<float> last_logits(Executor& executor, const std::vector<size_t>& sizes) {
  const SequenceId id = executor.open();
  std::vector<float> all;
  for (const size_t n : sizes) {
    const auto tokens = some_tokens(n);
    const auto last = static_cast<uint32_t>(n - 1);
    const SequenceInput input{id, tokens, {&last, 1}};
    executor.step({&input, 1});
    const OutputView& view = executor.output(0);
    std::vector<float> row(static_cast<size_t>(view.shape[1]));
    view.to_f32(0, view.shape[1], row.data());
    all.insert(all.end(), row.begin(), row.end());
    executor.commit(id, n);
  }
  executor.close(id);
  return all;
}

}  // namespace sirocco::test
