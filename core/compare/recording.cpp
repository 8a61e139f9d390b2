#include "compare/recording.hpp"

#include <functional>
#include <numeric>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "weights/safetensors_writer.hpp"

namespace sirocco {
namespace {

constexpr const char* kFormat = "sirocco.recording/1";

std::string entry_name(size_t step, const std::string& value) {
  return fmt::format("{}/{}", step, value);
}

DriftTokens tokens_of(const std::map<std::string, std::string>& metadata,
                      const std::filesystem::path& path) {
  const auto field = [&](const char* name) {
    const auto found = metadata.find(name);
    return found == metadata.end() ? std::string() : found->second;
  };
  if (field("format") != kFormat)
    throw Error(ErrorKind::invalid_file, path.string() + ": not a recording of this version");
  DriftTokens tokens;
  try {
    tokens.ids = nlohmann::json::parse(field("tokens")).get<std::vector<int32_t>>();
    tokens.n_prompt = nlohmann::json::parse(field("n_prompt")).get<size_t>();
  } catch (const nlohmann::json::exception& e) {
    throw Error(ErrorKind::invalid_file,
                path.string() + ": its tokens cannot be read: " + e.what());
  }
  if (tokens.n_prompt == 0 || tokens.n_prompt > tokens.ids.size())
    throw Error(ErrorKind::invalid_file, path.string() + ": its tokens make no steps");
  return tokens;
}

}  // namespace

void run_steps(Executor& executor, const DriftTokens& tokens,
               const std::function<void(size_t step)>& step) {
  const SequenceId id = executor.open();
  std::vector<uint32_t> rows(tokens.n_prompt);
  std::iota(rows.begin(), rows.end(), 0u);
  try {
    for (size_t s = 0; s < tokens.n_steps(); ++s) {
      const size_t begin = s == 0 ? 0 : tokens.n_prompt + s - 1;
      const size_t n = s == 0 ? tokens.n_prompt : 1;
      step(s);
      const SequenceInput input{id, {tokens.ids.data() + begin, n}, {rows.data(), n}};
      executor.step({&input, 1});
      executor.commit(id, n);
    }
  } catch (...) {
    executor.close(id);
    throw;
  }
  executor.close(id);
}

void record(Executor& executor, const DriftTokens& tokens, const std::filesystem::path& path) {
  const Plan& plan = executor.plan();
  std::vector<TensorToWrite> tensors;
  std::vector<std::vector<std::byte>> contents;
  size_t now = 0;
  executor.watch([&](size_t part) {
    for_each_made(plan, part, [&](ValueId value) {
      const std::span<const std::byte> made = executor.made(part, value);
      const Value& of = plan.graph().values[value];
      contents.emplace_back(made.begin(), made.end());
      const auto items = static_cast<int64_t>(made.size() / dtype_bytes(of.type.dtype));
      tensors.push_back({entry_name(now, of.name), of.type.dtype, {items}, nullptr});
    });
  });
  run_steps(executor, tokens, [&](size_t step) { now = step; });
  executor.watch({});
  for (size_t i = 0; i < tensors.size(); ++i) tensors[i].data = contents[i].data();
  write_safetensors(path, tensors,
                    {{"format", kFormat},
                     {"tokens", nlohmann::json(tokens.ids).dump()},
                     {"n_prompt", std::to_string(tokens.n_prompt)}});
}

sirocco_dtype output_dtype(const Plan& plan) {
  return plan.graph().values[plan.graph().outputs.at(0).value].type.dtype;
}

std::span<const std::byte> bytes_of(const OutputView& view) {
  uint64_t bytes = dtype_bytes(view.dtype);
  for (const int64_t extent : view.shape) bytes *= static_cast<uint64_t>(extent);
  return {view.data, bytes};
}

void for_each_made(const Plan& plan, size_t part, const std::function<void(ValueId)>& visit) {
  const PlannedPart& planned = plan.parts()[part];
  const auto ids = planned.view->values();
  for (size_t local = 0; local < ids.size(); ++local)
    if (planned.view->get()->values[local].kind == SIROCCO_VALUE_OUTPUT) visit(ids[local]);
}

Recording::Recording(const std::filesystem::path& path)
    : file_(SafetensorsFile::open(path)), tokens_(tokens_of(file_.metadata(), path)) {}

std::optional<Recording::Entry> Recording::find(size_t step, const std::string& value) const {
  const TensorRecord* record = file_.find(entry_name(step, value));
  if (!record) return std::nullopt;
  return Entry{record->dtype, {file_.data(*record), record->bytes}};
}

}  // namespace sirocco
