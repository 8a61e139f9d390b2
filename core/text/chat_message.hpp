#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sirocco {

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  ///< JSON, or any text
};

struct ChatMessage {
  std::string role;  ///< "system", "user", "assistant" or "tool"
  /// Its texts; a template joins them.
  std::vector<std::string> content{};
  std::vector<ToolCall> calls{};  ///< of an assistant
  std::string call_id{};          ///< of a tool's result
  bool prefix = false;            ///< of the last assistant message: to be gone on with
  /// The content as tokens that a model generated, which stand for it as they are: encoding the
  /// text again might cut it otherwise, and what is held of the sequence would be lost.
  std::optional<std::vector<int32_t>> tokens = std::nullopt;
};

struct ChatRequest {
  std::vector<ChatMessage> messages;
  std::string tools;  ///< JSON list of tools; empty: none
};

/// A request in the shape of the public chat API, of which only what a template sees is kept.
/// Throws Error(invalid_file) that names the place for anything that is not such a request, for
/// unknown keys and for content other than text.
ChatRequest parse_chat_request(std::string_view json, const std::string& label);

}  // namespace sirocco
