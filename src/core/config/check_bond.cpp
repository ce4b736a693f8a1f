// SPDX-License-Identifier: Apache-2.0
// What the options of one bond say about each other (drivers/net/bonding/bond_options.c and
// bond_changelink in bond_netlink.c).
#include <set>

#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr std::size_t most_targets = 16;  // BOND_MAX_ARP_TARGETS

std::string modes_of(const OptionSpec& option) {
  std::vector<std::string_view> modes;
  for (const auto& mode : spec(Option::bond_mode).choices)
    if (has_option(static_cast<BondMode>(mode.number), option)) modes.push_back(mode.name);
  return joined(modes);
}

std::string this_mode(const BondDraft& bond, BondMode mode) {
  if (bond.slb) return "mode balance-slb";
  const auto name = show(Option::bond_mode, static_cast<std::int64_t>(mode));
  return written(bond, Option::bond_mode) == nullptr ? "no mode, which means " + name
                                                     : "mode " + name;
}

// ad_select is the one LACP option that the kernel takes in every mode, to no effect.
bool serves(const OptionSpec& option, BondMode mode) {
  if (option.id == Option::bond_ad_select) return mode == BondMode::lacp;
  return has_option(mode, option);
}

void check_mode(const BondDraft& bond, Diagnostics& wrong) {
  if (is_unread(bond, Option::bond_mode)) return;
  const auto mode = static_cast<BondMode>(integer(bond, Option::bond_mode).value_or(0));
  for (const auto& [id, value] : bond.options) {
    const auto& option = spec(id);
    if (serves(option, mode)) continue;
    const auto modes = id == Option::bond_ad_select ? "802.3ad" : modes_of(option);
    complain(wrong, value.place,
             std::string(option.key) + " needs mode " + modes + "; this bond has " +
                 this_mode(bond, mode));
  }
}

constexpr Option of_arp_monitor[] = {Option::bond_arp_interval,    Option::bond_arp_ip_target,
                                     Option::bond_ns_ip6_target,   Option::bond_arp_validate,
                                     Option::bond_arp_all_targets, Option::bond_missed_max};

// The kernel would take the ARP monitor: it sends with the bond's MAC by every port in turn, which
// a switch that knows of no bond takes for a host that moves about.
void check_slb(const BondDraft& bond, Diagnostics& wrong) {
  if (!bond.slb) return;
  for (const auto option : of_arp_monitor)
    if (const auto* asked = written(bond, option))
      complain(wrong, asked->place,
               std::string(spec(option).key) +
                   " cannot be used in mode balance-slb, which watches its ports with miimon");
  if (integer(bond, Option::bond_miimon) == 0)
    complain(wrong, written(bond, Option::bond_miimon)->place,
             "mode balance-slb needs miimon above 0");
  if (integer(bond, Option::bond_xmit_hash_policy).value_or(vlan_srcmac) != vlan_srcmac)
    complain_unexpected(wrong, *written(bond, Option::bond_xmit_hash_policy), "xmit_hash_policy",
                        "\"vlan+srcmac\" in mode balance-slb");
}

// The kernel rounds a delay down to a multiple of miimon and refuses it without
// (_bond_option_delay_set).
void check_delay(const BondDraft& bond, Option delay, Diagnostics& wrong) {
  const auto milliseconds = integer(bond, delay);
  if (!milliseconds || is_unread(bond, Option::bond_miimon)) return;
  const auto miimon = integer(bond, Option::bond_miimon).value_or(0);
  const std::string key(spec(delay).key);
  if (miimon == 0)
    complain(wrong, written(bond, delay)->place,
             key + " needs miimon, the interval it is counted in");
  else if (*milliseconds % miimon != 0)
    complain_unexpected(wrong, *written(bond, delay), key,
                        "a multiple of miimon, " + std::to_string(miimon));
}

void check_monitors(const BondDraft& bond, Diagnostics& wrong) {
  const auto miimon = integer(bond, Option::bond_miimon).value_or(0);
  const auto interval = integer(bond, Option::bond_arp_interval).value_or(0);
  const auto validate = integer(bond, Option::bond_arp_validate).value_or(0);
  if (miimon == 0) return;
  const auto with_miimon =
      " cannot be used together with miimon" + in_line(written(bond, Option::bond_miimon)->place);
  if (interval != 0)
    complain(wrong, written(bond, Option::bond_arp_interval)->place, "arp_interval" + with_miimon);
  if (validate != 0)
    complain(wrong, written(bond, Option::bond_arp_validate)->place, "arp_validate" + with_miimon);
}

void check_has_targets(const BondDraft& bond, Diagnostics& wrong) {
  if (integer(bond, Option::bond_arp_interval).value_or(0) == 0) return;
  for (const auto targets : {Option::bond_arp_ip_target, Option::bond_ns_ip6_target}) {
    const auto* list = written(bond, targets);
    if (is_unread(bond, targets)) return;
    if (list != nullptr && !std::get<std::vector<IpAddress>>(list->value).empty()) return;
  }
  complain(wrong, written(bond, Option::bond_arp_interval)->place,
           "arp_interval needs addresses to ask, in arp_ip_target or ns_ip6_target");
}

// bond_is_ip_target_ok: neither 0.0.0.0/8 nor the broadcast address.
bool right_v4_target(const IpAddress& address) {
  return !address.v6 && address.bytes[0] != 0 && address != IpAddress{false, {255, 255, 255, 255}};
}

// bond_is_ip6_target_ok: not unspecified, not loopback, not multicast.
bool right_v6_target(const IpAddress& address) {
  const IpAddress loopback{true, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
  return address.v6 && address != IpAddress{true, {}} && address != loopback &&
         address.bytes[0] != 0xff;
}

std::string what_is_wrong(Option option, const std::vector<IpAddress>& targets) {
  const bool v4 = option == Option::bond_arp_ip_target;
  std::set<IpAddress> seen;
  for (const auto& target : targets) {
    if (!(v4 ? right_v4_target(target) : right_v6_target(target)))
      return target.str() + (v4 ? " is no host's IPv4 address" : " is no host's IPv6 address");
    if (!seen.insert(target).second) return target.str() + " is named twice";
  }
  if (targets.size() <= most_targets) return {};
  return "expected at most 16 addresses, found " + std::to_string(targets.size());
}

void check_targets(const BondDraft& bond, Option option, Diagnostics& wrong) {
  const auto* targets = written(bond, option);
  if (targets == nullptr) return;
  const auto why_not = what_is_wrong(option, std::get<std::vector<IpAddress>>(targets->value));
  if (!why_not.empty())
    complain(wrong, targets->place, std::string(spec(option).key) + ": " + why_not);
}

void check_primary(const BondDraft& bond, Diagnostics& wrong) {
  const auto* primary = written(bond, Option::bond_primary);
  if (primary == nullptr || bond.ports.empty()) return;
  const auto& name = std::get<LinkName>(primary->value).str();
  if (std::ranges::find(bond.ports, name, &Word::value) == bond.ports.end())
    complain_unexpected(wrong, *primary, "primary",
                        "a port of this bond (" + joined(bond.ports, &Word::value) + ")");
}

// bond_option_ad_actor_system_set; all zeroes stand for the bond's own address.
void check_actor_system(const BondDraft& bond, Diagnostics& wrong) {
  const auto* system = written(bond, Option::bond_ad_actor_system);
  if (system != nullptr && (std::get<Mac>(system->value).bytes[0] & 1) != 0)
    complain_unexpected(wrong, *system, "ad_actor_system", "no multicast address");
}

// bond_set_mac_address answers yes and does nothing: the bond has the address of its active port.
void check_mac(const BondDraft& bond, Diagnostics& wrong) {
  if (!bond.mac || integer(bond, Option::bond_fail_over_mac) != 1) return;
  complain(wrong, bond.mac->place,
           "mac cannot be set with fail_over_mac = \"active\"" +
               in_line(written(bond, Option::bond_fail_over_mac)->place) +
               ", where the bond has the address of its active port");
}

}  // namespace

void check_bond(const BondDraft& bond, Diagnostics& wrong) {
  check_mode(bond, wrong);
  check_slb(bond, wrong);
  check_delay(bond, Option::bond_updelay, wrong);
  check_delay(bond, Option::bond_downdelay, wrong);
  check_delay(bond, Option::bond_peer_notif_delay, wrong);
  if (!bond.slb) check_monitors(bond, wrong);
  if (!bond.slb) check_has_targets(bond, wrong);
  check_targets(bond, Option::bond_arp_ip_target, wrong);
  check_targets(bond, Option::bond_ns_ip6_target, wrong);
  check_primary(bond, wrong);
  check_actor_system(bond, wrong);
  check_mac(bond, wrong);
}

}  // namespace vifchain::inline core::inline config
