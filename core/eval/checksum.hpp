#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sirocco {

/// FNV-1a over 64 bits: finds damage and mix-ups, not forgery.
inline uint64_t fnv1a(std::span<const std::byte> bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const std::byte byte : bytes) {
    hash ^= static_cast<uint64_t>(byte);
    hash *= 0x100000001b3;
  }
  return hash;
}

}  // namespace sirocco
