#pragma once
// The numbers of several arms against a trusted backend, each in processes of its own.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "compare/arm.hpp"
#include "compare/speed_run.hpp"

namespace sirocco {

struct NumbersPlan {
  CompareArm reference;        ///< what the arms are held against
  int64_t prompt_tokens = 32;  ///< fed in one step
  int64_t single_tokens = 4;   ///< fed one by one after it
  std::string text;            ///< file that the tokens are from, and of which logits are compared;
                               ///< "": made-up tokens, and no logits
  bool bisect = false;
  std::filesystem::path folder;  ///< for what arms leave each other
};

/// The part "numbers" of the report: the reference, and of every arm its stages (check_numbers) and
/// its logits over the text (`sirocco perplexity` with a base). States of arms are updated; an arm
/// whose process dies keeps the stages it had emitted. `facts` gets the placement of each arm.
nlohmann::ordered_json run_numbers(const CompareSetup& setup, const std::vector<CompareArm>& arms,
                                   std::map<std::string, ArmState>& states, const NumbersPlan& plan,
                                   const CompareWatch& watch,
                                   std::map<std::string, nlohmann::ordered_json>& facts);

}  // namespace sirocco
