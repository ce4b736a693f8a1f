// SPDX-License-Identifier: Apache-2.0
#include "core/model/topology.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/model/vlan_name.hpp"

namespace vifchain::inline core::inline model {
namespace {

// Adds the link and everything below it. The file's links are stacked 8 deep at most.
void collect(const Topology& topology, const LinkName& name, Chain& chain) {
  const Link& link = topology.links.at(name);
  if (!chain.links.emplace(name, link).second) return;
  if (const auto* parent = parent_of(link)) collect(topology, *parent, chain);
  const auto ports = topology.ports.find(name);
  if (ports == topology.ports.end()) return;
  chain.ports.insert(*ports);
  for (const auto& port : ports->second) collect(topology, port, chain);
}

// A bond may carry VLANs and be a port of another bridge as well: that bridge is another chain's.
void leave_other_controllers(Actual& links) {
  for (auto& [name, link] : links) {
    if (!link.controller || links.contains(*link.controller)) continue;
    link.controller.reset();
    link.keep_controller = true;
    link.port.clear();
    link.vlans.reset();
  }
}

LinkName add_vlan(const Topology& topology, const std::string& text, const Link& bridge,
                  Chain& chain) {
  const auto name = *LinkName::parse(text);
  const auto parts = *split_vlan_name(text);
  const auto parent = *LinkName::parse(parts.link);
  const auto declared = topology.links.find(name);
  Link link = declared != topology.links.end()
                  ? declared->second
                  : Link{.name = name, .kind = Vlan{parent, *VlanId::parse(parts.digits)}};
  link.controller = bridge.name;
  link.up = true;
  link.ours = true;
  link.addr_gen = AddrGen::none;
  if (bridge.mtu) link.mtu = std::max(bridge.mtu, link.mtu);
  chain.links.emplace(name, std::move(link));
  collect(topology, parent, chain);
  return name;
}

Chain expand(const Topology& topology, const Template& pattern, const LinkName& name, VlanId id) {
  Chain chain{name, {}, {}, over(pattern.policy, topology.vif), pattern.teardown};
  Link bridge = pattern.bridge;
  bridge.name = name;
  auto& ports = chain.ports[name];
  for (const auto& port : pattern.ports)
    ports.push_back(add_vlan(topology, expand(port, id), bridge, chain));
  chain.links.emplace(name, std::move(bridge));
  return chain;
}

std::optional<Chain> chain_of(const Topology& topology, const LinkName& name) {
  const auto declared = topology.links.find(name);
  if (declared != topology.links.end() && is<Bridge>(declared->second)) {
    Chain chain{
        name, {}, {}, over(topology.policies.at(name), topology.vif), topology.teardowns.at(name)};
    collect(topology, name, chain);
    return chain;
  }
  for (const auto& pattern : topology.templates)
    if (const auto id = vid_for(pattern, name.str())) return expand(topology, pattern, name, *id);
  return std::nullopt;
}

}  // namespace

std::optional<Chain> chain_for(const Topology& topology, std::string_view name) {
  const auto link_name = LinkName::parse(name);
  auto chain = link_name ? chain_of(topology, *link_name) : std::nullopt;
  if (chain) leave_other_controllers(chain->links);
  return chain;
}

Stack whole_stack(const Topology& topology, const Actual& actual) {
  Stack stack{topology.links, topology.ports};
  for (const auto& [name, link] : actual) {
    if (!link.ours || stack.links.contains(name)) continue;
    if (auto chain = chain_of(topology, name)) {
      stack.links.merge(chain->links);
      stack.ports.merge(chain->ports);
    }
  }
  return stack;
}

Stack stack_for(const Topology& topology, const std::vector<LinkName>& tops) {
  Stack stack;
  for (const auto& name : tops) {
    auto chain = chain_of(topology, name);
    if (!chain && topology.links.contains(name))
      collect(topology, name, chain.emplace(Chain{name, {}, {}}));
    if (!chain) continue;
    stack.links.merge(chain->links);
    stack.ports.merge(chain->ports);
  }
  leave_other_controllers(stack.links);
  return stack;
}

std::vector<LinkName> uplinks_of(const Chain& chain) {
  const auto found = chain.ports.find(chain.bridge);
  return found == chain.ports.end() ? std::vector<LinkName>{} : found->second;
}

std::optional<std::string> usual_bridge(const Topology& topology) {
  if (topology.default_bridge) return topology.default_bridge->str();
  if (topology.policies.size() != 1) return std::nullopt;
  return topology.policies.begin()->first.str();
}

std::vector<std::string> bridge_names(const Topology& topology) {
  std::vector<std::string> names;
  for (const auto& [name, link] : topology.links)
    if (is<Bridge>(link)) names.push_back(name.str());
  for (const auto& pattern : topology.templates) names.push_back(pattern_of(pattern));
  return names;
}

}  // namespace vifchain::inline core::inline model
