#include "compare/gate.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sirocco/error.hpp>

#include "graph/text_distance.hpp"

namespace sirocco {
namespace {

bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string without_blanks(std::string_view text) {
  std::string kept;
  for (const char c : text)
    if (c != ' ' && c != '\t') kept += c;
  return kept;
}

/// `tg64b8@d4096` in its parts: "tg", "64", "b8@d4096".
struct LabelParts {
  std::string_view kind, number, rest;
};

LabelParts parts_of(std::string_view label) {
  const size_t kind =
      static_cast<size_t>(std::ranges::find_if_not(label, is_letter) - label.begin());
  const std::string_view behind = label.substr(kind);
  const size_t number =
      static_cast<size_t>(std::ranges::find_if_not(behind, is_digit) - behind.begin());
  LabelParts parts{label.substr(0, kind), behind.substr(0, number), behind.substr(number)};
  // pp512+tg128 is one case of a third kind, whose number is all before the depth.
  if (parts.rest.starts_with('+')) {
    const size_t depth = std::min(label.find('@'), label.size());
    parts = {"pg", label.substr(0, depth), label.substr(depth)};
  }
  return parts;
}

[[noreturn]] void refuse(std::string_view flag, std::string_view gate, std::string_view why) {
  throw Error(ErrorKind::usage,
              fmt::format("{} '{}': {}; expected conditions such as tg<0.97, pp512<0.95, "
                          "tg64@d4096<0.9 or load>1.1, between commas",
                          flag, gate, why));
}

bool is_label(std::string_view label) {
  const auto part = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '@'; };
  return !label.empty() && is_letter(label.front()) && std::ranges::all_of(label, part);
}

Gate parse_gate(std::string_view text, std::string_view flag) {
  const std::string condition = without_blanks(text);
  if (condition.empty()) refuse(flag, text, "a condition is missing");
  const size_t sign = condition.find_first_of("<>");
  if (sign == std::string::npos) refuse(flag, condition, "it has neither < nor >");
  Gate gate{condition.substr(0, sign), condition[sign] == '<', 0};
  if (gate.label.empty()) refuse(flag, condition, "no case is named before the sign");
  if (!is_label(gate.label))
    refuse(flag, condition, fmt::format("'{}' is no case's label", gate.label));
  const char* const first = condition.data() + sign + 1;
  const char* const last = condition.data() + condition.size();
  const auto [end, problem] = std::from_chars(first, last, gate.bound);
  if (problem != std::errc() || end != last || !std::isfinite(gate.bound))
    refuse(flag, condition, fmt::format("'{}' is no number", std::string_view(first, last)));
  if (gate.bound < 0) refuse(flag, condition, "no case's value is below zero");
  return gate;
}

}  // namespace

bool Gate::matches(std::string_view case_label) const {
  const std::string plain = without_blanks(case_label);
  const LabelParts wanted = parts_of(label), given = parts_of(plain);
  if (wanted.kind != given.kind) return false;
  if (!wanted.number.empty()) return wanted.number == given.number && wanted.rest == given.rest;
  return wanted.rest.empty() || wanted.rest == given.rest;
}

bool Gate::fails(double value) const {
  return below ? !(value >= bound) : !(value <= bound);
}

std::string Gate::text() const {
  return fmt::format("{}{}{}", label, below ? '<' : '>', bound);
}

std::string GateFailure::text() const {
  return fmt::format("{} is {:.4g}: fails {}", found.label, found.value, gate.text());
}

std::vector<Gate> parse_gates(const std::vector<std::string>& texts, std::string_view flag) {
  std::vector<Gate> gates;
  for (const std::string_view text : texts) {
    for (size_t at = 0; at <= text.size();) {
      const size_t comma = std::min(text.find(',', at), text.size());
      gates.push_back(parse_gate(text.substr(at, comma - at), flag));
      at = comma + 1;
    }
  }
  return gates;
}

void check_gates(std::span<const Gate> gates, std::span<const std::string> case_labels,
                 std::string_view flag) {
  for (const Gate& gate : gates) {
    if (std::ranges::any_of(case_labels, [&](const auto& label) { return gate.matches(label); }))
      continue;
    std::vector<std::string> known;
    for (const std::string& label : case_labels) known.push_back(without_blanks(label));
    const std::string near = nearest_name(gate.label, known);
    throw Error(
        ErrorKind::usage,
        fmt::format("{} '{}': no case is called {}{}; there are {}", flag, gate.text(), gate.label,
                    near.empty() ? "" : " (did you mean " + near + "?)", fmt::join(known, ", ")));
  }
}

std::vector<GateFailure> failed_gates(std::span<const Gate> gates,
                                      std::span<const GatedValue> found) {
  std::vector<GateFailure> failures;
  for (const Gate& gate : gates)
    for (const GatedValue& value : found)
      if (gate.matches(value.label) && gate.fails(value.value)) failures.push_back({gate, value});
  return failures;
}

}  // namespace sirocco
