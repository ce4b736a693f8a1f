// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/links.hpp"

#include <arpa/inet.h>
#include <linux/if_bridge.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <array>
#include <string>

#include "edge/kernel/options.hpp"
#include "edge/netlink/attributes.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

using LinkAttributes = Attributes<IFLA_MAX>;
using InfoAttributes = Attributes<IFLA_INFO_MAX>;

const ifinfomsg& body_of(const nlmsghdr& link_message) {
  return *static_cast<const ifinfomsg*>(nlmsg_data(&link_message));
}

// The kernel gives no link a name that LinkName refuses.
LinkName name_in(const LinkAttributes& attributes) {
  return LinkName::parse(get_text(attributes[IFLA_IFNAME])).value();
}

std::optional<Mac> mac_in(const nlattr* attribute) {
  if (attribute == nullptr || nla_len(attribute) != ETH_ALEN) return {};
  return Mac{*get<decltype(Mac::bytes)>(attribute)};
}

std::uint32_t group_in(const LinkAttributes& attributes) {
  return get<std::uint32_t>(attributes[IFLA_GROUP]).value_or(0);
}

bool leaves(const LinkAttributes& attributes) {
  return group_in(attributes) == leaving_group &&
         get_text(attributes[IFLA_IFALIAS]) == leaving_alias;
}

LinkName stand_in(unsigned index, const char* where) {
  return LinkName::parse("#" + std::to_string(index) + where).value();
}

LinkName parent_in(const LinkAttributes& attributes, Names& names) {
  const auto index = get<std::uint32_t>(attributes[IFLA_LINK]).value_or(0);
  if (attributes[IFLA_LINK_NETNSID] == nullptr) return names[index];
  return stand_in(index, "@netns");
}

void add_ports(Options& options, const ReadOptions& read, Names& names) {
  for (const auto& [option, index] : read.ports)
    if (index != 0) options.insert_or_assign(option, names[index]);
}

Options options_in(Owner owner, const nlattr* data, Names& names) {
  auto read = read_options(owner, data);
  add_ports(read.options, read, names);
  return std::move(read.options);
}

Kind vlan_in(const LinkAttributes& attributes, const nlattr* data, Names& names) {
  const Attributes<IFLA_VLAN_MAX> own(data);
  const auto id = VlanId::from(get<std::uint16_t>(own[IFLA_VLAN_ID]).value_or(0));
  if (!id) return Given{};  // id 0 carries priority-tagged frames, not a VLAN
  const auto protocol = ntohs(get<std::uint16_t>(own[IFLA_VLAN_PROTOCOL]).value_or(0));
  return Vlan{.parent = parent_in(attributes, names),
              .id = *id,
              .protocol = static_cast<VlanProtocol>(protocol),
              .options = options_in(Owner::vlan, data, names)};
}

Kind kind_in(const LinkAttributes& attributes, const InfoAttributes& info, Names& names) {
  const auto kind = get_text(info[IFLA_INFO_KIND]);
  const auto* data = info[IFLA_INFO_DATA];
  if (data == nullptr) return Given{};
  if (kind == "bond") return Bond{options_in(Owner::bond, data, names)};
  if (kind == "bridge") return Bridge{options_in(Owner::bridge, data, names)};
  if (kind == "vlan") return vlan_in(attributes, data, names);
  return Given{};
}

Options port_options_in(const InfoAttributes& info, Names& names) {
  const auto kind = get_text(info[IFLA_INFO_SLAVE_KIND]);
  const auto* data = info[IFLA_INFO_SLAVE_DATA];
  if (data == nullptr) return {};
  if (kind == "bridge") return options_in(Owner::bridge_port, data, names);
  if (kind == "bond") return options_in(Owner::bond_port, data, names);
  return {};
}

// A bond changes its ports' addresses, and not every driver reports the one it came with; the bond
// remembers it.
std::optional<Mac> permanent_mac_in(const LinkAttributes& attributes, const InfoAttributes& info) {
  if (const auto mac = mac_in(attributes[IFLA_PERM_ADDRESS])) return mac;
  if (get_text(info[IFLA_INFO_SLAVE_KIND]) != "bond") return {};
  const Attributes<IFLA_BOND_SLAVE_PERM_HWADDR> port(info[IFLA_INFO_SLAVE_DATA]);
  return mac_in(port[IFLA_BOND_SLAVE_PERM_HWADDR]);
}

// A link without IPv6 (none in this kernel, or an MTU below 1280) makes no addresses either.
AddrGen addr_gen_in(const nlattr* families) {
  const Attributes<AF_INET6> by_family(families);
  const Attributes<IFLA_INET6_ADDR_GEN_MODE> ipv6(by_family[AF_INET6]);
  const auto mode = get<std::uint8_t>(ipv6[IFLA_INET6_ADDR_GEN_MODE]);
  return mode ? static_cast<AddrGen>(*mode) : AddrGen::none;
}

// A link that forwards takes them with accept_ra 2 alone (ipv6_accept_ra in include/net/ipv6.h).
std::optional<bool> ra_in(const nlattr* families) {
  const Attributes<AF_INET6> by_family(families);
  const Attributes<IFLA_INET6_ADDR_GEN_MODE> ipv6(by_family[AF_INET6]);
  const auto settings = get<std::array<std::int32_t, DEVCONF_ACCEPT_RA + 1>>(ipv6[IFLA_INET6_CONF]);
  if (!settings) return std::nullopt;
  const auto& all = *settings;
  return all[DEVCONF_ACCEPT_RA] == 2 ||
         (all[DEVCONF_ACCEPT_RA] == 1 && all[DEVCONF_FORWARDING] == 0);
}

// `id` up to `last`, which is `id` when there is no range.
void add_vlans(std::vector<PortVlan>& vlans, const bridge_vlan_info& info, std::uint16_t last) {
  for (int number = info.vid; number <= last; ++number) {
    const auto id = VlanId::from(number);
    if (!id) continue;
    vlans.push_back({.id = *id,
                     .pvid = (info.flags & BRIDGE_VLAN_INFO_PVID) != 0,
                     .untagged = (info.flags & BRIDGE_VLAN_INFO_UNTAGGED) != 0});
  }
}

}  // namespace

void Names::learn(unsigned index, const LinkName& name) {
  names_.insert_or_assign(index, name);
  missing_.erase(index);
}

LinkName Names::operator[](unsigned index) {
  const auto found = names_.find(index);
  if (found != names_.end()) return found->second;
  missing_.insert(index);
  return stand_in(index, "");
}

Identity identity_of(const nlmsghdr& link_message) {
  const LinkAttributes attributes(link_message, sizeof(ifinfomsg));
  const InfoAttributes info(attributes[IFLA_LINKINFO]);
  return {.name = name_in(attributes),
          .index = static_cast<unsigned>(body_of(link_message).ifi_index),
          .controller = get<std::uint32_t>(attributes[IFLA_MASTER]).value_or(0),
          .group = group_in(attributes),
          .leaves = leaves(attributes),
          .bridge_port = get_text(info[IFLA_INFO_SLAVE_KIND]) == "bridge"};
}

Link read_link(const nlmsghdr& link_message, Names& names) {
  const LinkAttributes attributes(link_message, sizeof(ifinfomsg));
  const InfoAttributes info(attributes[IFLA_LINKINFO]);
  Link link{.name = name_in(attributes), .kind = kind_in(attributes, info, names)};
  const auto controller = get<std::uint32_t>(attributes[IFLA_MASTER]).value_or(0);
  if (controller != 0) link.controller = names[controller];
  link.port = port_options_in(info, names);
  link.mtu = get<std::uint32_t>(attributes[IFLA_MTU]);
  link.mac = mac_in(attributes[IFLA_ADDRESS]);
  link.up = (body_of(link_message).ifi_flags & IFF_UP) != 0;
  link.addr_gen = addr_gen_in(attributes[IFLA_AF_SPEC]);
  link.ra = ra_in(attributes[IFLA_AF_SPEC]);
  link.permanent_mac = permanent_mac_in(attributes, info);
  link.ours = !is_given(link) && (group_in(attributes) == our_group || leaves(attributes));
  return link;
}

std::vector<LinkName> other_names_in(const nlattr* list) {
  std::vector<LinkName> names;
  for_each_attribute(list, [&](const nlattr& property) {
    if (nla_type(&property) != IFLA_ALT_IFNAME) return;
    if (const auto other = LinkName::parse(get_text(&property))) names.push_back(*other);
  });
  return names;
}

ReadVlans read_vlans(const nlmsghdr& vlan_message) {
  const auto& body = *static_cast<const br_vlan_msg*>(nlmsg_data(&vlan_message));
  ReadVlans read{.index = body.ifindex};
  const auto size = static_cast<int>(sizeof body);
  const auto take = [&](const nlattr& entry) {
    if (nla_type(&entry) != BRIDGE_VLANDB_ENTRY) return;
    const Attributes<BRIDGE_VLANDB_ENTRY_MAX> vlan(&entry);
    const auto info = get<bridge_vlan_info>(vlan[BRIDGE_VLANDB_ENTRY_INFO]);
    if (!info) return;
    add_vlans(read.vlans, *info,
              get<std::uint16_t>(vlan[BRIDGE_VLANDB_ENTRY_RANGE]).value_or(info->vid));
  };
  for_each_attribute(nlmsg_attrdata(&vlan_message, size), nlmsg_attrlen(&vlan_message, size), take);
  return read;
}

// A dump of forwarding entries also shows the unicast addresses that a device itself listens to
// (NTF_SELF, ndo_dflt_fdb_dump). The port's own MAC is NUD_PERMANENT, a static entry NUD_NOARP
// (fdb_to_nud in br_fdb.c).
ReadFdb read_fdb(const nlmsghdr& neighbour_message) {
  const auto& body = *static_cast<const ndmsg*>(nlmsg_data(&neighbour_message));
  ReadFdb read{.index = static_cast<unsigned>(body.ndm_ifindex)};
  if ((body.ndm_flags & NTF_SELF) != 0 || (body.ndm_state & NUD_NOARP) == 0) return read;
  const Attributes<NDA_MASTER> attributes(neighbour_message, sizeof(ndmsg));
  const auto mac = mac_in(attributes[NDA_LLADDR]);
  if (!mac) return read;
  const auto vlan = get<std::uint16_t>(attributes[NDA_VLAN]);
  read.entry = FdbEntry{*mac, vlan ? VlanId::from(*vlan) : std::nullopt};
  return read;
}

}  // namespace vifchain::inline edge::inline kernel
