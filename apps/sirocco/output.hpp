#pragma once

#include <string_view>

namespace sirocco::cli {

/// A result, on standard output, at once. Throws Error(failure) where it cannot be written (a full
/// disk, a closed pipe).
void print(std::string_view text);

}  // namespace sirocco::cli
