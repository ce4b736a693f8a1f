// SPDX-License-Identifier: Apache-2.0
#include "core/plan/compare.hpp"
#include "core/model/links.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "core/text/find.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// MII monitoring off: the kernel reports every delay as 0 and refuses to set one
// (_bond_option_delay_set in bond_options.c).
bool miimon_off(const Options& wanted, const Link* have) {
  auto miimon = integer(wanted, Option::bond_miimon);
  if (!miimon && have != nullptr) miimon = integer(options_of(*have), Option::bond_miimon);
  return miimon == 0;
}

bool is_delay(Option option) {
  return option == Option::bond_updelay || option == Option::bond_downdelay ||
         option == Option::bond_peer_notif_delay;
}

std::optional<BondMode> mode_after(const Link& want, const Link* have) {
  if (const auto mode = mode_of(want)) return mode;
  return have != nullptr ? mode_of(*have) : std::nullopt;
}

// The kernel counts time in ticks of 4 ms or longer, so it may give back a hundredth less than it
// was given (clock_t_to_jiffies); and STP that it left to /sbin/bridge-stp reads 2 (BR_USER_STP).
bool is_as_wanted(Option option, const Value& want, const Value& have) {
  if (want == have) return true;
  const auto* wanted = std::get_if<std::int64_t>(&want);
  const auto* found = std::get_if<std::int64_t>(&have);
  if (wanted == nullptr || found == nullptr) return false;
  if (option == Option::bridge_stp) return (*wanted != 0) == (*found != 0);
  return spec(option).form == Form::seconds && *found == *wanted - 1;
}

bool contains(const std::vector<FdbEntry>& entries, const FdbEntry& entry) {
  return std::ranges::find(entries, entry) != entries.end();
}

bool is_secondary(const LinkAddress& address) {
  constexpr std::uint32_t secondary = 1;  // IFA_F_SECONDARY
  return !address.address.v6 && (address.traits.flags & secondary) != 0;
}

// What the kernel has off in every new bridge; one that filters no VLANs reports it too, and
// refuses even to be told so (br_changelink).
bool is_off_in_a_new_bridge(Option option, const Value& value) {
  return (option == Option::bridge_vlan_filtering || option == Option::bridge_mst_enabled ||
          option == Option::bridge_mcast_vlan_snooping) &&
         value == Value{std::int64_t{0}};
}

}  // namespace

bool is_bond(const Actual& links, const LinkName& name) {
  return is<Bond>(link_in(links, name));
}

Options lacking(const Options& wanted, const Options& have) {
  Options missing;
  for (const auto& [option, value] : wanted) {
    const auto* found = find_in(have, option);
    if (found == nullptr || !is_as_wanted(option, value, *found)) missing.emplace(option, value);
  }
  return missing;
}

Options writable_options(const Link& want, const Link* have) {
  Options options = options_of(want);
  erase_if(options, [&](const auto& entry) {
    return is_off_in_a_new_bridge(entry.first, entry.second) &&
           (have == nullptr || !options_of(*have).contains(entry.first));
  });
  if (!is<Bond>(want)) return options;
  const BondMode mode = mode_after(want, have).value_or(BondMode::balance_rr);
  const bool no_delays = miimon_off(options, have);
  erase_if(options, [&](const auto& entry) {
    const auto& [option, value] = entry;
    return !has_option(mode, spec(option)) || (no_delays && is_delay(option));
  });
  return options;
}

Options writable_port_options(const Link& want, const Link* controller) {
  Options options = want.port;
  const auto mode = controller != nullptr ? mode_of(*controller) : std::nullopt;
  if (mode)
    erase_if(options, [&](const auto& entry) { return !has_option(*mode, spec(entry.first)); });
  return options;
}

bool takes_mac(const Link& want, const Link& have) {
  if (!is<Bond>(have)) return true;
  auto fail_over = integer(options_of(want), Option::bond_fail_over_mac);
  if (!fail_over) fail_over = integer(options_of(have), Option::bond_fail_over_mac);
  return mode_after(want, &have) != BondMode::active_backup || fail_over.value_or(0) == 0;
}

bool must_be_remade(const Link& want, const Link& have) {
  if (is<Given>(want)) return false;
  if (want.kind.index() != have.kind.index()) return true;
  const auto* wanted = std::get_if<Vlan>(&want.kind);
  if (wanted == nullptr) return false;
  const auto& found = std::get<Vlan>(have.kind);
  return wanted->parent != found.parent || wanted->id != found.id ||
         wanted->protocol != found.protocol;
}

VlanChange vlan_change(const std::vector<PortVlan>& want, const std::vector<PortVlan>& have) {
  VlanChange change;
  for (const auto& vlan : have) {
    const bool stays = std::ranges::any_of(want, [&](const auto& w) { return w.id == vlan.id; });
    if (!stays) change.remove.push_back(vlan.id);
  }
  for (const auto& vlan : want)
    if (std::ranges::find(have, vlan) == have.end()) change.add.push_back(vlan);
  return change;
}

bool is_in_vlan_of(const Link& port, const FdbEntry& entry) {
  if (!entry.vlan || !port.vlans) return true;
  return std::ranges::find(*port.vlans, *entry.vlan, &PortVlan::id) != port.vlans->end();
}

std::vector<FdbEntry> fdb_surplus(const std::vector<FdbEntry>& want, const Link& have) {
  auto surplus = have.fdb.value_or(std::vector<FdbEntry>{});
  std::erase_if(surplus, [&](const FdbEntry& entry) {
    return contains(want, entry) || contains(want, {entry.mac}) || !is_in_vlan_of(have, entry);
  });
  return surplus;
}

std::vector<FdbEntry> fdb_lack(const std::vector<FdbEntry>& want, const Link& have) {
  auto lack = want;
  std::erase_if(lack, [&](const FdbEntry& e) { return have.fdb && contains(*have.fdb, e); });
  return lack;
}

AddressChange address_change(const Link& want, const Link& have) {
  if (!want.addresses) return {};
  const auto there = addresses_of(have);
  AddressChange change;
  std::ranges::set_difference(*want.addresses, there, std::back_inserter(change.add));
  std::ranges::set_difference(there, *want.addresses, std::back_inserter(change.remove));
  if (want.keep_addresses)
    std::erase_if(change.remove, [](const LinkAddress& a) { return !is_ours(a); });
  // The first of a network is its primary one, and takes the others along when it goes
  // (__inet_insert_ifa, __inet_del_ifa).
  std::ranges::stable_sort(change.add, {}, is_secondary);
  std::ranges::stable_sort(change.remove, std::ranges::greater{}, is_secondary);
  return change;
}

// What stands in for a route of the kernel's is not needed where that is, and goes by itself.
bool is_met(const Route& interim, const std::vector<Route>& there) {
  return std::ranges::any_of(there, [&](const Route& route) {
    return (is_of_ra(route) || is_interim(route)) && route.to == interim.to &&
           route.via == interim.via;
  });
}

bool is_met_by(const Route& of_kernel, const std::vector<Route>& wanted) {
  return std::ranges::any_of(wanted, [&](const Route& route) {
    return is_interim(route) && route.to == of_kernel.to && route.via == of_kernel.via;
  });
}

// Those on the link itself lead to the gateways of the others.
RouteChange route_change(const Link& want, const Link& have) {
  if (!want.routes) return {};
  const auto there = routes_of(have);
  RouteChange change;
  std::ranges::set_difference(*want.routes, there, std::back_inserter(change.add));
  std::ranges::set_difference(there, *want.routes, std::back_inserter(change.remove));
  if (want.keep_addresses) std::erase_if(change.remove, [](const Route& r) { return !is_ours(r); });
  std::erase_if(change.remove, [&](const Route& r) {
    return is_interim(r) || (is_of_ra(r) && is_met_by(r, *want.routes));
  });
  std::erase_if(change.add, [&](const Route& r) { return is_interim(r) && is_met(r, there); });
  std::ranges::stable_sort(change.add, {},
                           [](const Route& route) { return route.via.has_value(); });
  return change;
}

// Where its MTU was let go, and with it what was known of its IPv6, it has none, or one as on every
// new link, which makes addresses of the MAC and takes advertisements. Only to do without either
// can be asked of both.
bool addr_gen_differs(const Link& want, const Link& have) {
  if (!want.addr_gen) return false;
  if (!has_mtu6(have)) return false;
  if (!have.mtu && !have.addr_gen) return want.addr_gen == AddrGen::none;
  return have.addr_gen != want.addr_gen || (want.secret && have.secret != want.secret);
}

bool ra_differs(const Link& want, const Link& have) {
  if (!have.mtu && !have.ra) return want.ra == false;
  return want.ra && have.ra && *want.ra != *have.ra;
}

bool apart_differs(const Link& want, const Link& have) {
  return want.apart && have.apart && *want.apart != *have.apart;
}

std::optional<std::vector<LinkName>> slb_change(const Link& want, const Link& have) {
  if (!want.slb || !have.slb || !is<Bond>(want)) return std::nullopt;
  const bool xor_mode = mode_after(want, &have) == BondMode::balance_xor;
  SlbRules rules{xor_mode ? want.slb->ports : std::vector<LinkName>{}};
  if (*have.slb == rules) return std::nullopt;
  return std::move(rules.ports);
}

std::optional<PortFilter> filter_change(const Link& want, const Link& have) {
  if (!want.filter || !have.filter || *want.filter == *have.filter) return std::nullopt;
  return want.filter;
}

std::optional<std::uint64_t> rate_change(const Link& want, const Link& have) {
  if (!want.rate || (have.rate && *have.rate / 8 == *want.rate / 8)) return std::nullopt;
  return want.rate;
}

Footing footing_of(const Link& link) {
  return {link.controller ? &*link.controller : nullptr, parent_of(link)};
}

Footings footings_of(const Actual& links) {
  Footings footings;
  for (const auto& [name, link] : links)
    footings.emplace_hint(footings.end(), name, footing_of(link));
  return footings;
}

std::vector<LinkName> lower_first(const Footings& links) {
  std::multimap<LinkName, LinkName> ports;  // of each controller
  for (const auto& [name, link] : links)
    if (link.controller != nullptr) ports.emplace(*link.controller, name);
  std::vector<LinkName> order;
  std::set<LinkName> seen;
  auto visit = [&](auto&& self, const LinkName& name) -> void {
    const auto found = links.find(name);
    if (found == links.end() || !seen.insert(name).second) return;
    const auto& [controller, parent] = found->second;
    if (controller != nullptr) self(self, *controller);
    if (parent != nullptr) {
      self(self, *parent);
      // The ports of the parent too: a VLAN link made before them would start with another MTU.
      for (const auto& [above, port] : all_in(ports, *parent)) self(self, port);
    }
    order.push_back(name);
  };
  for (const auto& [name, link] : links) visit(visit, name);
  return order;
}

}  // namespace vifchain::inline core::inline plan
