#include "config/elaborate_composite.hpp"

#include <sirocco/error.hpp>

namespace sirocco {
namespace {

/// A body as text in which only structure is left: arguments and values are numbered in the order
/// in which they appear.
class BodyText {
 public:
  using Callee = std::function<std::string(const std::string&)>;

  BodyText(const std::vector<std::string>& args, Callee callee, ExpressionCache& expressions)
      : callee_(std::move(callee)), expressions_(expressions) {
    for (size_t i = 0; i < args.size(); ++i) names_[args[i]] = "$" + std::to_string(i);
  }

  /// False where the body holds something that no decomposition does.
  bool add(const std::vector<Statement>& body) {
    for (const Statement& statement : body) {
      switch (statement.kind) {
        case Statement::Kind::repeat:
          return false;
        case Statement::Kind::when:
          text_ += "when(";
          add(expressions_.get(statement.expression).root);
          text_ += "){";
          if (!add(statement.body)) return false;
          text_ += "}else{";
          if (!add(statement.otherwise)) return false;
          text_ += "}";
          break;
        case Statement::Kind::assign:
          add(expressions_.get(statement.expression).root);
          text_ += "=>";
          for (const std::string& name : statement.names) {
            names_[name] = "%" + std::to_string(next_++);
            text_ += names_[name] + ",";
          }
          text_ += ";";
          break;
        case Statement::Kind::give:
          for (const Expression& result : expressions_.list(statement.expression)) {
            add(result.root);
            text_ += ";";
          }
          break;
      }
    }
    return true;
  }

  std::string take() { return std::move(text_); }

 private:
  void add(const Expr& expr) {
    switch (expr.kind) {
      case Expr::Kind::literal:
        text_ += expr.value.to_string();
        return;
      case Expr::Kind::name: {
        const auto known = names_.find(expr.text);
        text_ += known != names_.end() ? known->second : "free:" + expr.text;
        return;
      }
      case Expr::Kind::call:
        text_ += callee_(expr.text);
        break;
      default:
        text_ += std::to_string(static_cast<int>(expr.kind)) + expr.text;
    }
    text_ += "(";
    for (size_t i = 0; i < expr.items.size(); ++i) {
      if (!expr.keywords.empty()) text_ += expr.keywords[i] + "=";
      add(expr.items[i]);
      text_ += ",";
    }
    text_ += ")";
  }

  Callee callee_;
  ExpressionCache& expressions_;
  std::map<std::string, std::string> names_;
  size_t next_ = 0;
  std::string text_;
};

}  // namespace

std::vector<Statement> read_decomposition(const OpDef& op) {
  const std::string label = "decomposition of op " + op.full_name();
  try {
    return read_statements(parse_yaml(op.decomposition, label), true);
  } catch (const Error& error) {
    throw Error(ErrorKind::plugin, error.what());
  }
}

const OpDef* CompositeFinder::op_of(const std::string& function) {
  const auto known = known_.find(function);
  if (known != known_.end()) return known->second;
  // Until it is known, and so for a function that calls itself: none.
  known_[function] = nullptr;
  const FunctionDecl* decl = find_named(topology_.functions, function);
  const OpDef* op = ops_.find("sirocco", function);
  if (decl == nullptr || op == nullptr || op->decomposition.empty()) return nullptr;
  std::vector<std::string> args;
  for (const InputSpec& input : op->inputs) args.push_back(input.name);
  for (const AttrSpec& attr : op->attrs) args.push_back(attr.name);
  const bool variadic = !op->inputs.empty() && op->inputs.back().variadic;
  if (variadic || args.size() != decl->args.size()) return nullptr;
  const std::vector<Statement> statements = read_decomposition(*op);
  ExpressionCache op_expressions;
  const auto theirs = body_text(args, statements, false, op_expressions);
  const auto ours = body_text(decl->args, decl->body, true, expressions_);
  return known_[function] = ours && ours == theirs ? op : nullptr;
}

std::optional<std::string> CompositeFinder::body_text(const std::vector<std::string>& args,
                                                      const std::vector<Statement>& body,
                                                      bool in_topology,
                                                      ExpressionCache& expressions) {
  BodyText text(
      args, [&](const std::string& name) { return callee(name, in_topology); }, expressions);
  if (!text.add(body)) return std::nullopt;
  return text.take();
}

/// In a topology a name may be a function of its own, which then is not the op of that name.
std::string CompositeFinder::callee(const std::string& name, bool in_topology) {
  const bool own = in_topology && find_named(topology_.functions, name) != nullptr;
  if (own && op_of(name) == nullptr) return "function:" + name;
  return name.starts_with("sirocco.") ? name.substr(8) : name;
}

}  // namespace sirocco
