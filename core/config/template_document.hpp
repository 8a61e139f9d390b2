#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/named.hpp"
#include "config/node.hpp"

namespace sirocco {

/// A named yes or no of the message that is being written, or its opposite.
struct TemplateCondition {
  std::string name;  ///< of template_conditions()
  bool negated = false;
};

/// A part of a text: literal, or the value of a field.
struct TemplateText {
  std::string literal;
  std::string field;  ///< empty: a literal
  std::string as;  ///< "": as it is, "string": quoted as JSON, "value": JSON as it is, normalised
};

/// Something that a template writes. Texts beside one another become one string before they are
/// encoded; controls are tokens of the vocabulary by name, never text.
struct TemplatePiece {
  enum class Kind { control, text, group, calls };
  Kind kind = Kind::text;
  Place place;
  std::vector<TemplateCondition> when;  ///< all must hold
  std::string control;
  std::vector<TemplateText> text;
  std::vector<TemplatePiece> body;  ///< of a group; of calls: written once a call
  std::string between;              ///< of calls
  bool continues = false;           ///< of a text: it goes on with a text rather than starts one
};

/// How messages of one role are taken.
struct TemplateRole {
  std::vector<std::string> then;   ///< roles that may follow
  bool collect = false;            ///< no turn of its own: all of them are the field `system`
  bool merge = false;              ///< several in a row are one, joined
  bool trim_end = false;           ///< spaces at the end are dropped
  bool calls_with_content = true;  ///< may have both
  std::vector<TemplatePiece> write;
};

/// A chat template as data: how messages become tokens.
struct TemplateDocument {
  std::string name;
  std::string doc;
  std::filesystem::path file;
  Place place;
  std::vector<std::string> has;    ///< control tokens of a vocabulary that it suits
  std::vector<std::string> lacks;  ///< and those that would mean another template
  std::string join;                ///< between texts that become one
  std::string begins_with;         ///< role of which an empty message is put first; empty: none
  int64_t call_id_length = 0;      ///< letters and digits of a call's id; 0: any
  bool balanced_calls = false;     ///< every call has its result before the next answer
  Named<TemplateRole> roles;
  std::vector<TemplatePiece> begin;
  std::vector<TemplatePiece> fim;  ///< fill in the middle; empty: it cannot
};

/// Names that `when` may use, and fields that texts may use.
const std::vector<std::string>& template_conditions();
const std::vector<std::string>& template_fields();

}  // namespace sirocco
