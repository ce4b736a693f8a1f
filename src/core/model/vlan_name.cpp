// SPDX-License-Identifier: Apache-2.0
#include "core/model/vlan_name.hpp"

#include "core/model/vid_ranges.hpp"

namespace vifchain::inline core::inline model {
namespace {

constexpr std::string_view placeholder = "{vid}";

}  // namespace

std::optional<VlanName> split_vlan_name(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return std::nullopt;
  const auto digits = name.substr(dot + 1);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return VlanName{name.substr(0, dot), digits};
}

std::string expand(std::string_view pattern, VlanId id) {
  std::string name(pattern);
  const auto at = name.find(placeholder);
  if (at != std::string::npos) name.replace(at, placeholder.size(), std::to_string(id.number()));
  return name;
}

std::string name_of(const Template& pattern, VlanId id) {
  return pattern.before + std::to_string(id.number()) + pattern.after;
}

std::string pattern_of(const Template& pattern) {
  return pattern.before + std::string(placeholder) + pattern.after;
}

std::optional<VlanId> vid_for(const Template& pattern, std::string_view name) {
  if (!name.starts_with(pattern.before)) return std::nullopt;
  name.remove_prefix(pattern.before.size());
  if (!name.ends_with(pattern.after)) return std::nullopt;
  name.remove_suffix(pattern.after.size());
  const auto id = VlanId::parse(name);
  return id && contains(pattern.vids, *id) ? id : std::nullopt;
}

}  // namespace vifchain::inline core::inline model
