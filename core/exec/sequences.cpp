#include "exec/sequences.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

size_t blocks_of(size_t n_tokens, uint32_t page_tokens) {
  return (n_tokens + page_tokens - 1) / page_tokens;
}

/// The first position that a query at `position` sees.
size_t window_begin(const StateGroup& group, size_t position) {
  const auto window = static_cast<size_t>(group.window);
  return group.window > 0 && position + 1 > window ? position + 1 - window : 0;
}

}  // namespace

std::vector<uint32_t> table_entries(const Plan& plan) {
  std::vector<uint32_t> entries;
  for (const StateGroup& group : plan.graph().groups) {
    const bool recurrent = group.kind == SIROCCO_STATE_RECURRENT;
    const auto context = static_cast<size_t>(plan.options().limits.max_context);
    entries.push_back(recurrent ? 1 : static_cast<uint32_t>(blocks_of(context, group.page_tokens)));
  }
  return entries;
}

Sequences::Sequences(const Plan& plan) : plan_(plan), entries_(table_entries(plan)) {
  for (const PlannedGroup& group : plan.groups()) pools_.emplace_back(group.n_pages);
  sequences_.resize(static_cast<size_t>(plan.options().limits.max_seqs));
}

SequenceId Sequences::open() {
  const auto found = std::ranges::find_if(sequences_, [](auto& s) { return !s.open; });
  if (found == sequences_.end()) {
    throw Error(ErrorKind::failure, fmt::format("all {} sequences are in use; close one, or raise "
                                                "the limit of sequences",
                                                sequences_.size()));
  }
  found->open = true;
  ++found->generation;
  found->tokens.clear();
  found->tokens.reserve(static_cast<size_t>(plan_.options().limits.max_context));
  found->committed = found->in_state = 0;
  found->tables.resize(entries_.size());
  for (size_t g = 0; g < entries_.size(); ++g) found->tables[g].assign(entries_[g], -1);
  found->first_block.assign(entries_.size(), 0);
  return {static_cast<uint32_t>(found - sequences_.begin()), found->generation};
}

void Sequences::close(SequenceId id) {
  Sequence& sequence = at(id);
  drop_state(sequence);
  sequence.open = false;
}

Sequence& Sequences::at(SequenceId id) {
  if (id.index >= sequences_.size() || !sequences_[id.index].open ||
      sequences_[id.index].generation != id.generation)
    throw Error(ErrorKind::usage, fmt::format("sequence {} is not open", id.index));
  return sequences_[id.index];
}

void Sequences::check_room(const Sequence& sequence, size_t n_tokens) const {
  const auto context = static_cast<size_t>(plan_.options().limits.max_context);
  const size_t length = sequence.committed + n_tokens;
  if (length > context) {
    throw Error(ErrorKind::invalid_file,
                fmt::format("{} tokens exceed the context of {}", length, context));
  }
}

size_t Sequences::missing_pages(const Sequence& sequence, size_t group, size_t n_tokens) const {
  if (plan_.graph().groups[group].kind == SIROCCO_STATE_RECURRENT)
    return sequence.tables[group][0] < 0 ? 1 : 0;
  const size_t blocks = blocks_of(n_tokens, plan_.graph().groups[group].page_tokens);
  size_t missing = 0;
  for (size_t b = sequence.first_block[group]; b < blocks; ++b)
    missing += sequence.tables[group][b] < 0;
  return missing;
}

void Sequences::take_pages(Sequence& sequence, size_t n_tokens) {
  for (size_t g = 0; g < pools_.size(); ++g) {
    const StateGroup& group = plan_.graph().groups[g];
    const size_t blocks =
        group.kind == SIROCCO_STATE_RECURRENT ? 1 : blocks_of(n_tokens, group.page_tokens);
    for (size_t b = sequence.first_block[g]; b < blocks; ++b)
      if (sequence.tables[g][b] < 0) sequence.tables[g][b] = pools_[g].take();
  }
}

void Sequences::reclaim(Sequence& sequence) {
  for (size_t g = 0; g < pools_.size(); ++g) {
    const StateGroup& group = plan_.graph().groups[g];
    if (group.kind == SIROCCO_STATE_RECURRENT) continue;
    auto& table = sequence.tables[g];
    const auto give_back = [&](size_t block) {
      if (table[block] < 0) return;
      pools_[g].give_back(table[block]);
      table[block] = -1;
    };
    const size_t keep_from = window_begin(group, sequence.in_state) / group.page_tokens;
    for (size_t b = sequence.first_block[g]; b < keep_from; ++b) give_back(b);
    sequence.first_block[g] = std::max(sequence.first_block[g], keep_from);
    for (size_t b = blocks_of(sequence.in_state, group.page_tokens); b < table.size(); ++b) {
      if (table[b] < 0) break;  // pages past the end are taken in order
      give_back(b);
    }
  }
}

bool Sequences::holds_window(const Sequence& sequence, size_t n_tokens) const {
  for (size_t g = 0; g < pools_.size(); ++g) {
    const StateGroup& group = plan_.graph().groups[g];
    if (group.kind == SIROCCO_STATE_RECURRENT) continue;
    if (window_begin(group, n_tokens) / group.page_tokens < sequence.first_block[g]) return false;
  }
  return true;
}

void Sequences::drop_state(Sequence& sequence) {
  for (size_t g = 0; g < pools_.size(); ++g) {
    for (int32_t& page : sequence.tables[g]) {
      if (page >= 0) pools_[g].give_back(page);
      page = -1;
    }
    sequence.first_block[g] = 0;
  }
  sequence.in_state = 0;
}

void Sequences::drop_all_state() {
  for (Sequence& sequence : sequences_)
    if (sequence.open) drop_state(sequence);
}

}  // namespace sirocco
