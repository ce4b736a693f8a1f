// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/shell_braces.hpp"

#include <algorithm>
#include <optional>

#include "convert/import/script/command.hpp"
#include "core/text/decimal.hpp"

namespace vifchain::inline convert {
namespace {

constexpr unsigned deepest = 8;  // braces within braces

struct Braces {
  std::size_t begin = 0, end = 0;            // of the whole, with its braces
  std::vector<std::string_view> parts = {};  // between commas
};

std::optional<Braces> braces_at(std::string_view raw, std::size_t begin) {
  Braces found{.begin = begin};
  std::size_t depth = 0, part = begin + 1;
  for (std::size_t at = begin; at < raw.size();) {
    if (const auto past = past_quoted(raw, at); past != at) {
      at = past;
      continue;
    }
    if (raw[at] == '{') ++depth;
    if ((raw[at] == ',' && depth == 1) || (raw[at] == '}' && depth == 1)) {
      found.parts.push_back(raw.substr(part, at - part));
      part = at + 1;
    }
    if (raw[at] == '}' && --depth == 0) {
      found.end = at + 1;
      return found;
    }
    ++at;
  }
  return std::nullopt;
}

std::optional<Braces> first_braces(std::string_view raw) {
  for (std::size_t at = 0; at < raw.size();) {
    if (const auto past = past_quoted(raw, at); past != at) {
      at = past;
      continue;
    }
    if (raw[at] == '{')
      if (auto found = braces_at(raw, at))
        if (found->parts.size() > 1 || found->parts.front().find("..") != std::string_view::npos)
          return found;
    ++at;
  }
  return std::nullopt;
}

// "1..5"
std::vector<std::string> range_of(std::string_view text, std::size_t most) {
  const auto dots = text.find("..");
  const auto first = decimal<std::int32_t>(text.substr(0, dots));
  const auto last = decimal<std::int32_t>(text.substr(dots + 2));
  if (!first || !last) return {};
  std::vector<std::string> all;
  const std::int32_t step = *first <= *last ? 1 : -1;
  for (std::int64_t number = *first; all.size() < most; number += step) {
    all.push_back(std::to_string(number));
    if (number == *last) return all;
  }
  return {std::string(1, unknown_part)};
}

void expand(std::string_view raw, std::size_t most, unsigned depth, std::vector<std::string>& all) {
  const auto braces = depth < deepest ? first_braces(raw) : std::nullopt;
  if (!braces || all.size() >= most) return all.emplace_back(raw), void();
  std::vector<std::string> parts(braces->parts.begin(), braces->parts.end());
  if (parts.size() == 1) parts = range_of(braces->parts.front(), most);
  if (parts.empty()) return all.emplace_back(raw), void();
  for (const auto& part : parts) {
    if (all.size() >= most) return;
    expand(std::string(raw.substr(0, braces->begin)) + part + std::string(raw.substr(braces->end)),
           most, depth + 1, all);
  }
}

}  // namespace

std::size_t past_quoted(std::string_view raw, std::size_t at) {
  const char c = raw[at];
  if (c == '\\') return std::min(at + 2, raw.size());
  if (c == '\'' || c == '"' || c == '`') {
    for (++at; at < raw.size() && raw[at] != c; ++at)
      if (raw[at] == '\\' && c != '\'') ++at;
    return std::min(at + 1, raw.size());
  }
  if (c == '$' && at + 1 < raw.size() && (raw[at + 1] == '{' || raw[at + 1] == '(')) {
    const char open = raw[at + 1], shut = open == '{' ? '}' : ')';
    std::size_t depth = 0;
    for (++at; at < raw.size(); ++at) {
      if (raw[at] == open) ++depth;
      if (raw[at] == shut && --depth == 0) return at + 1;
    }
    return raw.size();
  }
  return at;
}

std::vector<std::string> expand_braces(std::string_view raw, std::size_t most) {
  std::vector<std::string> all;
  expand(raw, most, 0, all);
  return all;
}

}  // namespace vifchain::inline convert
