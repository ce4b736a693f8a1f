// SPDX-License-Identifier: Apache-2.0
#include "core/guests/xl_rate.hpp"

#include <cerrno>
#include <cstdlib>
#include <limits>
#include <optional>

#include "core/text/escape.hpp"

namespace vifchain::inline core::inline guests {
namespace {

constexpr std::uint32_t usual_interval = 50000;  // microseconds

constexpr std::string_view digits = "0123456789";

std::string_view take_digits(std::string_view& text) {
  const auto number = text.substr(0, text.find_first_not_of(digits));
  text.remove_prefix(number.size());
  return number;
}

// 1 to 2^32 - 1 at the beginning of digits, octal behind a 0; nothing for all else. "08" is a 0.
std::optional<std::uint64_t> number_in(std::string_view text) {
  const std::string copy(text);
  errno = 0;
  const auto number = std::strtoull(copy.c_str(), nullptr, 0);
  if (number == 0 || number > std::numeric_limits<std::uint32_t>::max() || errno == ERANGE)
    return std::nullopt;
  return number;
}

// What xl takes for the unit: what is behind the number, which ends at an 8 or 9 where a 0 makes it
// octal.
std::string_view unit_behind(std::string_view number, std::string_view unit) {
  const auto end = number.front() == '0' ? number.find_first_of("89") : std::string_view::npos;
  if (end == std::string_view::npos) return unit;
  return {number.data() + end, number.size() - end + unit.size()};
}

std::uint64_t factor_of(std::string_view unit) {
  const char prefix = unit.front();
  return prefix == 'G' ? 1'000'000'000 : prefix == 'M' ? 1'000'000 : prefix == 'K' ? 1'000 : 1;
}

bool is_unit(std::string_view text) {
  if (text.starts_with('G') || text.starts_with('M') || text.starts_with('K'))
    text.remove_prefix(1);
  return text == "B/s" || text == "b/s";
}

constexpr const char* out_of_range = " is out of range: expected 1 to 4294967295";

BadRate no_rate(std::string_view text) {
  return {"expected a rate such as 10Mb/s, found " + quoted(text)};
}

std::variant<std::uint64_t, BadRate> bytes_per_second(std::string_view text) {
  auto unit = text;
  const auto number = take_digits(unit);
  if (number.empty() || !is_unit(unit)) return no_rate(text);
  auto bytes = number_in(number);
  if (!bytes) return BadRate{quoted(text) + out_of_range};
  unit = unit_behind(number, unit);
  *bytes *= factor_of(unit);
  return unit[0] == 'b' || unit[1] == 'b' ? *bytes / 8 : *bytes;
}

bool is_interval_unit(std::string_view text) {
  return text.empty() || text == "s" || text == "ms" || text == "us" || text == "m" || text == "u";
}

std::variant<std::uint32_t, BadRate> interval(std::string_view text) {
  auto unit = text;
  const auto number = take_digits(unit);
  if (number.empty() || !is_interval_unit(unit))
    return BadRate{"expected an interval such as 50ms, found " + quoted(text)};
  const auto count = number_in(number);
  unit = unit_behind(number, unit);
  const std::uint64_t scale = unit.empty() || unit[0] == 's' ? 1'000'000
                              : unit[0] == 'm'               ? 1'000
                                                             : 1;
  if (!count || *count * scale > std::numeric_limits<std::uint32_t>::max())
    return BadRate{"interval " + quoted(text) + (unit.empty() ? " (in seconds)" : "") +
                   " is out of range"};
  return static_cast<std::uint32_t>(*count * scale);
}

}  // namespace

std::variant<VifRate, BadRate> read_xl_rate(std::string_view text) {
  const auto at = text.find('@');
  const auto rate = text.substr(0, at);
  if (rate.empty()) return BadRate{"no rate in " + quoted(text)};
  const auto bytes = bytes_per_second(rate);
  if (const auto* bad = std::get_if<BadRate>(&bytes)) return *bad;
  std::uint32_t usecs = usual_interval;
  if (at != std::string_view::npos) {
    const auto read = interval(text.substr(at + 1));
    if (const auto* bad = std::get_if<BadRate>(&read)) return *bad;
    usecs = std::get<std::uint32_t>(read);
  }
  const auto per_second = std::get<std::uint64_t>(bytes);
  if (per_second > std::numeric_limits<std::uint64_t>::max() / usecs)
    return BadRate{quoted(text) + " is out of range: 2^64 bytes in 1 s"};
  return VifRate{per_second * usecs / 1'000'000, usecs};
}

}  // namespace vifchain::inline core::inline guests
