#pragma once

#include <string>
#include <string_view>

namespace sirocco::safetensors {

/// `text` as plain ASCII for a message: other bytes become \xNN, and what is beyond `limit` bytes
/// becomes "...". A hostile file thus cannot send escape sequences or megabytes to a terminal.
std::string printable(std::string_view text, std::size_t limit = 96);

/// printable() between single quotes.
std::string in_quotes(std::string_view text);

/// Whether UTF-8 `text` contains a NUL or another control character (C0, DEL or C1).
bool has_control_characters(std::string_view text);

/// nlohmann's message less its internal prefix, made printable.
std::string json_reason(std::string_view what);

}  // namespace sirocco::safetensors
