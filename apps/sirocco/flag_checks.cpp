#include "flag_checks.hpp"

#include <charconv>
#include <string>

#include <fmt/format.h>

namespace sirocco::cli {
namespace {

/// The whole text as a number.
template <class Number>
bool parse(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end;
}

}  // namespace

CLI::Validator at_least(int64_t low) {
  return CLI::Validator(
      [low](std::string& text) -> std::string {
        int64_t number = 0;
        if (parse(text, number) && number >= low) return {};
        return fmt::format("'{}' given, expected a whole number, {} or more", text, low);
      },
      "");
}

CLI::Validator between(double low, double high) {
  return CLI::Validator(
      [low, high](std::string& text) -> std::string {
        double number = 0;
        if (parse(text, number) && number >= low && number <= high) return {};
        return fmt::format("'{}' given, expected a number from {} to {}", text, low, high);
      },
      "");
}

}  // namespace sirocco::cli
