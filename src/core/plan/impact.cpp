// SPDX-License-Identifier: Apache-2.0
#include "core/plan/impact.hpp"

#include "core/model/links.hpp"
#include "core/plan/obstacles.hpp"

namespace vifchain::inline core::inline plan {

bool is_guest_port(const Link& link) {
  return is_given(link) && link.controller && link.mac == vif_mac;
}

void keep_guests(Desired& desired, const Actual& actual) {
  const auto going = links_to_delete(desired, actual);
  for (const auto& [name, link] : actual) {
    if (!is_guest_port(link) || desired.contains(name) || !going.contains(*link.controller))
      continue;
    if (link_in(desired, *link.controller) == nullptr) continue;  // it goes for good
    desired.emplace(name, Link{.name = name,
                               .controller = link.controller,
                               .port = link.port,
                               .vlans = link.vlans,
                               .fdb = link.fdb,
                               .mtu = link.mtu,
                               .up = link.up});
  }
}

Guests::Guests(const Actual& before) {
  for (const auto& [name, link] : before) {
    if (const auto* parent = parent_of(link)) above_.emplace(*parent, name);
    if (link.controller) above_.emplace(name, *link.controller);
    if (is_guest_port(link)) ports_.emplace(*link.controller, name);
  }
}

std::set<LinkName> Guests::noticing(const Step& step) const {
  std::set<LinkName> above, guests;
  if (step.impact == Impact::hot || ports_.empty()) return guests;
  add_above(target_of(step.op), above);
  for (const auto& name : above)
    for (const auto& [bridge, port] : all_in(ports_, name)) guests.insert(port);
  return guests;
}

// The link and all that stands on it or has it for a port.
void Guests::add_above(const LinkName& name, std::set<LinkName>& above) const {
  if (!above.insert(name).second) return;
  for (const auto& [below, other] : all_in(above_, name)) add_above(other, above);
}

std::string impact_in_words(const Step& step, const Desired& desired) {
  const auto want = desired.find(target_of(step.op));
  switch (step.impact) {
    case Impact::hot:
      return {};
    case Impact::link_down:
      return "link goes down";
    case Impact::ports_removed:
      return "ports leave";
    case Impact::recreates:
      return want != desired.end() && !want->second ? "deleted" : "recreated";
  }
  return {};
}

}  // namespace vifchain::inline core::inline plan
