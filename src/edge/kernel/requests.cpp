// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/requests.hpp"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>

#include <algorithm>

#include "edge/kernel/apart.hpp"
#include "edge/kernel/links.hpp"
#include "edge/kernel/routes.hpp"
#include "edge/netlink/new_message.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// Statistics are most of a link message, and mostly nobody reads them.
Message ask_link(const ifinfomsg& body, int flags, bool statistics = false) {
  auto message = new_message(RTM_GETLINK, flags, body, 256);
  put(*message, IFLA_EXT_MASK, std::uint32_t{statistics ? 0U : RTEXT_FILTER_SKIP_STATS});
  return message;
}

Message change(const ifinfomsg& body, std::size_t size = usual_size) {
  return new_message(RTM_NEWLINK, NLM_F_ACK, body, size);
}

Message change(unsigned index, std::size_t size = usual_size) {
  return change(link_body(index), size);
}

void put_info(nl_msg& message, Owner owner, const Options& options, const IndexOf& index_of) {
  const bool port = owner == Owner::bridge_port || owner == Owner::bond_port;
  const Nest info(message, IFLA_LINKINFO);
  put_text(message, port ? IFLA_INFO_SLAVE_KIND : IFLA_INFO_KIND, kernel_kind(owner));
  const Nest data(message, port ? IFLA_INFO_SLAVE_DATA : IFLA_INFO_DATA);
  put_options(message, options, index_of);
}

void put_info(nl_msg& message, const Vlan& vlan, const Options& options, const IndexOf& index_of) {
  const Nest info(message, IFLA_LINKINFO);
  put_text(message, IFLA_INFO_KIND, kernel_kind(Owner::vlan));
  const Nest data(message, IFLA_INFO_DATA);
  put(message, IFLA_VLAN_ID, vlan.id.number());
  put(message, IFLA_VLAN_PROTOCOL, htons(static_cast<std::uint16_t>(vlan.protocol)));
  put_options(message, options, index_of);
}

Options birth_options(const Link& link) {
  Options options = options_of(link);
  options.insert(link.birth.options.begin(), link.birth.options.end());
  return options;
}

void put_kind(nl_msg& message, const Link& link, const IndexOf& index_of) {
  const Options options = birth_options(link);
  if (const auto* vlan = std::get_if<Vlan>(&link.kind)) {
    put(message, IFLA_LINK, index_of(vlan->parent));
    put_info(message, *vlan, options, index_of);
  } else if (std::holds_alternative<Bond>(link.kind)) {
    put_info(message, Owner::bond, options, index_of);
  } else if (std::holds_alternative<Bridge>(link.kind)) {
    put_info(message, Owner::bridge, options, index_of);
  }
}

// One message, all or nothing, and never a change of a link that is there: without NLM_F_EXCL it
// would become one (rtnl_newlink in net/core/rtnetlink.c).
Message create(const Link& link, const IndexOf& index_of) {
  auto message = new_message(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
                             link.up ? flags_body(0, *link.up) : link_body(0));
  put_text(*message, IFLA_IFNAME, link.name.str());
  put(*message, IFLA_GROUP, our_group);
  if (const auto mac = link.birth.mac ? link.birth.mac : link.mac)
    put(*message, IFLA_ADDRESS, mac->bytes);
  if (link.birth.mtu) put(*message, IFLA_MTU, std::uint32_t{*link.birth.mtu});
  put_kind(*message, link, index_of);
  if (link.controller) put(*message, IFLA_MASTER, index_of(*link.controller));
  return message;
}

Message set_controller(unsigned port, unsigned controller) {
  auto message = change(port);
  put(*message, IFLA_MASTER, controller);
  return message;
}

Message set_options(const SetOptions& op, const IndexOf& index_of) {
  auto message = change(index_of(op.name));
  if (!op.options.empty())
    put_info(*message, owner_of(op.options.begin()->first), op.options, index_of);
  return message;
}

// Port options are applied before the flags, so a port is never up without them (do_setlink).
Message set_port(const SetPort& op, const IndexOf& index_of) {
  const unsigned index = index_of(op.name);
  auto message = change(op.up ? flags_body(index, true) : link_body(index));
  if (!op.options.empty())
    put_info(*message, owner_of(op.options.begin()->first), op.options, index_of);
  return message;
}

Message set_mtu(unsigned index, unsigned mtu) {
  auto message = change(index);
  put(*message, IFLA_MTU, std::uint32_t{mtu});
  return message;
}

Message set_mac(unsigned index, const Mac& mac) {
  auto message = change(index);
  put(*message, IFLA_ADDRESS, mac.bytes);
  return message;
}

std::vector<Message> alone(Message message) {
  std::vector<Message> messages;
  messages.push_back(std::move(message));
  return messages;
}

Message set_addr_gen(unsigned index, AddrGen mode) {
  auto message = change(index);
  const Nest families(*message, IFLA_AF_SPEC);
  const Nest ipv6(*message, AF_INET6);
  put(*message, IFLA_INET6_ADDR_GEN_MODE, static_cast<std::uint8_t>(mode));
  return message;
}

// What is left of a step goes by other doors (Performer).
std::vector<Message> set_apart(const SetApart& op, unsigned index) {
  return op.apart ? close_to_host(index) : std::vector<Message>{};
}

std::vector<Message> set_addr_gen(const SetAddrGen& op, unsigned index) {
  auto messages = alone(set_addr_gen(index, op.mode));
  if (!op.link_local) return messages;
  const LinkAddress own{*op.link_local, 64, {.scope = RT_SCOPE_LINK}};
  if (op.mode == AddrGen::none)
    messages.push_back(drop_address(index, own));
  else
    std::ranges::move(put_address(index, own), std::back_inserter(messages));
  return messages;
}

std::uint16_t flags_of(const PortVlan& vlan) {
  return static_cast<std::uint16_t>((vlan.pvid ? BRIDGE_VLAN_INFO_PVID : 0) |
                                    (vlan.untagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0));
}

// A PVID is one VLAN and takes no part in a range (br_process_vlan_info in br_netlink.c).
bool continues(const PortVlan& before, const PortVlan& next) {
  return !before.pvid && !next.pvid && before.untagged == next.untagged &&
         before.id.number() + 1 == next.id.number();
}

void put_vlan(nl_msg& message, const PortVlan& vlan, int more_flags) {
  put(message, IFLA_BRIDGE_VLAN_INFO,
      bridge_vlan_info{static_cast<std::uint16_t>(flags_of(vlan) | more_flags), vlan.id.number()});
}

// VLANs by id, each run of equal neighbours as one range.
void put_vlans(nl_msg& message, const std::vector<PortVlan>& vlans) {
  for (auto first = vlans.begin(); first != vlans.end();) {
    auto last = first;
    while (last + 1 != vlans.end() && continues(*last, *(last + 1))) ++last;
    put_vlan(message, *first, first == last ? 0 : BRIDGE_VLAN_INFO_RANGE_BEGIN);
    if (first != last) put_vlan(message, *last, BRIDGE_VLAN_INFO_RANGE_END);
    first = last + 1;
  }
}

Message change_vlans(int type, unsigned index, std::vector<PortVlan> vlans) {
  ifinfomsg body = link_body(index);
  body.ifi_family = AF_BRIDGE;
  auto message = new_message(type, NLM_F_ACK, body, 256 + 8 * vlans.size());
  std::ranges::sort(vlans);
  const Nest ports(*message, IFLA_AF_SPEC);
  put_vlans(*message, vlans);
  return message;
}

// The new VLANs come first: a PVID that moves leaves no moment without one.
std::vector<Message> set_vlans(const SetVlans& op, unsigned index) {
  std::vector<Message> messages;
  std::vector<PortVlan> removed;
  for (const VlanId& id : op.remove) removed.push_back({.id = id});
  if (!op.add.empty()) messages.push_back(change_vlans(RTM_SETLINK, index, op.add));
  if (!removed.empty()) messages.push_back(change_vlans(RTM_DELLINK, index, std::move(removed)));
  return messages;
}

std::vector<Message> set_addresses(const SetAddresses& op, unsigned index) {
  std::vector<Message> messages;
  for (const LinkAddress& address : op.remove) messages.push_back(drop_address(index, address));
  for (const LinkAddress& address : op.add)
    std::ranges::move(put_address(index, address), std::back_inserter(messages));
  return messages;
}

std::vector<Message> set_routes(const SetRoutes& op, unsigned index) {
  std::vector<Message> messages;
  for (const Route& route : op.add)
    if (!is_interim(route)) messages.push_back(put_route(index, route));
  for (const Route& route : op.remove) messages.push_back(drop_route(index, route));
  return messages;
}

// Without NLM_F_EXCL an entry that was learned, or that another port has, becomes this one
// (fdb_add_entry in net/bridge/br_fdb.c). A sticky one stays where it is whatever frames say: any
// other follows its MAC to the port where that is seen (br_fdb_update), and a locked guest would be
// shut out by whoever borrows its MAC.
Message change_fdb(int type, int flags, unsigned index, const FdbEntry& entry) {
  ndmsg body{};
  body.ndm_family = AF_BRIDGE;
  body.ndm_ifindex = static_cast<int>(index);
  body.ndm_state = NUD_NOARP;
  body.ndm_flags = NTF_MASTER | NTF_STICKY;
  auto message = new_message(type, NLM_F_ACK | flags, body, 256);
  put(*message, NDA_LLADDR, entry.mac.bytes);
  if (entry.vlan) put(*message, NDA_VLAN, entry.vlan->number());
  return message;
}

std::vector<Message> set_fdb(const SetFdb& op, unsigned index) {
  std::vector<Message> messages;
  for (const FdbEntry& entry : op.remove)
    messages.push_back(change_fdb(RTM_DELNEIGH, 0, index, entry));
  for (const FdbEntry& entry : op.add)
    messages.push_back(change_fdb(RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, index, entry));
  return messages;
}

struct Requests {
  const IndexOf& index_of;
  using Messages = std::vector<Message>;

  Messages operator()(const Create& op) const { return alone(create(op.link, index_of)); }
  Messages operator()(const Delete& op) const {
    return alone(new_message(RTM_DELLINK, NLM_F_ACK, link_body(index_of(op.name))));
  }
  Messages operator()(const SetDown& op) const {
    return alone(change(flags_body(index_of(op.name), false)));
  }
  Messages operator()(const SetUp& op) const {
    return alone(change(flags_body(index_of(op.name), true)));
  }
  Messages operator()(const Join& op) const {
    return alone(set_controller(index_of(op.port), index_of(op.controller)));
  }
  Messages operator()(const Leave& op) const { return alone(set_controller(index_of(op.port), 0)); }
  Messages operator()(const SetOptions& op) const { return alone(set_options(op, index_of)); }
  Messages operator()(const SetPort& op) const { return alone(set_port(op, index_of)); }
  Messages operator()(const SetVlans& op) const { return set_vlans(op, index_of(op.name)); }
  Messages operator()(const SetFdb& op) const { return set_fdb(op, index_of(op.name)); }
  Messages operator()(const SetRa&) const { return {}; }
  Messages operator()(const SetApart& op) const { return set_apart(op, index_of(op.name)); }
  Messages operator()(const SetMtu& op) const { return alone(set_mtu(index_of(op.name), op.mtu)); }
  Messages operator()(const SetMac& op) const { return alone(set_mac(index_of(op.name), op.mac)); }
  Messages operator()(const SetAddrGen& op) const { return set_addr_gen(op, index_of(op.name)); }
  Messages operator()(const SetAddresses& op) const { return set_addresses(op, index_of(op.name)); }
  Messages operator()(const SetRoutes& op) const { return set_routes(op, index_of(op.name)); }
  Messages operator()(const SetOurs& op) const {
    return alone(set_group(index_of(op.name), op.ours ? our_group : 0));
  }
  Messages operator()(const SetSlb&) const { return {}; }  // none of rtnetlink's
  Messages operator()(const SetFilter&) const { return {}; }
  Messages operator()(const SetRate&) const { return {}; }  // it takes the link's MTU
};

void add_named_by(const Options& options, std::vector<LinkName>& names) {
  for (const auto& [option, value] : options)
    if (const auto* name = std::get_if<LinkName>(&value)) names.push_back(*name);
}

}  // namespace

Message ask_link(const LinkName& name) {
  auto message = ask_link(link_body(0), 0);
  put_text(*message, IFLA_IFNAME, name.str());
  return message;
}

Message ask_link(unsigned index) {
  return ask_link(link_body(index), 0);
}

Message ask_all_links(bool statistics) {
  return ask_link(link_body(0), NLM_F_DUMP, statistics);
}

Message ask_addresses(unsigned index) {
  ifaddrmsg body{};
  body.ifa_index = index;
  return new_message(RTM_GETADDR, NLM_F_DUMP, body, 256);
}

Message ask_vlans(unsigned index) {
  br_vlan_msg body{};
  body.family = AF_BRIDGE;
  body.ifindex = index;
  return new_message(RTM_GETVLAN, NLM_F_DUMP, body, 256);
}

// The kernel looks through the forwarding database of the port's bridge, and with index 0 through
// all of them (rtnl_fdb_dump in net/core/rtnetlink.c).
Message ask_fdb(unsigned index) {
  ndmsg body{};
  body.ndm_family = AF_BRIDGE;
  body.ndm_ifindex = static_cast<int>(index);
  return new_message(RTM_GETNEIGH, NLM_F_DUMP, body, 256);
}

// One lookup by MAC and VLAN, Linux 5.0 (rtnl_fdb_get).
Message ask_fdb_entry(unsigned index, const FdbEntry& entry) {
  ndmsg body{};
  body.ndm_family = AF_BRIDGE;
  body.ndm_ifindex = static_cast<int>(index);
  body.ndm_flags = NTF_MASTER;
  auto message = new_message(RTM_GETNEIGH, 0, body, 256);
  put(*message, NDA_LLADDR, entry.mac.bytes);
  if (entry.vlan) put(*message, NDA_VLAN, entry.vlan->number());
  return message;
}

Message set_group(unsigned index, std::uint32_t group) {
  auto message = change(index);
  put(*message, IFLA_GROUP, group);
  return message;
}

Message set_leaving(unsigned index) {
  auto message = set_group(index, leaving_group);
  put_text(*message, IFLA_IFALIAS, leaving_alias);
  return message;
}

Message set_staying(unsigned index) {
  auto message = set_group(index, our_group);
  put_text(*message, IFLA_IFALIAS, "");
  return message;
}

Message delete_group(std::uint32_t group) {
  auto message = new_message(RTM_DELLINK, NLM_F_ACK, link_body(0));
  put(*message, IFLA_GROUP, group);
  return message;
}

std::vector<LinkName> links_addressed_by(const Op& op) {
  std::vector<LinkName> names;
  if (const auto* create = std::get_if<Create>(&op)) {
    if (const auto* parent = parent_of(create->link)) names.push_back(*parent);
    if (create->link.controller) names.push_back(*create->link.controller);
    add_named_by(birth_options(create->link), names);
    return names;
  }
  names.push_back(target_of(op));
  if (const auto* join = std::get_if<Join>(&op)) names = {join->port, join->controller};
  if (const auto* options = std::get_if<SetOptions>(&op)) add_named_by(options->options, names);
  return names;
}

std::vector<Message> requests_for(const Op& op, const IndexOf& index_of) {
  return std::visit(Requests{index_of}, op);
}

}  // namespace vifchain::inline edge::inline kernel
