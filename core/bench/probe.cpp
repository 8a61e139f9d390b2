#include "bench/probe.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <sirocco/error.hpp>

#include "bench/probe_kernels.hpp"

namespace sirocco {
namespace {

constexpr uint64_t kMostBytes = uint64_t{4} << 30;
constexpr uint64_t kLeastBytes = uint64_t{16} << 20;
/// Where the system does not say how large its cache is.
constexpr uint64_t kLikelyCache = uint64_t{64} << 20;
constexpr uint64_t kUnit = uint64_t{2} << 20;
/// Ways to read that are tried again after the first look, in which all are.
constexpr size_t kFavourites = 3;
/// Rounds of arithmetic at a time: some milliseconds.
constexpr size_t kRounds = size_t{1} << 20;

uint64_t wanted_bytes(uint64_t free_bytes) {
  const long known = std::max(sysconf(_SC_LEVEL3_CACHE_SIZE), sysconf(_SC_LEVEL2_CACHE_SIZE));
  const uint64_t cache = known > 0 ? static_cast<uint64_t>(known) : kLikelyCache;
  return std::min({8 * cache, kMostBytes, free_bytes / 4}) / kUnit * kUnit;
}

/// One thread's part of so many bytes: whole lines of a cache.
std::pair<uint64_t, uint64_t> share(uint64_t bytes, uint32_t thread, uint32_t n_threads) {
  const uint64_t lines = bytes / 64;
  return {lines * thread / n_threads * 64, lines * (thread + 1) / n_threads * 64};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Seconds until all threads have run `body(thread, n_threads)`.
template <class Body>
double timed_region(Team& team, Body& body) {
  const auto start = std::chrono::steady_clock::now();
  team.run([](void* arg, uint32_t thread,
              uint32_t n_threads) { (*static_cast<Body*>(arg))(thread, n_threads); },
           &body);
  return seconds_since(start);
}

}  // namespace

struct Probe::Impl {
  Impl(Team& its_team, uint64_t free_bytes)
      : team(its_team), bytes(wanted_bytes(free_bytes)), sinks(team.size()) {
    if (bytes < kLeastBytes)
      throw Error(ErrorKind::failure,
                  "too little memory is free to measure its bandwidth: " +
                      std::to_string(free_bytes >> 20) + " MiB, and a quarter of it must be " +
                      std::to_string(kLeastBytes >> 20) + " MiB; close other programs");
    memory = static_cast<char*>(
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (memory == MAP_FAILED)
      throw Error(ErrorKind::failure, "no memory for the bandwidth probe: " +
                                          std::to_string(bytes >> 20) + " MiB were asked for");
    (void)madvise(memory, bytes, MADV_HUGEPAGE);
    auto touch = [this](uint32_t thread, uint32_t n_threads) {
      const auto [begin, end] = share(bytes, thread, n_threads);
      std::fill(memory + begin, memory + end, static_cast<char>(1));
    };
    timed_region(team, touch);
  }
  ~Impl() { munmap(memory, bytes); }

  Team& team;
  uint64_t bytes;
  char* memory = nullptr;
  std::vector<ReadKernel> readers = read_kernels();
  std::vector<float> sinks;  ///< what kernels answer goes somewhere, so that they are not left out
};

Probe::Probe(Team& team, uint64_t free_bytes) : impl_(std::make_unique<Impl>(team, free_bytes)) {}
Probe::~Probe() = default;

uint64_t Probe::buffer_bytes() const {
  return impl_->bytes;
}

double Probe::bandwidth() {
  return bandwidth({{reinterpret_cast<const std::byte*>(impl_->memory), impl_->bytes}});
}

double Probe::bandwidth(const std::vector<std::span<const std::byte>>& memory) {
  double bytes = 0;
  for (const auto& piece : memory) bytes += static_cast<double>(piece.size());
  std::vector<std::pair<double, ReadKernel>> rates;
  for (const ReadKernel kernel : impl_->readers) {
    auto body = [&](uint32_t thread, uint32_t n_threads) {
      for (const auto& piece : memory) {
        const auto [begin, end] = share(piece.size(), thread, n_threads);
        const auto* data = reinterpret_cast<const char*>(piece.data());
        impl_->sinks[thread] += kernel(data + begin, end - begin);
      }
    };
    rates.emplace_back(bytes / timed_region(impl_->team, body), kernel);
  }
  std::ranges::sort(rates, std::greater{}, &std::pair<double, ReadKernel>::first);
  impl_->readers.clear();
  for (const auto& [rate, kernel] : rates)
    if (impl_->readers.size() < kFavourites) impl_->readers.push_back(kernel);
  return rates[0].first;
}

double Probe::flops() {
  double best = 0;
  for (const FlopKernel& kernel : flop_kernels()) {
    auto body = [&](uint32_t thread, uint32_t) { impl_->sinks[thread] += kernel.run(kRounds); };
    const double work = kernel.flops_per_round * static_cast<double>(kRounds) * impl_->team.size();
    for (int repeat = 0; repeat < 2; ++repeat)
      best = std::max(best, work / timed_region(impl_->team, body));
  }
  return best;
}

}  // namespace sirocco
