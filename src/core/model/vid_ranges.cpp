// SPDX-License-Identifier: Apache-2.0
#include "core/model/vid_ranges.hpp"

#include <algorithm>

#include "core/text/escape.hpp"

namespace vifchain::inline core::inline model {
namespace {

constexpr std::string_view expected = "expected VLAN ids from 1 to 4094 and ranges of them, found ";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::string append_range(std::string_view text, VidRanges& ranges) {
  const auto dash = text.find('-');
  const auto first = VlanId::parse(trimmed(text.substr(0, dash)));
  const bool single = dash == std::string_view::npos;
  const auto last = single ? first : VlanId::parse(trimmed(text.substr(dash + 1)));
  if (!first || !last) return std::string(expected) + quoted(text);
  if (*last < *first) return "range " + quoted(text) + " runs backwards";
  ranges.emplace_back(*first, *last);
  return {};
}

}  // namespace

std::string append_vids(std::string_view text, VidRanges& ranges) {
  const auto before = ranges.size();
  for (;;) {
    const auto comma = text.find(',');
    auto why_not = append_range(trimmed(text.substr(0, comma)), ranges);
    if (!why_not.empty()) {
      ranges.erase(ranges.begin() + static_cast<std::ptrdiff_t>(before), ranges.end());
      return why_not;
    }
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 1);
  }
}

std::string put_in_order(VidRanges& ranges) {
  std::sort(ranges.begin(), ranges.end());
  for (std::size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].first <= ranges[i - 1].second)
      return "VLAN " + std::to_string(ranges[i].first.number()) + " is named twice";
  return {};
}

bool contains(const VidRanges& ranges, VlanId id) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const auto& range) { return range.first <= id && id <= range.second; });
}

std::optional<VlanId> first_common(const VidRanges& a, const VidRanges& b) {
  for (const auto& [first, last] : a)
    for (const auto& [other_first, other_last] : b)
      if (first <= other_last && other_first <= last) return std::max(first, other_first);
  return std::nullopt;
}

}  // namespace vifchain::inline core::inline model
