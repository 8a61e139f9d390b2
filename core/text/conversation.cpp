#include "text/conversation.hpp"

#include <algorithm>

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

[[noreturn]] void fail(const TemplateDocument& document, size_t message, const std::string& what) {
  throw Error(ErrorKind::invalid_file, "message " + std::to_string(message + 1) + ": " + what +
                                           " (template " + document.name + ")");
}

std::string join(const std::vector<std::string>& texts, const std::string& between) {
  std::string joined;
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    if (!joined.empty()) joined += between;
    joined += text;
  }
  return joined;
}

void check_id(const TemplateDocument& document, size_t index, const std::string& id) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (document.call_id_length == 0) return;
  if (id.size() == static_cast<size_t>(document.call_id_length) && std::ranges::all_of(id, plain))
    return;
  fail(document, index,
       "the id of a tool call is '" + id + "', expected " +
           std::to_string(document.call_id_length) + " letters and digits");
}

void check_message(const TemplateDocument& document, const ChatRequest& request, size_t index) {
  const ChatMessage& message = request.messages[index];
  const TemplateRole* role = find_named(document.roles, message.role);
  if (!role) fail(document, index, "there are no '" + message.role + "' messages");
  const bool last = index + 1 == request.messages.size();
  if (message.role == "assistant") {
    if (last && !message.prefix)
      fail(document, index, "nothing to answer: the last message is the assistant's");
    const bool content = !join(message.content, "").empty() || message.tokens;
    if (!content && message.calls.empty())
      fail(document, index, "an assistant's message has neither content nor calls");
    if (content && !message.calls.empty() && !role->calls_with_content)
      fail(document, index, "an assistant's message has both content and calls");
  }
  for (const ToolCall& call : message.calls) check_id(document, index, call.id);
  if (message.role == "tool") check_id(document, index, message.call_id);
  if (last) return;
  const std::string& next = request.messages[index + 1].role;
  if (std::ranges::find(role->then, next) == role->then.end())
    fail(document, index + 1, "a '" + next + "' message after one of '" + message.role + "'");
}

void check_balance(const TemplateDocument& document, const ChatRequest& request) {
  const auto& messages = request.messages;
  for (size_t i = 0; i < messages.size(); ++i) {
    size_t results = 0;
    while (i + 1 + results < messages.size() && messages[i + 1 + results].role == "tool") ++results;
    if (messages[i].role != "assistant" || results == messages[i].calls.size()) continue;
    fail(document, i,
         std::to_string(messages[i].calls.size()) + " calls, but " + std::to_string(results) +
             " results follow");
  }
}

}  // namespace

Conversation take_conversation(const TemplateDocument& document, const ChatRequest& request) {
  if (request.messages.empty())
    throw Error(ErrorKind::invalid_file, "a conversation has at least one message");
  for (size_t i = 0; i < request.messages.size(); ++i) check_message(document, request, i);
  if (document.balanced_calls) check_balance(document, request);
  Conversation out;
  for (const ChatMessage& message : request.messages) {
    const TemplateRole* role = find_named(document.roles, message.role);
    const std::string content = join(message.content, document.join);
    if (role->collect) {
      out.system = join({out.system, content}, document.join);
      continue;
    }
    if (role->merge && !out.turns.empty() && out.turns.back().role == role) {
      Turn& turn = out.turns.back();
      turn.content = join({turn.content, content}, document.join);
      turn.calls.insert(turn.calls.end(), message.calls.begin(), message.calls.end());
      turn.prefix = message.prefix;
      turn.tokens.reset();
      continue;
    }
    out.turns.push_back({role, message.role, content, message.calls, message.call_id,
                         message.prefix, message.tokens});
  }
  if (!document.begins_with.empty() &&
      (out.turns.empty() || out.turns.front().name != document.begins_with)) {
    const TemplateRole* role = find_named(document.roles, document.begins_with);
    if (role)
      out.turns.insert(out.turns.begin(), {role, document.begins_with, "", {}, "", false, {}});
  }
  for (Turn& turn : out.turns) {
    while (turn.role->trim_end && turn.content.ends_with(' ')) turn.content.pop_back();
  }
  return out;
}

}  // namespace sirocco
