// SPDX-License-Identifier: Apache-2.0
#include "core/model/rate.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace vifchain::inline core::inline model {
namespace {

constexpr std::uint64_t most_bits = 1'000'000'000'000'000'000;

// How many decimal places the unit moves the point.
constexpr std::pair<std::string_view, int> units[] = {
    {"bit", 0}, {"kbit", 3}, {"mbit", 6}, {"gbit", 9}, {"tbit", 12}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::optional<int> places_of(std::string_view unit) {
  for (const auto& [name, places] : units)
    if (std::equal(name.begin(), name.end(), unit.begin(), unit.end(),
                   [](char a, char b) { return a == lower(b); }))
      return places;
  return std::nullopt;
}

std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool append_digit(std::uint64_t& number, char digit) {
  if (number > most_bits / 10) return false;
  number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  return number <= most_bits;
}

}  // namespace

std::optional<std::uint64_t> parse_rate(std::string_view text) {
  const auto whole = take_digits(text);
  const bool point = text.starts_with('.');
  if (point) text.remove_prefix(1);
  auto fraction = point ? take_digits(text) : std::string_view();
  auto places = places_of(text);
  if (whole.empty() || (point && fraction.empty()) || !places) return std::nullopt;
  while (fraction.ends_with('0')) fraction.remove_suffix(1);
  std::uint64_t bits = 0;
  for (const char digit : whole)
    if (!append_digit(bits, digit)) return std::nullopt;
  for (; *places > 0; --*places) {
    if (!append_digit(bits, fraction.empty() ? '0' : fraction.front())) return std::nullopt;
    if (!fraction.empty()) fraction.remove_prefix(1);
  }
  if (!fraction.empty()) return std::nullopt;  // less than a bit
  return bits;
}

std::string show_rate(std::uint64_t bits_per_second) {
  std::size_t unit = 0;
  constexpr std::string_view names[] = {"bit", "kbit", "Mbit", "Gbit", "Tbit"};
  for (; bits_per_second > 0 && bits_per_second % 1000 == 0 && unit + 1 < std::size(names); ++unit)
    bits_per_second /= 1000;
  return std::to_string(bits_per_second) + std::string(names[unit]);
}

}  // namespace vifchain::inline core::inline model
