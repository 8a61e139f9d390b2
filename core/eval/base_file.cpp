#include "eval/base_file.hpp"

#include <bit>
#include <cstring>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>
#include <sirocco/sdk/numeric.hpp>

#include "eval/checksum.hpp"
#include "eval/logit_rows.hpp"
#include "graph/scalar.hpp"
#include "graph/tensor_type.hpp"

namespace sirocco {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie");

constexpr char kMagic[8] = {'S', 'I', 'R', 'B', 'A', 'S', 'E', 1};
constexpr uint64_t kNumber = sizeof(uint64_t);
constexpr uint64_t kLongestHeader = 1 << 16;
/// Beyond any vocabulary, window or count of them, and small enough that products fit 64 bits where
/// they are checked.
constexpr int64_t kLargest = int64_t{1} << 31;

nlohmann::ordered_json to_json(const BaseHeader& header) {
  nlohmann::ordered_json json = {{"vocab", header.vocab},     {"dtype", dtype_name(header.dtype)},
                                 {"window", header.window},   {"stride", nullptr},
                                 {"windows", header.windows}, {"scored", header.scored},
                                 {"tokens", header.tokens},   {"from", header.made_from}};
  if (header.stride) json["stride"] = *header.stride;
  return json;
}

/// The whole of a header's fields; throws what nlohmann throws, or a text of what is wrong.
BaseHeader from_json(const nlohmann::json& json) {
  const auto number = [&](const char* key) {
    const auto value = json.at(key).get<int64_t>();
    if (value < 1 || value > kLargest)
      throw fmt::format("{} is {}, expected 1 to {}", key, value, kLargest);
    return value;
  };
  BaseHeader header;
  header.vocab = number("vocab");
  header.dtype = dtype_from_name(json.at("dtype").get<std::string>());
  if (header.dtype != SIROCCO_DTYPE_F16 && header.dtype != SIROCCO_DTYPE_F32)
    throw std::string("dtype is neither f16 nor f32");
  header.window = number("window");
  if (!json.at("stride").is_null()) header.stride = number("stride");
  header.windows = number("windows");
  header.scored = number("scored");
  if (header.scored != WindowRule{header.window, header.stride, -1}.scored())
    throw fmt::format("{} tokens of a window are scored, which its size and stride contradict",
                      header.scored);
  header.tokens = json.at("tokens").get<std::string>();
  header.made_from = json.at("from").get<std::string>();
  return header;
}

}  // namespace

std::string tokens_digest(const Windows& windows) {
  std::vector<int32_t> all;
  for (const auto& window : windows.tokens) all.insert(all.end(), window.begin(), window.end());
  return fmt::format("{:016x}", fnv1a(std::as_bytes(std::span(all))));
}

BaseWriter::BaseWriter(const std::filesystem::path& target, const BaseHeader& header)
    : header_(header),
      output_(target),
      log_ps_(static_cast<size_t>(header.vocab)),
      row_(static_cast<size_t>(header.vocab) * dtype_bytes(header.dtype) + kNumber) {
  const std::string text = to_json(header_).dump();
  const uint64_t length = text.size();
  const uint64_t hash = fnv1a(std::as_bytes(std::span(text)));
  output_.write(kMagic, sizeof kMagic);
  output_.write(&length, sizeof length);
  output_.write(text.data(), text.size());
  output_.write(&hash, sizeof hash);
}

void BaseWriter::add(std::span<const float> logits) {
  if (logits.size() != log_ps_.size())
    throw Error(ErrorKind::failure,
                fmt::format("a row of {} logits in a base of {}", logits.size(), log_ps_.size()));
  const double log_sum = log_sum_exp(logits);
  for (size_t i = 0; i < logits.size(); ++i) log_ps_[i] = logits[i] - log_sum;
  sdk::store_doubles(row_.data(), header_.dtype, 0, header_.vocab, log_ps_.data());
  const size_t bytes = row_.size() - kNumber;
  const uint64_t hash = fnv1a({row_.data(), bytes});
  std::memcpy(row_.data() + bytes, &hash, kNumber);
  output_.write(row_.data(), row_.size());
  ++rows_;
}

void BaseWriter::commit() {
  if (rows_ != header_.rows())
    throw Error(ErrorKind::failure, fmt::format("{} rows of {} were added", rows_, header_.rows()));
  output_.commit();
}

BaseReader::BaseReader(const std::filesystem::path& file) : file_(MappedFile::open(file)) {
  read_header();
  const uint64_t expected = at_ + header_.rows() * row_bytes();
  if (file_.size() != expected) {
    refuse(fmt::format("it has {} bytes, but its header tells of {}: it was cut or changed",
                       file_.size(), expected));
  }
  values_.resize(static_cast<size_t>(header_.vocab));
}

void BaseReader::refuse(const std::string& why) const {
  throw Error(ErrorKind::invalid_file,
              file_.path().string() + ": " + why + "; make it again with --save-base");
}

uint64_t BaseReader::row_bytes() const {
  return static_cast<uint64_t>(header_.vocab) * dtype_bytes(header_.dtype) + kNumber;
}

void BaseReader::read_header() {
  const std::byte* data = file_.data();
  if (file_.size() < sizeof kMagic + kNumber || std::memcmp(data, kMagic, sizeof kMagic - 1) != 0)
    refuse("it holds no base log-probabilities");
  if (const auto version = static_cast<int>(data[sizeof kMagic - 1]); version != kMagic[7])
    refuse(fmt::format("it has version {} of the format, this program reads {}", version,
                       static_cast<int>(kMagic[7])));
  uint64_t length = 0, hash = 0;
  std::memcpy(&length, data + sizeof kMagic, kNumber);
  at_ = sizeof kMagic + kNumber;
  if (length > kLongestHeader || file_.size() - at_ < length + kNumber)
    refuse(fmt::format("its header of {} bytes does not fit: it was cut or changed", length));
  const std::span<const std::byte> header(data + at_, length);
  std::memcpy(&hash, data + at_ + length, kNumber);
  if (hash != fnv1a(header)) refuse("its header has another checksum: it was changed");
  at_ += length + kNumber;
  try {
    const auto* text = reinterpret_cast<const char*>(header.data());
    header_ = from_json(nlohmann::json::parse(text, text + header.size()));
  } catch (const nlohmann::json::exception& e) {
    refuse(fmt::format("its header cannot be read: {}", e.what()));
  } catch (const std::string& why) {
    refuse("its header makes no sense: " + why);
  }
  if (header_.rows() > UINT64_MAX / 2 / row_bytes()) refuse("its header tells of too many rows");
}

void BaseReader::check(const Windows& windows, const WindowRule& rule, int64_t vocab) const {
  const auto differs = [&](const std::string& what) {
    throw Error(ErrorKind::invalid_file,
                fmt::format("{}: made from {}: {}; compare runs of one text, one tokenizer and one "
                            "--ctx and --stride",
                            file_.path().string(), header_.made_from, what));
  };
  if (vocab != header_.vocab)
    differs(fmt::format("its rows have {} tokens, the model's {}", header_.vocab, vocab));
  if (rule.size != header_.window || rule.stride != header_.stride)
    differs(fmt::format("its windows have {} tokens and {} scored, these {} and {}", header_.window,
                        header_.scored, rule.size, rule.scored()));
  if (static_cast<int64_t>(windows.tokens.size()) != header_.windows)
    differs(fmt::format("it has {} windows, this text {}", header_.windows, windows.tokens.size()));
  if (tokens_digest(windows) != header_.tokens) differs("its tokens are others");
}

std::span<const float> BaseReader::next() {
  if (row_ >= header_.rows()) refuse("more rows were asked for than it has");
  const uint64_t bytes = row_bytes() - kNumber;
  const std::byte* row = file_.data() + at_;
  uint64_t hash = 0;
  std::memcpy(&hash, row + bytes, kNumber);
  if (hash != fnv1a({row, bytes}))
    refuse(fmt::format("row {} of {}, at byte {}, has another checksum: it was changed", row_,
                       header_.rows(), at_));
  scalars_to_f32(row, header_.dtype, values_.size(), values_.data());
  file_.release(at_, bytes + kNumber);
  at_ += bytes + kNumber;
  ++row_;
  return values_;
}

}  // namespace sirocco
