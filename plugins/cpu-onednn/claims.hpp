#pragma once
// The nodes this backend takes.

#include <span>

#include <sirocco/sdk/kernel.hpp>

namespace sirocco::cpu {

/// One entry an op; only `accepts` is set, because nodes run in stages (fuse.hpp).
std::span<const sdk::Kernel> claims();

}  // namespace sirocco::cpu
