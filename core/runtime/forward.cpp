#include "runtime/forward.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// The tokens of each prompt that one step runs.
class Chunks {
 public:
  Chunks(const Prompts& prompts, size_t chunk) : prompts_(prompts), chunk_(chunk) {}
  std::span<const int32_t> at(size_t prompt, size_t done) const {
    const std::vector<int32_t>& tokens = prompts_[prompt];
    const size_t left = tokens.size() - done;
    return {tokens.data() + done, chunk_ ? std::min(chunk_, left) : left};
  }

 private:
  const Prompts& prompts_;
  size_t chunk_;
};

/// Appends rows [first, first + n) of a view over all tokens of the step.
void append_rows(const OutputView& view, size_t first, size_t n, ForwardTensor& tensor) {
  const int64_t width =
      std::accumulate(view.shape.begin() + 1, view.shape.end(), int64_t{1}, std::multiplies<>());
  const size_t before = tensor.data.size();
  tensor.data.resize(before + n * static_cast<size_t>(width));
  view.to_f32(static_cast<int64_t>(first) * width, static_cast<int64_t>(n) * width,
              tensor.data.data() + before);
  tensor.shape[0] += static_cast<int64_t>(n);
}

/// Empty tensors, one for each output of the plan and prompt: [prompt][output].
std::vector<std::vector<ForwardTensor>> make_tensors(const Plan& plan, size_t n_prompts) {
  const size_t n_graph_outputs = plan.graph().outputs.size();
  std::vector<std::vector<ForwardTensor>> tensors(n_prompts);
  for (size_t o = 0; o < plan.outputs().size(); ++o) {
    const PlannedOutput& output = plan.outputs()[o];
    const Shape& shape = plan.graph().values[output.value].type.shape;
    const bool by_token =
        !shape.empty() && shape[0].base == 0 && shape[0].scale == 1 &&
        (shape[0].symbol == SIROCCO_SYM_TOKENS || shape[0].symbol == SIROCCO_SYM_ROWS) &&
        std::all_of(shape.begin() + 1, shape.end(), [](const Dim& d) { return d.is_constant(); });
    if (!by_token) {
      throw Error(ErrorKind::usage,
                  fmt::format("'{}' has shape {}: only values with one row a token can be written",
                              output.name, shape_to_string(shape)));
    }
    for (size_t p = 0; p < n_prompts; ++p) {
      ForwardTensor tensor;
      tensor.name = fmt::format("{}{}.{}", o < n_graph_outputs ? "" : "tap.", output.name, p);
      tensor.shape.push_back(0);
      for (size_t d = 1; d < shape.size(); ++d) tensor.shape.push_back(shape[d].base);
      tensors[p].push_back(std::move(tensor));
    }
  }
  return tensors;
}

}  // namespace

StepLimits forward_limits(const Prompts& prompts, size_t chunk) {
  StepLimits limits{0, static_cast<int64_t>(prompts.size()), 0, 1};
  for (const auto& prompt : prompts) {
    limits.max_tokens +=
        static_cast<int64_t>(chunk ? std::min(chunk, prompt.size()) : prompt.size());
    limits.max_context = std::max(limits.max_context, static_cast<int64_t>(prompt.size()));
  }
  limits.max_rows = limits.max_tokens;
  return limits;
}

size_t find_logits(const Plan& plan, const std::string& purpose) {
  for (size_t o = 0; o < plan.graph().outputs.size(); ++o)
    if (plan.outputs()[o].name == "logits") return o;
  throw Error(ErrorKind::invalid_file, "the model has no output 'logits', so it cannot " + purpose);
}

void check_ids(const Prompts& prompts, int32_t vocab_size, const char* what) {
  for (size_t p = 0; p < prompts.size(); ++p) {
    for (size_t i = 0; i < prompts[p].size(); ++i) {
      if (prompts[p][i] < 0 || prompts[p][i] >= vocab_size) {
        throw Error(ErrorKind::invalid_file,
                    fmt::format("{} {}, entry {}: token id {} is outside the vocabulary of {}",
                                what, p, i, prompts[p][i], vocab_size));
      }
    }
  }
}

std::vector<ForwardTensor> forward(Executor& executor, const Prompts& prompts, size_t chunk,
                                   const std::function<void(size_t done, size_t total)>& progress) {
  std::vector<std::vector<ForwardTensor>> tensors = make_tensors(executor.plan(), prompts.size());
  const Chunks chunks(prompts, chunk);
  std::vector<uint32_t> rows;  // every token's, the same list for all sequences
  size_t total = 0, all_done = 0;
  for (const auto& prompt : prompts) {
    total += prompt.size();
    while (rows.size() < prompt.size()) rows.push_back(static_cast<uint32_t>(rows.size()));
  }
  check_ids(prompts, executor.vocab_size());
  std::vector<SequenceId> sequences;
  for (size_t p = 0; p < prompts.size(); ++p) sequences.push_back(executor.open());
  std::vector<size_t> done(prompts.size(), 0);
  while (all_done < total) {
    std::vector<SequenceInput> inputs;
    std::vector<size_t> members;
    for (size_t p = 0; p < prompts.size(); ++p) {
      const std::span<const int32_t> tokens = chunks.at(p, done[p]);
      if (tokens.empty()) continue;
      inputs.push_back({sequences[p], tokens, {rows.data(), tokens.size()}});
      members.push_back(p);
    }
    executor.step(inputs);
    for (size_t o = 0; o < executor.plan().outputs().size(); ++o) {
      const OutputView& view = executor.output(o);
      size_t row = 0;
      for (size_t i = 0; i < inputs.size(); ++i) {
        append_rows(view, row, inputs[i].tokens.size(), tensors[members[i]][o]);
        row += inputs[i].tokens.size();
      }
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      executor.commit(inputs[i].sequence, inputs[i].tokens.size());
      done[members[i]] += inputs[i].tokens.size();
      all_done += inputs[i].tokens.size();
    }
    if (progress) progress(all_done, total);
  }
  for (SequenceId sequence : sequences) executor.close(sequence);
  std::vector<ForwardTensor> flat;
  for (auto& of_prompt : tensors)
    for (ForwardTensor& tensor : of_prompt) flat.push_back(std::move(tensor));
  return flat;
}

namespace {

/// What an entry is, for a message: short, and safe however deep the entry is nested.
std::string entry_text(const nlohmann::json& entry) {
  return entry.is_number() ? entry.dump() : std::string("of type ") + entry.type_name();
}

}  // namespace

Prompts parse_prompts(const std::string& text, const std::string& label) {
  const auto bad = [&](const std::string& what) {
    return Error(ErrorKind::invalid_file,
                 label + ": " + what + "; expected a JSON list of lists of token ids, as [[1, 2]]");
  };
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    throw bad(e.what());
  }
  if (!json.is_array() || json.empty()) throw bad("not a list with at least one prompt");
  Prompts prompts;
  for (size_t p = 0; p < json.size(); ++p) {
    if (!json[p].is_array() || json[p].empty())
      throw bad(fmt::format("prompt {} is not a list with at least one id", p));
    std::vector<int32_t>& ids = prompts.emplace_back();
    for (size_t i = 0; i < json[p].size(); ++i) {
      const nlohmann::json& id = json[p][i];
      const bool fits =
          id.is_number_integer() &&
          (id.is_number_unsigned() ? id.get<uint64_t>() <= INT32_MAX : id.get<int64_t>() >= 0);
      if (!fits) throw bad(fmt::format("prompt {}, entry {} is {}", p, i, entry_text(id)));
      ids.push_back(static_cast<int32_t>(id.get<uint64_t>()));
    }
  }
  return prompts;
}

}  // namespace sirocco
