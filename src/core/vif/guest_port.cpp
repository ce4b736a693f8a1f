// SPDX-License-Identifier: Apache-2.0
#include "core/vif/guest_port.hpp"
#include "core/model/links.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline vif {
namespace {

using enum Option;

// Of a port that is told nothing else; nothing where it is in none then.
std::optional<VlanId> default_pvid(const Link& bridge) {
  return VlanId::from(integer(options_of(bridge), bridge_vlan_default_pvid).value_or(0));
}

std::string how_to_filter(const Link& bridge) {
  if (bridge.ours) return "vlan_filtering = true in " + file_table(bridge);
  return "ip link set " + bridge.name.str() + " type bridge vlan_filtering 1";
}

void set_flag(Options& options, Option option, std::optional<bool> value) {
  if (value) options.insert_or_assign(option, std::int64_t{*value ? 1 : 0});
}

Options port_options(const VifPolicy& policy) {
  Options options;
  set_flag(options, port_isolated, policy.isolated);
  set_flag(options, port_learning, policy.learning);
  set_flag(options, port_guard, policy.bpdu_guard);
  set_flag(options, port_mcast_flood, policy.mcast_flood);
  set_flag(options, port_flood, policy.flood);
  return options;
}

bool is_locked(const Link& have) {
  return integer(have.port, port_locked).value_or(0) != 0;
}

// In each VLAN of the port on a bridge that filters VLANs.
std::vector<FdbEntry> entries(const Mac& mac, const Link& bridge,
                              const std::vector<PortVlan>& vlans) {
  if (!filters_vlans(options_of(bridge))) return static_entries(mac, {});
  if (!vlans.empty()) return static_entries(mac, vlans);
  const auto id = default_pvid(bridge);
  return id ? static_entries(mac, {{*id}}) : std::vector<FdbEntry>{};
}

// Frames from any other MAC are dropped before anything else looks at them, and those for the guest
// need no flooding (br_handle_frame_finish, BR_PORT_LOCKED).
void lock(Link& port, const Mac& mac, const Link& bridge, const std::vector<PortVlan>& vlans) {
  port.port.insert_or_assign(port_locked, std::int64_t{1});
  port.port.insert_or_assign(port_learning, std::int64_t{0});
  port.port.insert_or_assign(port_flood, std::int64_t{0});
  port.fdb = entries(mac, bridge, vlans);
}

void unlock(Link& port) {
  port.port.insert_or_assign(port_locked, std::int64_t{0});
  port.port.emplace(port_learning, std::int64_t{1});
  port.port.emplace(port_flood, std::int64_t{1});
}

}  // namespace

std::string why_no_vlans(const Link& bridge, const std::vector<PortVlan>& vlans) {
  const std::string name = bridge.name.str();
  if (!vlans.empty() && !filters_vlans(options_of(bridge)))
    return problem(name + " does not filter VLANs, so the guest would be in all of them",
                   how_to_filter(bridge));
  if (vlans.empty() && filters_vlans(options_of(bridge)) && !default_pvid(bridge))
    return problem(name + " has no vlan_default_pvid, so a vif without a VLAN would be in none",
                   "bridge=" + name + ".VLAN");
  return {};
}

bool can_lock(const VifPolicy& policy, const VifRequest& request) {
  const auto mode = policy.antispoof.value_or(Antispoof::off);
  return (mode == Antispoof::mac || mode == Antispoof::mac_ip) && request.mac && !request.emulated;
}

void share_mac(Link& port, const VifPolicy& policy) {
  port.port = port_options(policy);
  unlock(port);
  port.fdb.emplace();
}

std::string why_no_antispoof(const VifPolicy& policy, const VifRequest& request,
                             const std::string& backend) {
  const auto mode = policy.antispoof.value_or(Antispoof::off);
  if ((mode == Antispoof::mac || mode == Antispoof::mac_ip) && !request.mac)
    return problem("antispoof needs the guest's MAC, and " + backend + "/mac has no valid one",
                   "mac=00:16:3e:12:34:56");
  if (mode != Antispoof::mac_ip) return {};
  if (!request.wrong_addresses.empty()) return request.wrong_addresses;
  if (request.addresses.empty())
    return problem("antispoof = \"mac-ip\" needs the guest's addresses", "ip=ADDRESS");
  return {};
}

PortFilter wanted_filter(const VifPolicy& policy, const VifRequest& request, const LinkName& owner,
                         const LinkName& bridge) {
  const auto mode = policy.antispoof.value_or(Antispoof::off);
  if (mode == Antispoof::off) return {};
  PortFilter filter{.mode = mode, .owner = owner, .bridge = bridge};
  if (mode == Antispoof::closed) return filter;
  filter.mac = request.mac.value_or(Mac{});
  if (mode == Antispoof::mac) return filter;
  filter.addresses = request.addresses;
  if (policy.routers) filter.routers = *policy.routers;
  return filter;
}

void want_policy(Link& port, const Link& have, const Link& bridge, const VifRequest& request,
                 const VifPolicy& policy, const std::vector<PortVlan>& vlans,
                 const LinkName& owner) {
  port.port = port_options(policy);
  if (can_lock(policy, request))
    lock(port, *request.mac, bridge, vlans);
  else if (is_locked(have))
    unlock(port);
  const auto filter = wanted_filter(policy, request, owner, bridge.name);
  if (filter.mode != Antispoof::off) port.filter = filter;
  port.rate = policy.receive_rate;
}

Link guest_port(const Link& have, const Link& bridge, const VifRequest& request,
                const VifPolicy& policy, const std::vector<PortVlan>& vlans,
                const LinkName& owner) {
  Link port{.name = have.name};
  port.controller = bridge.name;
  port.mac = vif_mac;
  port.addresses.emplace();
  if (!policy.ipv6_link_local.value_or(false)) port.addr_gen = AddrGen::none;
  port.mtu = request.mtu ? request.mtu : bridge.mtu;
  port.up = true;
  if (!vlans.empty()) port.vlans = vlans;
  want_policy(port, have, bridge, request, policy, vlans, owner);
  return port;
}

}  // namespace vifchain::inline core::inline vif
