#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/abi/tokenizer.h>

#include "loader/host.hpp"
#include "loader/plugin.hpp"

namespace sirocco {

/// A tokenizer plugin with one vocabulary loaded. Immutable; usable from any number of threads.
class Tokenizer {
 public:
  /// Throws Error(plugin) where the plugin offers no tokenizer interface, Error(invalid_file) where
  /// it does not take the file.
  Tokenizer(std::shared_ptr<Plugin> plugin, const std::filesystem::path& file, HostConfig host);
  ~Tokenizer();
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;

  const sirocco_tokenizer_info& info() const { return info_; }
  /// Without begin and end tokens; names of control tokens in the text are text.
  std::vector<int32_t> encode(std::string_view text) const;
  /// The bytes these tokens add; `flags` is a set of SIROCCO_DECODE_*.
  std::string decode(const std::vector<int32_t>& ids, uint32_t flags) const;
  /// Appends the bytes that one token adds.
  void decode_one(int32_t id, uint32_t flags, std::string& bytes) const;
  /// SIROCCO_TOKEN_*; -1 outside the vocabulary.
  int32_t kind(int32_t id) const { return interface_.kind(tokenizer_, id); }
  /// -1 where there is no control token of that name.
  int32_t control_id(std::string_view name) const;

 private:
  void check(sirocco_status status, const char* what, const sirocco_error& error) const;

  std::shared_ptr<Plugin> plugin_;
  std::unique_ptr<Host> host_;
  sirocco_tokenizer_interface interface_{};
  sirocco_tokenizer* tokenizer_ = nullptr;
  sirocco_tokenizer_info info_{};
};

}  // namespace sirocco
