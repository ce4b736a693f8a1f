// SPDX-License-Identifier: Apache-2.0
#include "core/plan/preflight/context.hpp"

#include "core/model/links.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline plan {

const Link* Context::wanted(const LinkName& name) const {
  return link_in(desired, name);
}

const Link* Context::staying(const LinkName& name) const {
  return going.contains(name) ? nullptr : link_in(before, name);
}

bool Context::joins(const Link& port) const {
  const Link* have = staying(port.name);
  return have == nullptr || have->controller != port.controller;
}

std::string Context::place_of(const Link& port) const {
  return (joins(port) ? "which becomes a port of " : "a port of ") + port.controller->str();
}

LinkName Context::top_of(const Link& port) const {
  LinkName top = *port.controller;
  for (const Link* link = wanted(top); link != nullptr && link->controller; link = wanted(top))
    top = *link->controller;
  return top;
}

bool is_bridge(const Link& link) {
  return is<Bridge>(link);
}

bool is_on(const Options& options, Option option) {
  return integer(options, option).value_or(0) != 0;
}

std::string stp_in_words(std::int64_t delay) {
  return " runs STP: a new port, each guest's too, forwards nothing for " +
         show(Option::bridge_forward_delay, Value{2 * delay}) + " s (twice forward_delay)";
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 3;
  if (names.size() <= shown + 1) return listed(names);
  return joined(std::vector(names.begin(), names.begin() + shown)) + " and " +
         std::to_string(names.size() - shown) + " more";
}

}  // namespace vifchain::inline core::inline plan
