#include "exec/executor.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sirocco/error.hpp>

#include "graph/op.hpp"

namespace sirocco {

Executor::Executor(std::shared_ptr<const Plan> plan, const FindWeight& find_weight,
                   const LoadProgress& progress)
    : plan_(std::move(plan)),
      sequences_(*plan_),
      bound_(plan_, find_weight, progress),
      outputs_(*plan_, bound_.arenas()) {
  find_vocab_size();
}

void Executor::find_vocab_size() {
  const Graph& graph = plan_->graph();
  for (const Node& node : graph.nodes) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId weight = node.inputs[i];
      if (weight == kNone || graph.values[weight].kind != SIROCCO_VALUE_WEIGHT) continue;
      const size_t spec = std::min(i, node.op->inputs.size() - 1);
      const bool looked_up = std::ranges::any_of(node.inputs, [&](ValueId input) {
        return input != kNone && graph.values[input].kind == SIROCCO_VALUE_TOKENS;
      });
      if (!looked_up || node.op->inputs[spec].use != SIROCCO_USE_GATHER) continue;
      const int64_t rows = graph.values[weight].type.shape[0].base;
      vocab_size_ = static_cast<int32_t>(std::min<int64_t>(vocab_size_, rows));
    }
  }
}

std::span<const int32_t> Executor::tokens(SequenceId id) const {
  const Sequence& sequence = sequences_.at(id);
  return {sequence.tokens.data(), sequence.committed};
}

void Executor::check(std::span<const SequenceInput> inputs) const {
  const StepLimits& limits = plan_->options().limits;
  int64_t tokens = 0, rows = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const SequenceInput& input = inputs[i];
    const Sequence& sequence = sequences_.at(input.sequence);
    if (sequence.pending()) {
      throw Error(ErrorKind::usage, fmt::format("sequence {} has {} tokens that are not committed",
                                                input.sequence.index, sequence.pending()));
    }
    for (size_t j = 0; j < i; ++j) {
      if (inputs[j].sequence == input.sequence)
        throw Error(ErrorKind::usage,
                    fmt::format("sequence {} is in the step twice", input.sequence.index));
    }
    if (input.tokens.empty()) throw Error(ErrorKind::usage, "a sequence in a step has no tokens");
    sequences_.check_room(sequence, input.tokens.size());
    for (int32_t token : input.tokens) {
      if (token < 0 || token >= vocab_size_)
        throw Error(ErrorKind::invalid_file,
                    fmt::format("token id {} is outside the vocabulary of {}", token, vocab_size_));
    }
    if (!input.sampling.empty() &&
        (!plan_->sampling() || input.sampling.size() != input.wanted.size())) {
      throw Error(ErrorKind::usage, plan_->sampling()
                                        ? fmt::format("{} records of sampling for {} wanted rows",
                                                      input.sampling.size(), input.wanted.size())
                                        : "the plan does not sample, so its steps cannot either");
    }
    for (uint32_t row : input.wanted) {
      if (row >= input.tokens.size())
        throw Error(ErrorKind::usage,
                    fmt::format("row {} is wanted of {} tokens", row, input.tokens.size()));
    }
    tokens += static_cast<int64_t>(input.tokens.size());
    rows += static_cast<int64_t>(input.wanted.size());
  }
  const auto within = [](const char* what, int64_t value, int64_t limit) {
    if (value > limit)
      throw Error(ErrorKind::usage,
                  fmt::format("{} {} in one step, but the limit is {}", value, what, limit));
  };
  within("tokens", tokens, limits.max_tokens);
  within("sequences", static_cast<int64_t>(inputs.size()), limits.max_seqs);
  within("wanted rows", rows, limits.max_rows);
}

void Executor::step(std::span<const SequenceInput> inputs) {
  if (inputs.empty()) throw Error(ErrorKind::usage, "a step has no sequences");
  check(inputs);
  for (const SequenceInput& input : inputs) {
    const Sequence& sequence = sequences_.at(input.sequence);
    if (sequence.in_state < sequence.committed) replay(input.sequence);
  }
  run(inputs);
}

void Executor::replay(SequenceId id) {
  Sequence& sequence = sequences_.at(id);
  const auto chunk = static_cast<size_t>(plan_->options().limits.max_tokens);
  while (sequence.in_state < sequence.committed) {
    const size_t n = std::min(chunk, sequence.committed - sequence.in_state);
    const SequenceInput input{id, {sequence.tokens.data() + sequence.in_state, n}, {}};
    run({&input, 1});
    sequences_.reclaim(sequence);
  }
}

void Executor::check_pages(std::span<const SequenceInput> inputs) const {
  for (size_t g = 0; g < plan_->groups().size(); ++g) {
    size_t missing = 0;
    for (const SequenceInput& input : inputs) {
      const Sequence& sequence = sequences_.at(input.sequence);
      missing += sequences_.missing_pages(sequence, g, sequence.in_state + input.tokens.size());
    }
    if (missing > sequences_.available_pages(g)) {
      throw Error(ErrorKind::failure, fmt::format("state group {} needs {} more pages, {} are free",
                                                  plan_->graph().groups[g].name, missing,
                                                  sequences_.available_pages(g)));
    }
  }
}

void Executor::run(std::span<const SequenceInput> inputs) {
  check_pages(inputs);
  for (const SequenceInput& input : inputs) {
    Sequence& sequence = sequences_.at(input.sequence);
    sequences_.take_pages(sequence, sequence.in_state + input.tokens.size());
  }
  fill(inputs);
  try {
    bound_.execute(live_);
    outputs_.read(live_, sampled_);
  } catch (...) {
    // What a failed execute leaves in the states it touched is of no use to anybody.
    sequences_.drop_all_state();
    throw;
  }
  for (const SequenceInput& input : inputs) {
    Sequence& sequence = sequences_.at(input.sequence);
    const bool replaying = sequence.in_state < sequence.committed;
    if (!replaying)
      sequence.tokens.insert(sequence.tokens.end(), input.tokens.begin(), input.tokens.end());
    sequence.in_state += input.tokens.size();
  }
}

void Executor::fill(std::span<const SequenceInput> inputs) {
  live_ = {0, static_cast<int64_t>(inputs.size()), 0};
  for (const SequenceInput& input : inputs) {
    live_.tokens += static_cast<int64_t>(input.tokens.size());
    live_.rows += static_cast<int64_t>(input.wanted.size());
  }
  StepBuffer& buffer = bound_.step();
  buffer.begin(live_, plan_->pad(live_));
  sampled_ = true;
  size_t token = 0, row = 0;
  for (size_t s = 0; s < inputs.size(); ++s) {
    const Sequence& sequence = sequences_.at(inputs[s].sequence);
    const size_t start = sequence.in_state, n = inputs[s].tokens.size();
    buffer.cu_seqlens()[s] = static_cast<int32_t>(token);
    buffer.kv_lens()[s] = static_cast<int32_t>(start + n);
    sampled_ &= inputs[s].sampling.size() == inputs[s].wanted.size();
    for (size_t i = 0; i < inputs[s].wanted.size(); ++i, ++row) {
      const uint32_t wanted = inputs[s].wanted[i];
      buffer.wanted()[row] = static_cast<int32_t>(token + wanted);
      if (inputs[s].sampling.empty()) continue;
      sdk::SamplingRecord record = inputs[s].sampling[i];
      record.position = start + wanted + 1;
      buffer.set_sampling(row, record);
    }
    for (size_t g = 0; g < plan_->groups().size(); ++g) {
      std::ranges::copy(sequence.tables[g], buffer.table(g, s).begin());
      const StateGroup& group = plan_->graph().groups[g];
      if (group.kind == SIROCCO_STATE_RECURRENT) continue;
      for (size_t i = 0; i < n; ++i) {
        const size_t position = start + i;
        buffer.slots(g)[token + i] = static_cast<int32_t>(
            static_cast<size_t>(sequence.tables[g][position / group.page_tokens]) *
                group.page_tokens +
            position % group.page_tokens);
      }
    }
    for (size_t i = 0; i < n; ++i, ++token) {
      buffer.tokens()[token] = inputs[s].tokens[i];
      buffer.positions()[token] = static_cast<int32_t>(start + i);
      buffer.seq_of_token()[token] = static_cast<int32_t>(s);
    }
  }
}

void Executor::keep(Sequence& sequence, size_t n_tokens) {
  const bool cut = n_tokens < sequence.in_state;
  sequence.tokens.resize(n_tokens);
  sequence.committed = n_tokens;
  if (cut && (!sequences_.holds_window(sequence, n_tokens) ||
              !bound_.truncate_recurrent(sequence.tables, n_tokens))) {
    sequences_.drop_state(sequence);
    return;
  }
  sequence.in_state = std::min(sequence.in_state, n_tokens);
  sequences_.reclaim(sequence);
}

void Executor::commit(SequenceId id, size_t n_accepted) {
  Sequence& sequence = sequences_.at(id);
  if (n_accepted > sequence.pending()) {
    throw Error(ErrorKind::usage,
                fmt::format("{} tokens committed of {} pending", n_accepted, sequence.pending()));
  }
  keep(sequence, sequence.committed + n_accepted);
}

void Executor::truncate(SequenceId id, size_t n_tokens) {
  Sequence& sequence = sequences_.at(id);
  if (sequence.pending()) {
    throw Error(ErrorKind::usage, "a sequence is truncated while it has tokens not committed");
  }
  if (n_tokens > sequence.committed) {
    throw Error(ErrorKind::usage,
                fmt::format("{} tokens kept of {}", n_tokens, sequence.committed));
  }
  keep(sequence, n_tokens);
}

}  // namespace sirocco
