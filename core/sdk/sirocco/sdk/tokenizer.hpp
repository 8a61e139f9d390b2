#pragma once
// What makes a C++ class a tokenizer plugin: the interface's functions around its methods.

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sirocco/abi/tokenizer.h>
#include <sirocco/sdk/plugin.hpp>

namespace sirocco::sdk {

/// Where decoded bytes go: the host's buffer, as far as it reaches. Decoding one token a step then
/// needs no memory of the plugin's own.
class Bytes {
 public:
  Bytes(char* data, size_t capacity) : data_(data), capacity_(capacity) {}

  void append(std::string_view bytes) {
    if (count_ < capacity_)
      std::memcpy(data_ + count_, bytes.data(), std::min(bytes.size(), capacity_ - count_));
    count_ += bytes.size();
  }
  /// Of all that was appended, what did not fit included.
  size_t count() const { return count_; }

 private:
  char* data_;
  size_t capacity_;
  size_t count_ = 0;
};

/// The interface over a class with
///   T(const sirocco_host* host, std::string_view file)           throws StatusError
///   sirocco_tokenizer_info info() const                          strings live as long as the T
///   std::vector<int32_t> encode(std::string_view text) const
///   void decode(std::span<const int32_t> ids, uint32_t flags, Bytes& bytes) const
///   int32_t kind(int32_t id) const
///   int32_t control_id(std::string_view name) const
/// Ids outside the vocabulary never reach `decode` or `kind`.
template <class T>
struct TokenizerInterface {
  static const T& of(const sirocco_tokenizer* tokenizer) {
    return *reinterpret_cast<const T*>(tokenizer);
  }

  static sirocco_status create(const sirocco_host* host, sirocco_string file,
                               sirocco_tokenizer** tokenizer, sirocco_error* error) {
    return guarded(
        error, [&] { *tokenizer = reinterpret_cast<sirocco_tokenizer*>(new T(host, view(file))); });
  }

  static void destroy(sirocco_tokenizer* tokenizer) { delete reinterpret_cast<T*>(tokenizer); }

  static sirocco_status info(const sirocco_tokenizer* tokenizer, sirocco_tokenizer_info* info,
                             sirocco_error* error) {
    return guarded(error, [&] {
      sirocco_tokenizer_info full = of(tokenizer).info();
      // A host with a shorter struct gets as much of it as it knows.
      const size_t size = std::min(info->struct_size, sizeof full);
      full.struct_size = info->struct_size;
      std::memcpy(info, &full, size);
    });
  }

  static sirocco_status encode(const sirocco_tokenizer* tokenizer, sirocco_string text,
                               int32_t* ids, size_t capacity, size_t* count, sirocco_error* error) {
    return guarded(error, [&] {
      const std::vector<int32_t> all = of(tokenizer).encode(view(text));
      std::copy_n(all.begin(), std::min(capacity, all.size()), ids);
      *count = all.size();
    });
  }

  static sirocco_status decode(const sirocco_tokenizer* tokenizer, const int32_t* ids, size_t n_ids,
                               uint32_t flags, char* bytes, size_t capacity, size_t* count,
                               sirocco_error* error) {
    return guarded(error, [&] {
      for (size_t i = 0; i < n_ids; ++i) {
        if (!known(tokenizer, ids[i])) {
          throw StatusError(SIROCCO_INVALID_ARGUMENT,
                            "token id " + std::to_string(ids[i]) + " is outside the vocabulary");
        }
      }
      Bytes target(bytes, capacity);
      of(tokenizer).decode({ids, n_ids}, flags, target);
      *count = target.count();
    });
  }

  static int32_t kind(const sirocco_tokenizer* tokenizer, int32_t id) {
    return known(tokenizer, id) ? of(tokenizer).kind(id) : -1;
  }

  static int32_t control_id(const sirocco_tokenizer* tokenizer, sirocco_string name) {
    return of(tokenizer).control_id(view(name));
  }

  static bool known(const sirocco_tokenizer* tokenizer, int32_t id) {
    return id >= 0 && static_cast<uint32_t>(id) < of(tokenizer).info().vocab_size;
  }

  static constexpr sirocco_tokenizer_interface table{
      sizeof(sirocco_tokenizer_interface), create, destroy, info, encode, decode, kind, control_id};
};

}  // namespace sirocco::sdk
