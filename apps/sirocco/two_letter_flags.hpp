#pragma once

#include <vector>

namespace sirocco::cli {

/// The arguments with flags of two letters behind one dash written out: benchmarks of this field
/// have `-pg 512,128` and `-oe md`, which the command-line library would read as `-p g` and `-o e`.
/// Only of the verbs that have them. Pointers into `argv` and to constants.
std::vector<const char*> with_two_letter_flags(int argc, const char* const* argv);

}  // namespace sirocco::cli
