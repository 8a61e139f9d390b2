#include "bench/feeder.hpp"

#include <algorithm>
#include <chrono>

namespace sirocco {
namespace {

uint64_t now_ns() {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::steady_clock::now().time_since_epoch())
                                   .count());
}

}  // namespace

Feeder::Feeder(Executor& executor)
    : executor_(executor), vocabulary_(static_cast<uint32_t>(std::max(executor.vocab_size(), 1))) {}

int32_t Feeder::next() {
  state_ = state_ * 6364136223846793005u + 1442695040888963407u;
  return static_cast<int32_t>((state_ >> 33) % vocabulary_);
}

void Feeder::feed(SequenceId id, int64_t n, const std::function<void(const FedStep&)>& after) {
  const int64_t most = executor_.plan().options().limits.max_tokens;
  for (int64_t done = 0; done < n;) {
    const int64_t count = std::min(most, n - done);
    buffer_.resize(static_cast<size_t>(count));
    for (int32_t& token : buffer_) token = next();
    done += count;
    const auto last = static_cast<uint32_t>(count - 1);
    const SequenceInput input{id, buffer_, {&last, done == n ? size_t{1} : size_t{0}}};
    FedStep step{count, done == n ? 1 : 0, now_ns(), 0};
    executor_.step({&input, 1});
    executor_.commit(id, static_cast<size_t>(count));
    step.end_ns = now_ns();
    after(step);
  }
}

}  // namespace sirocco
