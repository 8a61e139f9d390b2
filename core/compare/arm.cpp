#include "compare/arm.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "runtime/backend_text.hpp"

namespace sirocco {
namespace {

CompareArm parse_arm(const std::string& text) {
  CompareArm arm;
  arm.label = text;
  if (text.ends_with(".yaml") || text.ends_with(".yml")) {
    arm.deployment = text;
    return arm;
  }
  for (size_t begin = 0;;) {
    const size_t end = text.find('+', begin);
    arm.backends.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
    parse_backend(arm.backends.back());  // throws for what is no backend
    if (end == std::string::npos) return arm;
    begin = end + 1;
  }
}

}  // namespace

std::vector<CompareArm> parse_arms(const std::vector<std::string>& texts) {
  std::vector<CompareArm> arms;
  for (const std::string& text : texts) {
    if (std::ranges::any_of(arms, [&](const CompareArm& arm) { return arm.label == text; }))
      throw Error(ErrorKind::usage, "--backends names '" + text +
                                        "' twice; to compare a backend with itself, give one of "
                                        "the two an option or a file");
    arms.push_back(parse_arm(text));
  }
  if (arms.empty()) throw Error(ErrorKind::usage, "--backends names nothing to compare");
  return arms;
}

std::vector<std::string> arm_flags(const CompareSetup& setup, const CompareArm& arm) {
  std::vector<std::string> flags = setup.flags;
  if (arm.deployment) flags.insert(flags.end(), {"--deployment", *arm.deployment});
  for (const std::string& backend : arm.backends) flags.insert(flags.end(), {"--backend", backend});
  if (!arm.deployment) flags.insert(flags.end(), {"--fallback", setup.fallback});
  return flags;
}

std::vector<std::string> arm_arguments(const CompareSetup& setup, const CompareArm& arm,
                                       const std::string& task) {
  std::vector<std::string> arguments = {"arm", task, setup.model};
  const std::vector<std::string> flags = arm_flags(setup, arm);
  arguments.insert(arguments.end(), flags.begin(), flags.end());
  return arguments;
}

}  // namespace sirocco
