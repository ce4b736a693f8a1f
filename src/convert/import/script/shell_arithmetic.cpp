// SPDX-License-Identifier: Apache-2.0
// $(( )) and (( )): whole numbers, as POSIX 2.6.4 has them, and ++ and --.
#include <limits>

#include "convert/import/script/shell_words.hpp"
#include "core/text/decimal.hpp"

namespace vifchain::inline convert {
namespace {

using Number = std::optional<std::int64_t>;

class Arithmetic {
 public:
  Arithmetic(std::string_view text, ShellScope& scope) : text_(text), scope_(scope) {}

  Number all() {
    const auto value = assignment();
    skip_blanks();
    return at_ == text_.size() ? value : std::nullopt;
  }

 private:
  static constexpr unsigned deepest = 50;
  struct Level {
    std::string_view operators[6];
  };

  [[nodiscard]] std::string_view rest() const { return text_.substr(at_); }
  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool take(std::string_view op) {
    skip_blanks();
    if (!rest().starts_with(op)) return false;
    at_ += op.size();
    return true;
  }

  std::string_view take_name() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '$') ++at_;
    const auto begin = at_;
    const auto belongs = [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
             (at_ > begin && c >= '0' && c <= '9');
    };
    while (at_ < text_.size() && belongs(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Number value_of(std::string_view name) {
    const auto found = scope_.variables.find(name);
    if (found == scope_.variables.end() || found->second.empty() || found->second.front().empty())
      return scope_.others_may_set ? Number() : Number(0);
    return decimal<std::int64_t>(found->second.front());
  }

  Number store(std::string_view name, Number value) {
    set_variable(name, {value ? std::to_string(*value) : std::string(1, unknown_part)}, scope_);
    return value;
  }

  Number assignment() {
    const auto begin = at_;
    const auto name = std::string(take_name());
    if (!name.empty()) {
      if (take("+=")) return store(name, sum(value_of(name), assignment()));
      if (take("-=")) return store(name, difference(value_of(name), assignment()));
      skip_blanks();
      if (!rest().starts_with("==") && take("=")) return store(name, assignment());
    }
    at_ = begin;
    return level(0);
  }

  static Number sum(Number a, Number b) {
    std::int64_t result = 0;
    if (!a || !b || __builtin_add_overflow(*a, *b, &result)) return std::nullopt;
    return result;
  }
  static Number difference(Number a, Number b) {
    std::int64_t result = 0;
    if (!a || !b || __builtin_sub_overflow(*a, *b, &result)) return std::nullopt;
    return result;
  }
  static Number product(Number a, Number b) {
    std::int64_t result = 0;
    if (!a || !b || __builtin_mul_overflow(*a, *b, &result)) return std::nullopt;
    return result;
  }

  static Number apply(std::string_view op, Number a, Number b) {
    if (!a || !b) return std::nullopt;
    if (op == "+") return sum(a, b);
    if (op == "-") return difference(a, b);
    if (op == "*") return product(a, b);
    if (op == "/" || op == "%") {
      if (*b == 0 || *b == -1) return *b == 0 ? Number() : op == "/" ? difference(0, a) : Number(0);
      return op == "/" ? *a / *b : *a % *b;
    }
    if (op == "||") return *a != 0 || *b != 0;
    if (op == "&&") return *a != 0 && *b != 0;
    if (op == "==") return *a == *b;
    if (op == "!=") return *a != *b;
    if (op == "<=") return *a <= *b;
    if (op == ">=") return *a >= *b;
    return op == "<" ? *a < *b : *a > *b;
  }

  // Loosest first; in a level, longer ones first.
  Number level(std::size_t index) {
    static constexpr Level levels[] = {{{"||"}},       {{"&&"}},
                                       {{"==", "!="}}, {{"<=", ">=", "<", ">"}},
                                       {{"+", "-"}},   {{"*", "/", "%"}}};
    if (index == std::size(levels)) return unary();
    auto value = level(index + 1);
    for (;;) {
      std::string_view found;
      for (const auto op : levels[index].operators)
        if (found.empty() && !op.empty() && take(op)) found = op;
      if (found.empty()) return value;
      value = apply(found, value, level(index + 1));
    }
  }

  Number unary() {
    if (++depth_ > deepest) return std::nullopt;
    const auto value = unary_below();
    --depth_;
    return value;
  }

  Number unary_below() {
    if (take("++")) return step(1);
    if (take("--")) return step(-1);
    if (take("-")) return difference(0, unary());
    if (take("+")) return unary();
    if (take("!")) {
      const auto value = unary();
      return value ? Number(*value == 0) : value;
    }
    if (take("(")) {
      const auto value = assignment();
      return take(")") ? value : std::nullopt;
    }
    return operand();
  }

  Number step(std::int64_t by) {
    const auto name = std::string(take_name());
    return name.empty() ? std::nullopt : store(name, sum(value_of(name), by));
  }

  Number operand() {
    const auto name = std::string(take_name());
    if (name.empty()) return literal();
    const auto value = value_of(name);
    if (take("++"))
      store(name, sum(value, 1));
    else if (take("--"))
      store(name, difference(value, 1));
    return value;
  }

  Number literal() {
    const auto begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return decimal<std::int64_t>(text_.substr(begin, at_ - begin));
  }

  std::string_view text_;
  ShellScope& scope_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
};

}  // namespace

std::optional<std::int64_t> arithmetic(std::string_view expression, ShellScope& scope) {
  return Arithmetic(expression, scope).all();
}

}  // namespace vifchain::inline convert
