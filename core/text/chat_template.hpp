#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/documents.hpp"
#include "text/chat_message.hpp"
#include "text/tokenizer.hpp"

namespace sirocco {

/// A template document with the vocabulary that it writes for.
class ChatTemplate {
 public:
  /// `tokenizer` must outlive it. Throws Error(invalid_file) where the vocabulary lacks a control
  /// token that the template writes.
  ChatTemplate(TemplateDocument document, const Tokenizer& tokenizer);

  const TemplateDocument& document() const { return document_; }
  /// A conversation as tokens, ready to be answered. Names of control tokens in the texts stay
  /// text. Throws Error(invalid_file) for a conversation that the template does not allow: roles
  /// out of order, calls without results, ids of another form, nothing to answer.
  std::vector<int32_t> render(const ChatRequest& request) const;
  /// Tokens after which the model fills in what stands between `prompt` and `suffix`.
  /// Error(invalid_file) where the template cannot.
  std::vector<int32_t> render_fim(const std::string& prompt, const std::string& suffix) const;

 private:
  TemplateDocument document_;
  const Tokenizer& tokenizer_;
};

/// The template that `name` (a name, or a file relative to the working folder) says; without one
/// the model document's; without that the one template on the config path that suits the
/// vocabulary. Throws Error(invalid_file) where that is none or several, with what was looked at.
TemplateDocument find_template(const std::string& name, const ModelDocument* model,
                               const Tokenizer& tokenizer, const ConfigPath& config);

}  // namespace sirocco
