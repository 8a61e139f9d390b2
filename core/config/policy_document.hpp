#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "config/named.hpp"
#include "config/node.hpp"
#include "config/scalar.hpp"

namespace sirocco {

struct CategoryRule {
  Place place;
  double threshold = 0.5;  ///< a score at or above it is a finding; 0 to 1
  std::string action;      ///< "allow", "flag", "redact" or "block"
  std::string doc;         ///< required of categories that Sirocco does not define
};

struct ModeratorChoice {
  Place place;
  std::string name;  ///< unique in the policy; default: the plugin's
  std::string plugin;
  bool prompt = true;
  bool completion = true;
  std::vector<std::string> categories;  ///< that it may decide; empty: all
  std::string isolation;                ///< "thread" or "process"
  int64_t deadline_ms = 0;              ///< 0: the guard's default
  std::string on_error;                 ///< "block" or "allow"
  Named<ScalarValue> options;
  std::filesystem::path rules;  ///< a file for the plugin; empty: none
};

/// How much decoded text waits before it is shown.
struct HoldBack {
  enum class Kind { sentence, tokens, whole };
  Kind kind = Kind::sentence;
  int64_t tokens = 0;  ///< of Kind::tokens
};

struct PolicyDocument {
  std::string name;
  std::string doc;
  std::filesystem::path file;
  Place place;
  Named<CategoryRule> categories;
  std::vector<ModeratorChoice> moderators;  ///< in order; never empty
  HoldBack hold_back;
  std::string on_error = "block";  ///< or "allow"
};

}  // namespace sirocco
