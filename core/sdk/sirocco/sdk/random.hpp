#pragma once
// The random numbers of sampling: the same on the host and in the kernels of every backend.
//
// Where the language of kernels marks the functions that they may call, the plugin defines
// SIROCCO_KERNEL_FUNCTION as that mark before it includes this.

#include <cstdint>

#ifndef SIROCCO_KERNEL_FUNCTION
#define SIROCCO_KERNEL_FUNCTION
#endif

namespace sirocco::sdk {

/// Four words, as a counter or as random numbers.
struct Philox {
  uint32_t words[4];
};

/// Philox4x32 with 10 rounds: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3" (SC 2011). A function of counter and key (two words, the low one first) with no state,
/// so that any thread or device gets the same number for the same position.
SIROCCO_KERNEL_FUNCTION constexpr Philox philox4x32(Philox counter, uint64_t key) {
  auto low = static_cast<uint32_t>(key), high = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter.words[0];
    const uint64_t b = uint64_t{0xCD9E8D57} * counter.words[2];
    counter = {{static_cast<uint32_t>(b >> 32) ^ counter.words[1] ^ low, static_cast<uint32_t>(b),
                static_cast<uint32_t>(a >> 32) ^ counter.words[3] ^ high,
                static_cast<uint32_t>(a)}};
    low += 0x9E3779B9;
    high += 0xBB67AE85;
  }
  return counter;
}

/// The random number of a token: uniform in [0, 1), a multiple of 2^-53. The seed is the key, the
/// token's position in its sequence the counter (low words first); the first two words of the
/// result give 27 and 26 bits.
SIROCCO_KERNEL_FUNCTION constexpr double uniform_at(uint64_t seed, uint64_t position) {
  const Philox random = philox4x32(
      {{static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32), 0, 0}}, seed);
  const uint64_t bits = (uint64_t{random.words[0] >> 5} << 26) | (random.words[1] >> 6);
  return static_cast<double>(bits) * 0x1p-53;
}

}  // namespace sirocco::sdk
