#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/expression_eval.hpp"

namespace sirocco {

/// The parameters of a checkpoint: a JSON file with an object, its values read as expressions see
/// them. Objects are opaque; their keys are reached by dotted paths.
class CheckpointConfig {
 public:
  /// Throws Error(invalid_file) naming the file for one that is missing, larger than 1 MiB, no JSON
  /// object, nested deeper than 32 levels, or has a key twice. NaN and Infinity read as null.
  static CheckpointConfig read(const std::filesystem::path& file);
  static CheckpointConfig parse(const std::string& text, const std::filesystem::path& file);

  const std::filesystem::path& file() const { return file_; }
  /// The value under "a.b"; nullopt where there is none.
  std::optional<ExprValue> find(const std::string& path) const;
  /// Dotted paths of everything but objects.
  std::vector<std::string> paths() const;

 private:
  struct Json;
  std::filesystem::path file_;
  std::shared_ptr<const Json> json_;
};

/// A checkpoint's keys as the names of an expression; a missing key is null.
class CheckpointScope : public ExprScope {
 public:
  explicit CheckpointScope(const CheckpointConfig& config) : config_(config) {}
  std::optional<ExprValue> find(const std::string& name) override {
    return config_.find(name).value_or(ExprValue());
  }

 private:
  const CheckpointConfig& config_;
};

}  // namespace sirocco
