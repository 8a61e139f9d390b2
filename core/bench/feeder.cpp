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

void Feeder::read(SequenceId id, int64_t n, const After& after) {
  const int64_t most = executor_.plan().options().limits.max_tokens;
  for (int64_t done = 0; done < n;) {
    const int64_t count = std::min(most, n - done);
    draw(count);
    done += count;
    const auto last = static_cast<uint32_t>(count - 1);
    const SequenceInput input{id, buffer_, {&last, done == n ? size_t{1} : size_t{0}}};
    step({&input, 1}, after);
  }
}

void Feeder::make(std::span<const SequenceId> ids, const After& after) {
  static constexpr uint32_t kRow = 0;
  draw(static_cast<int64_t>(ids.size()));
  inputs_.clear();
  for (size_t i = 0; i < ids.size(); ++i) inputs_.push_back({ids[i], {&buffer_[i], 1}, {&kRow, 1}});
  step(inputs_, after);
}

void Feeder::draw(int64_t n) {
  buffer_.resize(static_cast<size_t>(n));
  for (int32_t& token : buffer_) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    token = static_cast<int32_t>((state_ >> 33) % vocabulary_);
  }
}

void Feeder::step(std::span<const SequenceInput> inputs, const After& after) {
  FedStep fed{0, 0, now_ns(), 0};
  executor_.step(inputs);
  for (const SequenceInput& input : inputs) executor_.commit(input.sequence, input.tokens.size());
  fed.end_ns = now_ns();
  for (const SequenceInput& input : inputs) {
    fed.tokens += static_cast<int64_t>(input.tokens.size());
    fed.rows += static_cast<int64_t>(input.wanted.size());
  }
  after(fed);
}

}  // namespace sirocco
