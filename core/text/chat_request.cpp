#include <algorithm>

#include <nlohmann/json.hpp>
#include <sirocco/error.hpp>

#include "text/chat_message.hpp"
#include "text/python_json.hpp"

namespace sirocco {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxName = 64;

[[noreturn]] void fail(const std::string& where, const std::string& what) {
  throw Error(ErrorKind::invalid_file, where + ": " + what);
}

const Json& want(const Json& json, const char* key, const std::string& where) {
  const auto found = json.find(key);
  if (found == json.end()) fail(where, std::string("'") + key + "' is missing");
  return *found;
}

std::string want_text(const Json& json, const std::string& where) {
  if (!json.is_string()) fail(where, "expected a string");
  return json.get<std::string>();
}

void allow_keys(const Json& json, const std::vector<std::string>& known, const std::string& where) {
  if (!json.is_object()) fail(where, "expected an object");
  for (const auto& [key, value] : json.items())
    if (std::ranges::find(known, key) == known.end()) fail(where, "unknown key '" + key + "'");
}

void check_name(const std::string& name, const std::string& where) {
  const bool valid =
      !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-';
      });
  if (!valid)
    fail(where, "function name '" + name + "', expected up to 64 letters, digits, '_' and '-'");
}

std::vector<std::string> content_of(const Json& json, const std::string& where) {
  if (json.is_null()) return {};
  if (json.is_string()) return {json.get<std::string>()};
  if (!json.is_array()) fail(where, "expected a string or a list of chunks");
  std::vector<std::string> texts;
  for (size_t i = 0; i < json.size(); ++i) {
    const std::string here = where + "[" + std::to_string(i) + "]";
    if (!json[i].is_object()) fail(here, "expected an object");
    const std::string type = want_text(want(json[i], "type", here), here + ".type");
    if (type != "text") fail(here, "content of type '" + type + "'; only text is understood");
    allow_keys(json[i], {"type", "text"}, here);
    texts.push_back(want_text(want(json[i], "text", here), here + ".text"));
  }
  return texts;
}

ToolCall call_of(const Json& json, const std::string& where) {
  allow_keys(json, {"id", "type", "function", "index"}, where);
  const Json& function = want(json, "function", where);
  allow_keys(function, {"name", "arguments"}, where + ".function");
  ToolCall call;
  if (json.contains("id")) call.id = want_text(json["id"], where + ".id");
  call.name = want_text(want(function, "name", where), where + ".function.name");
  check_name(call.name, where);
  const Json& arguments = want(function, "arguments", where);
  call.arguments = arguments.is_string() ? arguments.get<std::string>() : arguments.dump();
  return call;
}

ChatMessage message_of(const Json& json, const std::string& where) {
  allow_keys(json, {"role", "content", "tool_calls", "tool_call_id", "name", "prefix"}, where);
  ChatMessage message;
  message.role = want_text(want(json, "role", where), where + ".role");
  const std::vector<std::string> roles = {"system", "user", "assistant", "tool"};
  if (std::ranges::find(roles, message.role) == roles.end())
    fail(where + ".role",
         "no role '" + message.role + "', expected system, user, assistant or tool");
  if (json.contains("content")) message.content = content_of(json["content"], where + ".content");
  if (json.contains("tool_calls") && !json["tool_calls"].is_null()) {
    if (!json["tool_calls"].is_array()) fail(where + ".tool_calls", "expected a list");
    for (const Json& call : json["tool_calls"])
      message.calls.push_back(call_of(call, where + ".tool_calls"));
  }
  if (json.contains("tool_call_id"))
    message.call_id = want_text(json["tool_call_id"], where + ".tool_call_id");
  if (json.contains("prefix")) {
    if (!json["prefix"].is_boolean()) fail(where + ".prefix", "expected true or false");
    message.prefix = json["prefix"].get<bool>();
  }
  return message;
}

/// The tools as models see them: what the API leaves out is written out.
std::string tools_of(const Json& json, const std::string& where) {
  if (json.is_null()) return {};
  if (!json.is_array()) fail(where, "expected a list");
  if (json.empty()) return {};
  Json tools = Json::array();
  for (const Json& tool : json) {
    allow_keys(tool, {"type", "function"}, where);
    const Json& function = want(tool, "function", where);
    allow_keys(function, {"name", "description", "parameters", "strict"}, where + ".function");
    const std::string name = want_text(want(function, "name", where), where + ".function.name");
    check_name(name, where);
    tools.push_back(
        {{"type", "function"},
         {"function",
          {{"name", name},
           {"description", function.contains("description") ? function["description"] : Json("")},
           {"parameters", want(function, "parameters", where)}}}});
  }
  return tools.dump();
}

}  // namespace

ChatRequest parse_chat_request(std::string_view json, const std::string& label) {
  // Also refuses nesting that would exhaust the stack.
  if (!python_json(json)) fail(label, "no JSON, or nested too deeply");
  const Json root = Json::parse(json);
  allow_keys(root,
             {"model", "messages", "tools", "tool_choice", "response_format", "temperature",
              "top_p", "max_tokens", "stop", "random_seed", "stream", "n", "presence_penalty",
              "frequency_penalty", "parallel_tool_calls", "safe_prompt", "metadata"},
             label);
  const Json& messages = want(root, "messages", label);
  if (!messages.is_array() || messages.empty())
    fail(label + ".messages", "a conversation has at least one message");
  ChatRequest request;
  for (size_t i = 0; i < messages.size(); ++i)
    request.messages.push_back(
        message_of(messages[i], label + ".messages[" + std::to_string(i) + "]"));
  if (root.contains("tools")) request.tools = tools_of(root["tools"], label + ".tools");
  return request;
}

}  // namespace sirocco
