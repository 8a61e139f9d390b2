#include "exec/step_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// Every array starts on a cache line, so that devices may read it in whole words.
constexpr size_t kAlignInts = 16;
/// The buffer is a whole number of pages, so that a device can import it.
constexpr size_t kPageBytes = 4096;

size_t aligned(size_t ints) {
  return (ints + kAlignInts - 1) / kAlignInts * kAlignInts;
}

void release(int32_t* memory) {
  std::free(memory);
}

}  // namespace

StepBuffer::StepBuffer(const StepLimits& limits, std::span<const StepGroup> groups, bool sampling)
    : max_{limits.max_tokens, limits.max_seqs, limits.max_rows},
      groups_(groups.begin(), groups.end()),
      data_(nullptr, release) {
  size_t next = aligned(SIROCCO_STEP_HEADER + groups.size() * SIROCCO_STEP_GROUP_INTS);
  std::vector<std::pair<size_t, size_t>> header;  // place in the buffer, offset to write there
  const auto reserve = [&](size_t place, int64_t n) {
    header.emplace_back(place, next);
    next = aligned(next + static_cast<size_t>(n));
  };
  reserve(SIROCCO_STEP_OFF_TOKENS, max_.tokens);
  reserve(SIROCCO_STEP_OFF_POSITIONS, max_.tokens);
  reserve(SIROCCO_STEP_OFF_CU_SEQLENS, max_.seqs + 1);
  reserve(SIROCCO_STEP_OFF_KV_LENS, max_.seqs);
  reserve(SIROCCO_STEP_OFF_WANTED, max_.rows);
  reserve(SIROCCO_STEP_OFF_SEQ_OF_TOKEN, max_.tokens);
  if (sampling) reserve(SIROCCO_STEP_OFF_SAMPLING, max_.rows * SIROCCO_SAMPLING_INTS);
  for (size_t g = 0; g < groups.size(); ++g) {
    const size_t record = SIROCCO_STEP_HEADER + g * SIROCCO_STEP_GROUP_INTS;
    header.emplace_back(record + SIROCCO_STEP_GROUP_STRIDE, groups[g].entries);
    reserve(record + SIROCCO_STEP_GROUP_OFF_TABLE, max_.seqs * groups[g].entries);
    reserve(record + SIROCCO_STEP_GROUP_OFF_SLOT, groups[g].recurrent ? 0 : max_.tokens);
  }
  if (next > static_cast<size_t>(std::numeric_limits<int32_t>::max()))
    throw Error(ErrorKind::usage, "these limits make a step's description larger than 8 GiB");
  count_ = next;
  const size_t bytes = (count_ * sizeof(int32_t) + kPageBytes - 1) / kPageBytes * kPageBytes;
  data_.reset(static_cast<int32_t*>(std::aligned_alloc(kPageBytes, bytes)));
  if (!data_) throw std::bad_alloc();
  std::fill_n(data_.get(), count_, 0);
  for (const auto& [place, offset] : header) data_[place] = static_cast<int32_t>(offset);
  data_[SIROCCO_STEP_LAYOUT] = SIROCCO_STEP_LAYOUT_VERSION;
  data_[SIROCCO_STEP_N_GROUPS] = static_cast<int32_t>(groups.size());
  data_[SIROCCO_STEP_SIZE] = static_cast<int32_t>(count_);
}

void StepBuffer::begin(const Extents& live, const Extents& padded) {
  const int64_t sizes[] = {padded.tokens, padded.seqs, padded.rows,
                           live.tokens,   live.seqs,   live.rows};
  for (size_t i = 0; i < std::size(sizes); ++i)
    data_[SIROCCO_STEP_N_TOKENS + i] = static_cast<int32_t>(sizes[i]);
  std::ranges::fill(tokens().first(padded.tokens), 0);
  std::ranges::fill(positions().first(padded.tokens), 0);
  std::ranges::fill(seq_of_token().first(padded.tokens), -1);
  std::ranges::fill(cu_seqlens().first(padded.seqs + 1), static_cast<int32_t>(live.tokens));
  std::ranges::fill(kv_lens().first(padded.seqs), 0);
  std::ranges::fill(wanted().first(padded.rows), 0);
  std::ranges::fill(sampling(padded.rows), 0);
  for (size_t g = 0; g < groups_.size(); ++g) {
    for (int64_t s = live.seqs; s < padded.seqs; ++s)
      std::ranges::fill(table(g, static_cast<size_t>(s)), -1);
    if (!groups_[g].recurrent) std::ranges::fill(slots(g).first(padded.tokens), -1);
  }
}

std::span<int32_t> StepBuffer::at(size_t header_field, int64_t n) {
  return {data_.get() + offset(header_field), static_cast<size_t>(n)};
}

std::span<int32_t> StepBuffer::sampling(int64_t rows) {
  if (offset(SIROCCO_STEP_OFF_SAMPLING) == 0) return {};
  return at(SIROCCO_STEP_OFF_SAMPLING, rows * SIROCCO_SAMPLING_INTS);
}

void StepBuffer::set_sampling(size_t row, const sdk::SamplingRecord& record) {
  const auto records = sampling(max_.rows);
  std::memcpy(&records[row * SIROCCO_SAMPLING_INTS], &record, sizeof record);
}

int32_t* StepBuffer::group_record(size_t group) {
  return data_.get() + SIROCCO_STEP_HEADER + group * SIROCCO_STEP_GROUP_INTS;
}

std::span<int32_t> StepBuffer::table(size_t group, size_t seq) {
  const size_t entries = groups_[group].entries;
  return {data_.get() + group_record(group)[SIROCCO_STEP_GROUP_OFF_TABLE] + seq * entries, entries};
}

std::span<int32_t> StepBuffer::slots(size_t group) {
  return {data_.get() + group_record(group)[SIROCCO_STEP_GROUP_OFF_SLOT],
          static_cast<size_t>(max_.tokens)};
}

}  // namespace sirocco
