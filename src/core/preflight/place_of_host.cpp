// Where this host lives on bridges, and where guests could reach it though it does not.
#include <algorithm>

#include "core/preflight/outlook.hpp"
#include "core/words.hpp"

namespace vifchain {
namespace {

std::vector<std::string> what_is_stacked_on(const Outlook& outlook, const LinkName& bridge) {
  std::vector<std::string> names;
  for (const auto& upper : outlook.facts.uppers)
    if (upper.below == bridge) names.push_back(upper.name);
  for (const auto& [name, want] : outlook.wish) {
    const auto* parent = want ? parent_of(*want) : nullptr;
    if (parent != nullptr && *parent == bridge &&
        std::ranges::find(names, name.str()) == names.end())
      names.push_back(name.str());
  }
  return names;
}

std::string open_because(const Outlook& outlook, const Link& bridge) {
  const Link* have = outlook.staying(bridge.name);
  if (have != nullptr && have->addresses && !have->addresses->empty())
    return "has " + have->addresses->front().str() + ", which others gave it";
  const auto stacked = what_is_stacked_on(outlook, bridge.name);
  return stacked.empty() ? std::string() : "carries " + some_of(stacked);
}

// Where the file gives the host something, there is nothing to say.
void look_at_open_bridge(const Outlook& outlook, const Link& bridge, Findings& findings) {
  const Link* have = outlook.staying(bridge.name);
  const bool standing_open = bridge.apart == true && have != nullptr && have->ours && !have->apart;
  const bool left_open = bridge.apart == false && bridge.ra == false;
  const bool of_others =
      bridge.apart == false && have != nullptr && have->addresses &&
      std::ranges::any_of(*have->addresses, [](const LinkAddress& a) { return !is_ours(a); });
  const auto because = open_because(outlook, bridge);
  if ((!standing_open && !left_open && !of_others) || because.empty()) return;
  findings.push_back({bridge.name, Weight::note,
                      bridge.name.str() + " " + because +
                          ": it is left open, and its guests reach this host's addresses over it"});
}

// br_ip6_multicast_alloc_query
void look_at_querier(const Link& bridge, Findings& findings) {
  if (bridge.apart != true || bridge.addr_gen != AddrGen::eui64) return;
  findings.push_back({bridge.name, Weight::note,
                      bridge.name.str() +
                          " keeps an IPv6 link-local address though this host has no place on it: "
                          "mcast_querier asks with it; nothing that comes to it is taken"});
}

// What has an end is a lease, or a router's: DHCPv6 gives single addresses.
bool may_be_of_ra(const LinkAddress& address) {
  return address.address.v6 && address.prefix != address.address.bits() && address.traits.valid &&
         !is_ours(address);
}

bool makes_others_there(const Link& port) {
  const auto addresses = port.addresses.value_or(std::vector<LinkAddress>{});
  return port.addr_gen == AddrGen::stable_privacy || port.addr_gen == AddrGen::random ||
         std::ranges::any_of(addresses, is_temporary);
}

void look_at_ra(const Outlook& outlook, const Link& port, Findings& findings) {
  const Link* have = outlook.staying(port.name);
  if (have == nullptr || !port.controller || !outlook.joins(port) || !have->addresses) return;
  const std::string name = port.name.str(), top = outlook.top_of(port).str();
  if (have->ra == false && std::ranges::any_of(*have->addresses, may_be_of_ra))
    return findings.push_back(
        {port.name, Weight::warning,
         name + " has IPv6 by router advertisements that another program takes (accept_ra is 0): " +
             top + " gets none of it from vifchain: have that program serve " + top +
             ", or write ra = true there and have the kernel take them"});
  const Link* heir = outlook.wanted(outlook.top_of(port));
  if (have->ra == true && heir != nullptr && heir->ra == true && makes_others_there(*have))
    findings.push_back({port.name, Weight::note,
                        "stable-privacy and temporary IPv6 addresses of " + name + " go to " + top +
                            " and end there; those that the kernel makes next may be others"});
}

}  // namespace

void look_at_place_of_host(const Outlook& outlook, Findings& findings) {
  for (const auto& [name, want] : outlook.wish) {
    if (!want) continue;
    look_at_ra(outlook, *want, findings);
    if (!is_bridge(*want)) continue;
    look_at_open_bridge(outlook, *want, findings);
    look_at_querier(*want, findings);
  }
}

}  // namespace vifchain
