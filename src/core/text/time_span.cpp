// SPDX-License-Identifier: Apache-2.0
#include "core/text/time_span.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/text/lines.hpp"

namespace vifchain::inline core::inline text {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t microseconds;
};

constexpr std::int64_t second = 1000000;
constexpr std::array<Unit, 25> units{{
    {"us", 1},
    {"usec", 1},
    {"µs", 1},
    {"ms", 1000},
    {"msec", 1000},
    {"s", second},
    {"sec", second},
    {"second", second},
    {"seconds", second},
    {"m", 60 * second},
    {"min", 60 * second},
    {"minute", 60 * second},
    {"minutes", 60 * second},
    {"h", 3600 * second},
    {"hr", 3600 * second},
    {"hour", 3600 * second},
    {"hours", 3600 * second},
    {"d", 86400 * second},
    {"day", 86400 * second},
    {"days", 86400 * second},
    {"w", 604800 * second},
    {"week", 604800 * second},
    {"weeks", 604800 * second},
    {"month", 2629800 * second},
    {"months", 2629800 * second},
}};
constexpr double longest = 100.0 * 365 * 86400 * second;

constexpr std::string_view digits = "0123456789";

std::string_view take_while(std::string_view& text, std::string_view these) {
  const auto end = std::min(text.find_first_not_of(these), text.size());
  const auto taken = text.substr(0, end);
  text.remove_prefix(end);
  return taken;
}

// "12.5"; plain decimals alone, so that nothing depends on a locale.
std::optional<double> take_number(std::string_view& text) {
  const auto whole = take_while(text, digits);
  if (whole.empty() || whole.size() > 15) return std::nullopt;
  double number = 0;
  for (const char digit : whole) number = number * 10 + (digit - '0');
  if (!text.starts_with('.')) return number;
  text.remove_prefix(1);
  double weight = 0.1;
  for (const char digit : take_while(text, digits)) {
    number += (digit - '0') * weight;
    weight /= 10;
  }
  return number;
}

std::optional<std::int64_t> take_unit(std::string_view& text, std::int64_t unit) {
  const auto end = std::min(text.find_first_of("0123456789. \t"), text.size());
  const auto name = text.substr(0, end);
  text.remove_prefix(end);
  if (name.empty()) return unit;
  const auto found = std::ranges::find(units, name, &Unit::name);
  if (found == units.end()) return std::nullopt;
  return found->microseconds;
}

std::string decimals(std::int64_t number, std::int64_t whole) {
  std::string fraction = std::to_string(whole + number % whole).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return std::to_string(number / whole) + (fraction.empty() ? "" : ".") + fraction;
}

}  // namespace

std::optional<std::int64_t> time_span(std::string_view text, std::int64_t unit) {
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  double sum = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    text = trimmed(text);
    const auto counted_in = number ? take_unit(text, unit) : std::nullopt;
    if (!counted_in) return std::nullopt;
    sum += *number * static_cast<double>(*counted_in);
    if (sum > longest) return std::nullopt;
    text = trimmed(text);
  }
  return std::llround(sum);
}

std::string in_seconds(std::int64_t microseconds) {
  return decimals(microseconds, second);
}

std::string in_milliseconds(std::int64_t microseconds) {
  return std::to_string(microseconds / 1000);
}

}  // namespace vifchain::inline core::inline text
