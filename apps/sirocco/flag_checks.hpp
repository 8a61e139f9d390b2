#pragma once

#include <cstdint>

#include <CLI/CLI.hpp>

namespace sirocco::cli {

/// A whole number of at least `low`, below 2^63. (The library's own check tells its limits as
/// doubles of three hundred digits.)
CLI::Validator at_least(int64_t low);
/// A finite number from `low` to `high`.
CLI::Validator between(double low, double high);

}  // namespace sirocco::cli
