// SPDX-License-Identifier: Apache-2.0
#include "core/plan/preflight/context.hpp"

#include "core/text/list.hpp"

namespace vifchain::inline core::inline plan {

const Link* Context::wanted(const LinkName& name) const {
  const auto found = desired.find(name);
  return found == desired.end() || !found->second ? nullptr : &*found->second;
}

const Link* Context::staying(const LinkName& name) const {
  const auto found = before.find(name);
  return found == before.end() || going.contains(name) ? nullptr : &found->second;
}

bool Context::joins(const Link& port) const {
  const Link* have = staying(port.name);
  return have == nullptr || have->controller != port.controller;
}

std::string Context::place_of(const Link& port) const {
  return (joins(port) ? "becomes a port of " : "is a port of ") + port.controller->str();
}

LinkName Context::top_of(const Link& port) const {
  LinkName top = *port.controller;
  for (const Link* link = wanted(top); link != nullptr && link->controller; link = wanted(top))
    top = *link->controller;
  return top;
}

bool is_bridge(const Link& link) {
  return std::holds_alternative<Bridge>(link.kind);
}

bool is_on(const Options& options, Option option) {
  const auto found = options.find(option);
  return found != options.end() && found->second != Value{std::int64_t{0}};
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 3;
  if (names.size() <= shown + 1) return listed(names);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + names[i];
  return text + " and " + std::to_string(names.size() - shown) + " more";
}

}  // namespace vifchain::inline core::inline plan
