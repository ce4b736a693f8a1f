#include "core/impact.hpp"

#include "core/obstacles.hpp"

namespace vifchain {
namespace {

// The link and all that stands on it or has it for a port.
void add_above(const Actual& links, const LinkName& name, std::set<LinkName>& above) {
  if (!above.insert(name).second) return;
  for (const auto& [other, link] : links) {
    const auto* parent = parent_of(link);
    if (parent != nullptr && *parent == name) add_above(links, other, above);
  }
  const auto link = links.find(name);
  if (link != links.end() && link->second.controller)
    add_above(links, *link->second.controller, above);
}

}  // namespace

bool is_guest_port(const Link& link) {
  return is_given(link) && link.controller && link.mac == vif_mac;
}

void keep_guests(Desired& wish, const Actual& actual) {
  const auto going = links_to_delete(wish, actual);
  for (const auto& [name, link] : actual) {
    if (!is_guest_port(link) || wish.contains(name) || !going.contains(*link.controller)) continue;
    const auto bridge = wish.find(*link.controller);
    if (bridge == wish.end() || !bridge->second) continue;  // it goes for good
    Link port{.name = name, .controller = link.controller, .port = link.port};
    port.vlans = link.vlans;
    port.fdb = link.fdb;
    port.mtu = link.mtu;
    port.up = link.up;
    wish.emplace(name, std::move(port));
  }
}

std::set<LinkName> guests_noticing(const Step& step, const Actual& before) {
  std::set<LinkName> above, guests;
  if (step.impact == Impact::hot) return guests;
  add_above(before, target_of(step.op), above);
  for (const auto& [name, link] : before)
    if (is_guest_port(link) && above.contains(*link.controller)) guests.insert(name);
  return guests;
}

std::string impact_in_words(Impact impact) {
  switch (impact) {
    case Impact::hot:
      return {};
    case Impact::link_down:
      return "needs a link down";
    case Impact::ports_removed:
      return "needs ports removed";
    case Impact::recreates:
      return "recreates";
  }
  return {};
}

}  // namespace vifchain
