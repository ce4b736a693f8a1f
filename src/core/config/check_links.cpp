// SPDX-License-Identifier: Apache-2.0
// VLANs that would take each other's frames.
#include <tuple>

#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"
#include "core/model/links.hpp"
#include "core/text/find.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr std::size_t most_ports = 1023;  // BR_MAX_PORTS, of which number 0 is never given

using VlanKey = std::tuple<LinkName, VlanProtocol, VlanId>;

// The kernel has one VLAN link per id, protocol and link (vlan_check_real_dev).
void check_unique(const Assembly& assembly, std::map<VlanKey, LinkName>& taken, const Link& link,
                  Diagnostics& wrong) {
  const auto& vlan = std::get<Vlan>(link.kind);
  const auto [first, free] = taken.emplace(VlanKey(vlan.parent, vlan.protocol, vlan.id), link.name);
  if (free) return;
  const Word* one = &assembly.mentions.at(first->second);
  const Word* other = &assembly.mentions.at(link.name);
  if (other->place < one->place) std::swap(one, other);
  complain(wrong, other->place,
           vlan_in_words(vlan) + " is already a link, " + one->text + in_line(one->place));
}

// Why frames with a tag do not reach `controller` when a VLAN link is on its port `parent`:
// VLAN links take them first (vlan_do_receive before the rx handler in net/core/dev.c).
std::string theft(const LinkName& parent, const Link& controller) {
  if (is<Bond>(controller))
    return "VLAN on " + parent.str() + ", a port of " + controller.name.str() +
           ", would take frames from that bond; put it on " + controller.name.str();
  if (filters_vlans(options_of(controller)))
    return "VLAN on " + parent.str() + ", a port of " + controller.name.str() +
           ", would take frames from that VLAN-filtering bridge; use one or the other";
  return {};
}

void check_theft(const Assembly& assembly, const LinkName& parent, const Word& word,
                 Diagnostics& wrong) {
  const auto& links = assembly.topology.links;
  const auto& controller = links.at(parent).controller;
  if (!controller) return;
  auto why_not = theft(parent, links.at(*controller));
  if (!why_not.empty()) complain(wrong, word.place, std::move(why_not));
}

void check_port_count(const Assembly& assembly, const Link& bridge, Diagnostics& wrong) {
  const auto* ports = find_in(assembly.topology.ports, bridge.name);
  if (ports != nullptr && ports->size() > most_ports)
    complain(wrong, assembly.mentions.at(bridge.name).place,
             bridge.name.str() + " has " + std::to_string(ports->size()) +
                 " ports; a bridge takes at most 1023");
}

}  // namespace

void check_links(const Assembly& assembly, Diagnostics& wrong) {
  std::map<VlanKey, LinkName> taken;
  for (const auto& [name, link] : assembly.topology.links) {
    if (is<Bridge>(link)) check_port_count(assembly, link, wrong);
    const auto* parent = parent_of(link);
    if (parent == nullptr) continue;
    check_unique(assembly, taken, link, wrong);
    check_theft(assembly, *parent, assembly.stacked.at(name), wrong);
  }
  for (const auto& port : assembly.template_ports)
    check_theft(assembly, port.link, port.word, wrong);
}

}  // namespace vifchain::inline core::inline config
