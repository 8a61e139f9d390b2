#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/template_document.hpp"
#include "text/chat_message.hpp"

namespace sirocco {

/// A message with its texts joined.
struct Turn {
  const TemplateRole* role = nullptr;
  std::string name;  ///< of the role
  std::string content;
  std::vector<ToolCall> calls;
  std::string call_id;
  bool prefix = false;
  std::optional<std::vector<int32_t>> tokens;
};

/// Messages as a template's rules take them: joined, merged, system texts gathered.
struct Conversation {
  std::vector<Turn> turns;
  std::string system;
};

/// Throws Error(invalid_file) for what the rules do not allow.
Conversation take_conversation(const TemplateDocument& document, const ChatRequest& request);

}  // namespace sirocco
