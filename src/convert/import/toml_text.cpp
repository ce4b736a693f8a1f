// SPDX-License-Identifier: Apache-2.0
#include "convert/import/toml_text.hpp"

#include <algorithm>

#include "core/text/lines.hpp"
#include "core/text/printable.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::size_t screen = 100;

bool is_bare(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string escaped(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (c == '"' || c == '\\') return {'\\', c};
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte != 0x7f) return {c};
  return std::string("\\u00") + digits[byte >> 4] + digits[byte & 0xf];
}

std::string toml_quoted(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) all += escaped(c);
  return all + "\"";
}

std::string key_text(std::string_view key) {
  return is_bare(key) ? std::string(key) : toml_quoted(key);
}

// Seconds have hundredths at most.
std::string fraction(double number) {
  auto text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text += '0';
  return text;
}

struct Show {
  std::string operator()(const std::string& text) const { return toml_quoted(text); }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(double number) const { return fraction(number); }
  std::string operator()(bool flag) const { return flag ? "true" : "false"; }
  std::string operator()(const Array& array) const {
    std::string all;
    for (const auto& element : array) all += (all.empty() ? "" : ", ") + toml_value(element);
    return "[" + all + "]";
  }
  std::string operator()(const Table& table) const {
    std::string all;
    for (const auto& [key, place, node] : table)
      all += (all.empty() ? " " : ", ") + key_text(key) + " = " + toml_value(node);
    return "{" + all + (all.empty() ? "}" : " }");
  }
};

// The values, with their "=" below each other.
std::string entries_text(const Table& table) {
  std::size_t width = 0;
  for (const auto& entry : table) width = std::max(width, key_text(entry.key).size());
  std::string text;
  for (const auto& entry : table) {
    auto key = key_text(entry.key);
    key.resize(width, ' ');
    text += key + " = " + toml_value(entry.node) + "\n";
  }
  return text;
}

std::string table_text(const std::string& name, const std::string& heading, const Table& table,
                       const Comments& comments) {
  std::string text;
  for (const auto& line : comments(name)) text += line + "\n";
  return text + "[" + heading + "]\n" + entries_text(table);
}

bool has_tables(const Table& table) {
  return std::ranges::all_of(
      table, [](const Entry& entry) { return std::holds_alternative<Table>(entry.node.value); });
}

}  // namespace

std::string toml_value(const Node& node) {
  return std::visit(Show{}, node.value);
}

std::string toml_text(const Table& document, const Comments& comments) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "\n") + part; };
  for (const auto& [kind, place, node] : document) {
    const auto& table = std::get<Table>(node.value);
    if (!has_tables(table)) {
      add(table_text(kind, kind, table, comments));
      continue;
    }
    for (const auto& member : table)
      add(table_text(kind + "." + member.key, kind + "." + key_text(member.key),
                     std::get<Table>(member.node.value), comments));
  }
  return text;
}

std::vector<std::string> comment_lines(const std::string& text, std::string_view indent) {
  const auto begin = std::string(indent) + "#";
  std::vector<std::string> lines{begin};
  for (const auto& word : words_of(printable(text))) {
    if (lines.back().size() + 1 + word.size() > screen && lines.back().size() > begin.size() + 3)
      lines.push_back(begin + "  ");
    lines.back() += " " + word;
  }
  return lines;
}

}  // namespace vifchain::inline convert
