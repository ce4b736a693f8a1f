// SPDX-License-Identifier: Apache-2.0
// Where this host lives on bridges, and where guests could reach it though it does not.
#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/preflight/context.hpp"
#include "core/plan/ways_out.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

std::vector<std::string> what_is_stacked_on(const Context& context, const LinkName& bridge) {
  std::vector<std::string> names;
  for (const auto& upper : context.facts.uppers)
    if (upper.below == bridge) names.push_back(upper.name);
  for (const auto& [name, want] : context.desired) {
    if (want && is_stacked_on(*want, bridge) && std::ranges::find(names, name.str()) == names.end())
      names.push_back(name.str());
  }
  return names;
}

// Of those that others gave it, the ones that it keeps.
std::vector<LinkAddress> addresses_of_others(const Link* have, const Link& bridge) {
  auto all = have != nullptr ? addresses_of(*have) : std::vector<LinkAddress>{};
  std::erase_if(all, [&](const LinkAddress& address) {
    return is_ours(address) ||
           (bridge.addresses && !std::ranges::binary_search(*bridge.addresses, address));
  });
  return all;
}

std::string open_because(const Context& context, const Link& bridge) {
  const auto addresses = addresses_of_others(context.staying(bridge.name), bridge);
  if (!addresses.empty()) return "has " + addresses.front().str() + " from another program";
  const auto stacked = what_is_stacked_on(context, bridge.name);
  return stacked.empty() ? std::string() : "carries " + some_of(stacked);
}

// Where the file gives the host something, there is nothing to say.
void look_at_open_bridge(const Context& context, const Link& bridge, Findings& findings) {
  const Link* have = context.staying(bridge.name);
  const bool standing_open = bridge.apart == true && have != nullptr && have->ours && !have->apart;
  const bool left_open = bridge.apart == false && bridge.ra == false;
  const bool of_others = bridge.apart == false && !addresses_of_others(have, bridge).empty();
  const auto because = open_because(context, bridge);
  if ((!standing_open && !left_open && !of_others) || because.empty()) return;
  findings.push_back(
      {bridge.name, Weight::note,
       bridge.name.str() + " " + because + ", so its guests can reach this host's addresses"});
}

// br_ip6_multicast_alloc_query
void look_at_querier(const Link& bridge, Findings& findings) {
  if (bridge.apart != true || bridge.addr_gen != AddrGen::eui64) return;
  findings.push_back(
      {bridge.name, Weight::note,
       bridge.name.str() +
           " keeps an IPv6 link-local address for mcast_querier; what arrives for it is dropped"});
}

// What has an end is a lease, or a router's: DHCPv6 gives single addresses.
bool may_be_of_ra(const LinkAddress& address) {
  return address.address.v6 && address.prefix != address.address.bits() && address.traits.valid &&
         !is_ours(address);
}

bool makes_others_there(const Link& port) {
  const auto addresses = addresses_of(port);
  return port.addr_gen == AddrGen::stable_privacy || port.addr_gen == AddrGen::random ||
         std::ranges::any_of(addresses, is_temporary);
}

void look_at_ra(const Context& context, const Link& port, Findings& findings) {
  const Link* have = context.staying(port.name);
  if (have == nullptr || !port.controller || !context.joins(port) || !have->addresses) return;
  const std::string name = port.name.str(), top = context.top_of(port).str();
  if (have->ra == false && std::ranges::any_of(*have->addresses, may_be_of_ra))
    return findings.push_back(
        {port.name, Weight::warning,
         problem("IPv6 of " + name +
                     " comes from router advertisements that another program handles (accept_ra is "
                     "0), and does not move to " +
                     top,
                 "ra = true for " + top)});
  const Link* heir = context.wanted(context.top_of(port));
  if (have->ra == true && heir != nullptr && heir->ra == true && makes_others_there(*have))
    findings.push_back({port.name, Weight::note,
                        "stable-privacy and temporary IPv6 addresses of " + name + " move to " +
                            top + " and expire there; new ones may differ"});
}

bool has(const Link* link, const LinkAddress& address) {
  return link != nullptr && link->addresses &&
         std::ranges::binary_search(*link->addresses, address);
}

// The addresses of a link whose way out goes elsewhere, by where they are to be.
void look_at_moved_way(const Context& context, const WaysOut& ways, const LostWays& lost,
                       Findings& findings) {
  const std::string name = lost.link.str();
  for (const auto& nic : ways.now(lost.link))
    for (const auto& address : *context.before.at(lost.link).addresses) {
      const auto path = ways.path_then(nic);
      if (lost.replaced && !is_ours(address) && has(context.wanted(lost.link), address))
        return findings.push_back({lost.link, Weight::warning,
                                   name + " keeps " + address.str() +
                                       ", but its uplink changes from " + nic.str() + " to " +
                                       ways.then(lost.link).begin()->str()});
      if (!has(context.wanted(lost.link), address) && !path.empty() &&
          has(context.wanted(path.back()), address))
        return findings.push_back({lost.link, Weight::note,
                                   "apply moves " + address.str() + " and its routes from " + name +
                                       " to " + path.back().str() + ", following " + nic.str()});
    }
}

void look_at_lost_ways(const Context& context, Findings& findings) {
  for (const auto& link : stranded(context.desired, context.before))
    findings.push_back({link.link, Weight::warning, in_words(link)});
  const WaysOut ways(context.desired, context.before);
  for (const auto& lost : ways.lost()) look_at_moved_way(context, ways, lost, findings);
}

}  // namespace

void look_at_place_of_host(const Context& context, Findings& findings) {
  look_at_lost_ways(context, findings);
  for (const auto& [name, want] : context.desired) {
    if (!want) continue;
    look_at_ra(context, *want, findings);
    if (!is_bridge(*want)) continue;
    look_at_open_bridge(context, *want, findings);
    look_at_querier(*want, findings);
  }
}

}  // namespace vifchain::inline core::inline plan
