#include "text/chat_template.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include <sirocco/error.hpp>

#include "text/conversation.hpp"
#include "text/python_json.hpp"

namespace sirocco {
namespace {

/// Any character that no vocabulary joins with what follows.
constexpr std::string_view kGuard = "\xE2\x98\xBA";

/// What is true and what the fields are while one message is written.
struct Scope {
  std::map<std::string, bool, std::less<>> conditions;
  std::map<std::string, std::string, std::less<>> fields;
  const std::vector<ToolCall>* calls = nullptr;
  const std::vector<int32_t>* tokens = nullptr;  ///< that stand for the field `content`
};

/// Writes pieces as tokens. Texts wait until it is known that no other one follows them.
class Writer {
 public:
  explicit Writer(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void write(const std::vector<TemplatePiece>& pieces, Scope& scope) {
    for (const TemplatePiece& piece : pieces) write(piece, scope);
  }

  /// Texts of two messages do not become one.
  void flush() {
    if (text_.empty()) return;
    std::vector<int32_t> ids = tokenizer_.encode((continues_ ? std::string(kGuard) : "") + text_);
    const size_t skipped = continues_ ? tokenizer_.encode(kGuard).size() : 0;
    tokens_.insert(tokens_.end(),
                   ids.begin() + static_cast<ptrdiff_t>(std::min(skipped, ids.size())), ids.end());
    text_.clear();
  }

  std::vector<int32_t> finish() {
    flush();
    return std::move(tokens_);
  }

 private:
  void write(const TemplatePiece& piece, Scope& scope) {
    for (const TemplateCondition& condition : piece.when) {
      const auto found = scope.conditions.find(condition.name);
      if ((found != scope.conditions.end() && found->second) == condition.negated) return;
    }
    switch (piece.kind) {
      case TemplatePiece::Kind::control:
        flush();
        tokens_.push_back(tokenizer_.control_id(piece.control));
        return;
      case TemplatePiece::Kind::text:
        write_text(piece, scope);
        return;
      case TemplatePiece::Kind::group:
        write(piece.body, scope);
        return;
      case TemplatePiece::Kind::calls:
        write_calls(piece, scope);
        return;
    }
  }

  void write_text(const TemplatePiece& piece, const Scope& scope) {
    if (scope.tokens && piece.text.size() == 1 && piece.text[0].field == "content" &&
        piece.text[0].as.empty() && text_.empty()) {
      tokens_.insert(tokens_.end(), scope.tokens->begin(), scope.tokens->end());
      return;
    }
    if (text_.empty()) continues_ = piece.continues;
    for (const TemplateText& part : piece.text) text_ += value(part, scope);
  }

  void write_calls(const TemplatePiece& piece, Scope& scope) {
    if (!scope.calls) return;
    for (size_t i = 0; i < scope.calls->size(); ++i) {
      const ToolCall& call = (*scope.calls)[i];
      if (i > 0) text_ += piece.between;
      scope.fields["name"] = call.name;
      scope.fields["arguments"] = call.arguments;
      scope.fields["id"] = call.id;
      write(piece.body, scope);
    }
  }

  static std::string value(const TemplateText& part, const Scope& scope) {
    if (part.field.empty()) return part.literal;
    const auto found = scope.fields.find(part.field);
    std::string text = found == scope.fields.end() ? "" : found->second;
    if (part.as == "string") return python_json_string(text);
    if (part.as != "value") return text;
    if (text.empty()) return "{}";
    return python_json(text).value_or(python_json_string(text));
  }

  const Tokenizer& tokenizer_;
  std::vector<int32_t> tokens_;
  std::string text_;
  bool continues_ = false;
};

void for_each_control(const std::vector<TemplatePiece>& pieces,
                      const std::function<void(const TemplatePiece&)>& visit) {
  for (const TemplatePiece& piece : pieces) {
    if (piece.kind == TemplatePiece::Kind::control) visit(piece);
    for_each_control(piece.body, visit);
  }
}

bool suits(const TemplateDocument& document, const Tokenizer& tokenizer) {
  const auto known = [&](const std::string& name) { return tokenizer.control_id(name) >= 0; };
  return !document.has.empty() && std::ranges::all_of(document.has, known) &&
         std::ranges::none_of(document.lacks, known);
}

}  // namespace

ChatTemplate::ChatTemplate(TemplateDocument document, const Tokenizer& tokenizer)
    : document_(std::move(document)), tokenizer_(tokenizer) {
  const auto check = [&](const TemplatePiece& piece) {
    if (tokenizer.control_id(piece.control) < 0)
      fail_at(piece.place, "the vocabulary has no control token '" + piece.control +
                               "'; another template is needed, or another model");
  };
  for_each_control(document_.begin, check);
  for (const auto& [name, role] : document_.roles) for_each_control(role.write, check);
  for_each_control(document_.fim, check);
}

std::vector<int32_t> ChatTemplate::render(const ChatRequest& request) const {
  const Conversation conversation = take_conversation(document_, request);
  const std::vector<Turn>& turns = conversation.turns;
  size_t first_user = turns.size(), last_user = turns.size();
  for (size_t i = 0; i < turns.size(); ++i) {
    if (turns[i].name != "user") continue;
    first_user = std::min(first_user, i);
    last_user = i;
  }
  const std::string tools =
      request.tools.empty() ? "" : python_json(request.tools).value_or(request.tools);
  Writer writer(tokenizer_);
  Scope scope;
  scope.fields = {{"system", conversation.system}, {"tools", tools}};
  scope.conditions = {{"system", !conversation.system.empty()}, {"tools", !tools.empty()}};
  writer.write(document_.begin, scope);
  for (size_t i = 0; i < turns.size(); ++i) {
    const Turn& turn = turns[i];
    scope.conditions["first_user"] = i == first_user;
    scope.conditions["last_user"] = i == last_user;
    scope.conditions["last"] = i + 1 == turns.size();
    scope.conditions["prefix"] = turn.prefix;
    scope.conditions["content"] = !turn.content.empty() || turn.tokens;
    scope.conditions["calls"] = !turn.calls.empty();
    scope.fields["content"] = turn.content;
    scope.fields["id"] = turn.call_id;
    scope.calls = &turn.calls;
    scope.tokens = turn.tokens ? &*turn.tokens : nullptr;
    writer.flush();
    writer.write(turn.role->write, scope);
  }
  return writer.finish();
}

std::vector<int32_t> ChatTemplate::render_fim(const std::string& prompt,
                                              const std::string& suffix) const {
  if (document_.fim.empty()) {
    throw Error(ErrorKind::invalid_file,
                "the template " + document_.name + " has no 'fim': it cannot fill in the middle");
  }
  Writer writer(tokenizer_);
  Scope scope;
  scope.fields = {{"prompt", prompt}, {"suffix", suffix}};
  writer.write(document_.begin, scope);
  writer.write(document_.fim, scope);
  return writer.finish();
}

TemplateDocument find_template(const std::string& name, const ModelDocument* model,
                               const Tokenizer& tokenizer, const ConfigPath& config) {
  if (!name.empty()) {
    return read_template(
        find_document(DocumentKind::chat_template, name, {"--template", 0, 0}, config), config);
  }
  if (model && !model->chat_template.empty()) {
    return read_template(
        find_document(DocumentKind::chat_template, model->chat_template, model->place, config),
        config);
  }
  std::vector<TemplateDocument> fitting;
  std::string names;
  for (const auto& file : list_templates(config)) {
    TemplateDocument document = read_template(file, config);
    names += (names.empty() ? "" : ", ") + document.name;
    if (suits(document, tokenizer)) fitting.push_back(std::move(document));
  }
  if (fitting.size() == 1) return fitting.front();
  throw Error(ErrorKind::invalid_file,
              std::string("the model names no chat template, and ") +
                  (fitting.empty() ? "none suits its vocabulary" : "several suit its vocabulary") +
                  "; choose one with --template (known: " + (names.empty() ? "none" : names) + ")");
}

}  // namespace sirocco
