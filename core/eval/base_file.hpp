#pragma once
// Log-probabilities of every scored row, kept so that another run can be compared with them.
//
// A file is, all numbers little-endian:
//
//   8 bytes   "SIRBASE" and the format's version, 1, as one byte
//   u64       length n of the header
//   n bytes   the header, a JSON object: vocab, dtype, window, stride, windows, scored, tokens,
//   from u64       FNV-1a of the header rows      windows × scored times: vocab log-probabilities,
//   and u64 FNV-1a of their bytes
//
// As f16 a row is half as long, and loses little: the closer to certain a token is, the finer f16
// is, and what is read is normalised again (compare_rows takes the softmax of what it gets), so
// that rounding by δ changes a KL by about δ², some 1e-8, where both runs nearly agree.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sirocco/abi/types.h>

#include "eval/windows.hpp"
#include "weights/atomic_output.hpp"
#include "weights/mapped_file.hpp"

namespace sirocco {

/// What the rows of a base were made of.
struct BaseHeader {
  int64_t vocab = 0;
  sirocco_dtype dtype = SIROCCO_DTYPE_F16;  ///< or F32
  int64_t window = 0;                       ///< as WindowRule::size
  std::optional<int64_t> stride = {};       ///< as WindowRule::stride
  int64_t windows = 0;
  int64_t scored = 0;          ///< rows a window
  std::string tokens = {};     ///< `tokens_digest` of the windows
  std::string made_from = {};  ///< model and placement, for people

  uint64_t rows() const { return static_cast<uint64_t>(windows) * static_cast<uint64_t>(scored); }
};

/// 16 hexadecimal digits that tell the tokens of one set of windows from another's.
std::string tokens_digest(const Windows& windows);

/// Writes beside the target, which is replaced by commit() alone; see AtomicOutput.
class BaseWriter {
 public:
  BaseWriter(const std::filesystem::path& target, const BaseHeader& header);
  /// One row of logits [vocab]. Throws as `log_sum_exp`, and Error(failure) where it cannot be
  /// written.
  void add(std::span<const float> logits);
  /// Throws Error(failure) unless every row was added.
  void commit();

 private:
  BaseHeader header_;
  AtomicOutput output_;
  uint64_t rows_ = 0;
  std::vector<double> log_ps_;
  std::vector<std::byte> row_;  ///< with its checksum
};

/// A file of that form; nothing of it is believed unchecked. Every member throws
/// Error(invalid_file) that names the file and what is wrong with it.
class BaseReader {
 public:
  /// Checks header and size; rows are checked when they are read.
  explicit BaseReader(const std::filesystem::path& file);
  const BaseHeader& header() const { return header_; }
  /// Throws unless the file was made of these windows and this size of vocabulary.
  void check(const Windows& windows, const WindowRule& rule, int64_t vocab) const;
  /// The next row: log-probabilities [vocab], until the next call.
  std::span<const float> next();

 private:
  [[noreturn]] void refuse(const std::string& why) const;
  uint64_t row_bytes() const;
  void read_header();

  MappedFile file_;
  BaseHeader header_;
  uint64_t at_ = 0;   ///< bytes
  uint64_t row_ = 0;  ///< read so far
  std::vector<float> values_;
};

}  // namespace sirocco
