#include "config/document_reader.hpp"
#include "config/documents_schema.hpp"
#include "config/topology_text.hpp"

namespace sirocco {
namespace {

class StatementReader {
 public:
  explicit StatementReader(std::vector<Diagnostic>& diagnostics) : diagnostics_(diagnostics) {}

  /// `last_returns`: the list is a function's body; anywhere else `return` is refused.
  std::vector<Statement> list(const YamlNode& node, bool last_returns) {
    std::vector<Statement> statements;
    for (const YamlNode& item : node.items) {
      statements.push_back(statement(item));
      const bool last = &item == &node.items.back();
      const bool gives = statements.back().kind == Statement::Kind::give;
      if (gives && !(last_returns && last)) {
        add(item.place, "'return' here, expected it only as the last statement of a function");
      }
      if (last_returns && last && !gives) {
        add(item.place, "the last statement of this function, expected 'return'");
      }
    }
    return statements;
  }

 private:
  void add(const Place& place, std::string message) {
    diagnostics_.push_back({place, std::move(message)});
  }

  Statement statement(const YamlNode& node) {
    Statement out;
    out.place = node.place;
    if (node.find("repeat") != nullptr) {
      repeat(node, out);
    } else if (node.find("when") != nullptr) {
      out.kind = Statement::Kind::when;
      out.expression = *node.find("when");
      out.body = list(*node.find("do"), false);
      if (const YamlNode* otherwise = node.find("else")) out.otherwise = list(*otherwise, false);
    } else if (const YamlNode* given = node.find("return")) {
      out.kind = Statement::Kind::give;
      out.expression = *given;
    } else {
      const auto& [names, value] = node.entries.front();
      out.names = parse_names(names.scalar);
      out.expression = value;
    }
    return out;
  }

  void repeat(const YamlNode& node, Statement& out) {
    out.kind = Statement::Kind::repeat;
    parse_repeat_header(*node.find("repeat"), out, diagnostics_);
    out.body = list(*node.find("do"), false);
  }

  std::vector<Diagnostic>& diagnostics_;
};

}  // namespace

std::vector<Statement> read_statement_list(const YamlNode& list, bool function,
                                           std::vector<Diagnostic>& diagnostics) {
  return StatementReader(diagnostics).list(list, function);
}

std::vector<Statement> read_statements(const YamlNode& list, bool function) {
  std::vector<Diagnostic> diagnostics = schema::validate(list, statements_type());
  throw_if_any(diagnostics);
  std::vector<Statement> statements = read_statement_list(list, function, diagnostics);
  throw_if_any(std::move(diagnostics));
  return statements;
}

}  // namespace sirocco
