#include "text/tokenizer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

sirocco_error empty_error() {
  sirocco_error error;
  error.struct_size = sizeof error;
  error.message[0] = '\0';
  return error;
}

/// All of the functions that there are now are needed to make any use of a tokenizer.
constexpr size_t kRequiredSize = offsetof(sirocco_tokenizer_interface, control_id) +
                                 sizeof(sirocco_tokenizer_interface::control_id);

bool is_complete(const sirocco_tokenizer_interface& table) {
  return table.create && table.destroy && table.info && table.encode && table.decode &&
         table.kind && table.control_id;
}

/// What the plugin wrote, or what stands for it.
std::string message_of(const sirocco_error& error) {
  const size_t length = strnlen(error.message, sizeof error.message);
  return length ? std::string(error.message, length) : "failed";
}

/// Calls `fill(capacity)`, which answers how much there is, with the room it asked for.
template <class Buffer, class Fill>
void fill_twice(Buffer& buffer, const std::string& name, Fill&& fill) {
  for (int round = 0; round < 2; ++round) {
    const size_t count = fill(buffer);
    const bool complete = count <= buffer.size();
    buffer.resize(count);
    if (complete) return;
  }
  throw Error(ErrorKind::plugin, name + ": needs more room each time it is asked");
}

}  // namespace

Tokenizer::Tokenizer(std::shared_ptr<Plugin> plugin, const std::filesystem::path& file,
                     HostConfig host)
    : plugin_(std::move(plugin)) {
  const auto* offered =
      plugin_->find_interface<sirocco_tokenizer_interface>(SIROCCO_INTERFACE_TOKENIZER);
  const std::string name = plugin_->descriptor().name;
  if (!offered || offered->struct_size < kRequiredSize || !is_complete(*offered)) {
    throw Error(ErrorKind::plugin, name + " offers no usable " + SIROCCO_INTERFACE_TOKENIZER +
                                       "; `sirocco plugins` lists what each plugin offers");
  }
  std::memcpy(&interface_, offered, std::min(offered->struct_size, sizeof interface_));
  host.plugin_path = plugin_->path().string();
  host.abi_version = plugin_->abi_version();
  host_ = std::make_unique<Host>(std::move(host));
  const std::string path = file.string();
  sirocco_error error = empty_error();
  const sirocco_status status =
      interface_.create(host_->get(), {path.data(), path.size()}, &tokenizer_, &error);
  if (status != SIROCCO_OK || !tokenizer_) {
    const bool file_is_bad = status == SIROCCO_IO || status == SIROCCO_INVALID_ARGUMENT;
    throw Error(file_is_bad ? ErrorKind::invalid_file : ErrorKind::plugin,
                path + ": " + name + ": " + message_of(error));
  }
  info_.struct_size = sizeof info_;
  error = empty_error();
  check(interface_.info(tokenizer_, &info_, &error), "info", error);
}

Tokenizer::~Tokenizer() {
  if (tokenizer_) interface_.destroy(tokenizer_);
}

void Tokenizer::check(sirocco_status status, const char* what, const sirocco_error& error) const {
  if (status == SIROCCO_OK) return;
  throw Error(ErrorKind::plugin,
              std::string(plugin_->descriptor().name) + ": " + what + ": " + message_of(error));
}

std::vector<int32_t> Tokenizer::encode(std::string_view text) const {
  // No token of a text stands for less than one byte, but for a space put before it.
  std::vector<int32_t> ids(text.size() + 8);
  fill_twice(ids, plugin_->descriptor().name, [&](std::vector<int32_t>& room) {
    size_t count = 0;
    sirocco_error error = empty_error();
    check(interface_.encode(tokenizer_, {text.data(), text.size()}, room.data(), room.size(),
                            &count, &error),
          "encode", error);
    return count;
  });
  return ids;
}

std::string Tokenizer::decode(const std::vector<int32_t>& ids, uint32_t flags) const {
  std::string bytes(ids.size() * 16 + 16, '\0');
  fill_twice(bytes, plugin_->descriptor().name, [&](std::string& room) {
    size_t count = 0;
    sirocco_error error = empty_error();
    check(interface_.decode(tokenizer_, ids.data(), ids.size(), flags, room.data(), room.size(),
                            &count, &error),
          "decode", error);
    return count;
  });
  return bytes;
}

void Tokenizer::decode_one(int32_t id, uint32_t flags, std::string& bytes) const {
  char small[256];
  size_t count = 0;
  sirocco_error error = empty_error();
  check(interface_.decode(tokenizer_, &id, 1, flags, small, sizeof small, &count, &error), "decode",
        error);
  if (count <= sizeof small)
    bytes.append(small, count);
  else
    bytes += decode({id}, flags);
}

int32_t Tokenizer::control_id(std::string_view name) const {
  return interface_.control_id(tokenizer_, {name.data(), name.size()});
}

}  // namespace sirocco
