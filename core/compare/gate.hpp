#pragma once
// What a comparison must not find: `--fail-if 'tg<0.97,pp512<0.95'`.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sirocco {

/// One condition under which a comparison fails: a case's value below or above a bound.
///
/// `label` is written as cases are labelled, blanks left out. Without a number it means every case
/// of its kind: `tg` all generation at any length, depth and batch, `pp` all reading of prompts,
/// `pg` all cases that are both (`pp512+tg128`); likewise `tg@d4096` all generation at that depth,
/// `load`, `memory`, `kl`. With one it means the case that is called so: `tg64` is not
/// `tg64@d4096`.
struct Gate {
  std::string label;
  bool below = true;  ///< fails below the bound, else above it
  double bound = 0;

  bool matches(std::string_view case_label) const;
  /// Also of a value that is no number: what is not known is not within bounds.
  bool fails(double value) const;
  /// "tg<0.97"
  std::string text() const;
};

/// A case of a comparison, and what it came to: the ratio of the second backend to the first, or
/// what else is compared under that label.
struct GatedValue {
  std::string label;
  double value = 0;
};

/// A gate and the case on which it failed.
struct GateFailure {
  Gate gate;
  GatedValue found;

  /// "tg64 @ d4096 is 0.912: fails tg<0.97"
  std::string text() const;
};

/// Conditions as given on the command line, each text one or several between commas. Throws
/// Error(usage) that names the flag, the condition and what is wrong with it.
std::vector<Gate> parse_gates(const std::vector<std::string>& texts, std::string_view flag);

/// Throws Error(usage) for a gate that no case matches, which would never fail: to be called before
/// anything is measured.
void check_gates(std::span<const Gate> gates, std::span<const std::string> case_labels,
                 std::string_view flag);

/// Every gate on every case that it matches, in the order of the gates.
std::vector<GateFailure> failed_gates(std::span<const Gate> gates,
                                      std::span<const GatedValue> found);

}  // namespace sirocco
