// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/explain.hpp"

#include <algorithm>
#include <cerrno>

#include "edge/kernel/requests.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

const Link* find(const Actual& now, const LinkName& name) {
  const auto found = now.find(name);
  return found == now.end() ? nullptr : &found->second;
}

bool is_up(const Actual& now, const LinkName& name) {
  const Link* link = find(now, name);
  return link != nullptr && link->up == true;
}

bool is_bond(const Actual& now, const LinkName& name) {
  const Link* link = find(now, name);
  return link != nullptr && std::holds_alternative<Bond>(link->kind);
}

const Vlan* vlan_of(const Op& op) {
  const auto* create = std::get_if<Create>(&op);
  return create == nullptr ? nullptr : std::get_if<Vlan>(&create->link.kind);
}

bool same_vlan(const Link& link, const Vlan& wanted) {
  const auto* vlan = std::get_if<Vlan>(&link.kind);
  return vlan != nullptr && vlan->parent == wanted.parent && vlan->id == wanted.id &&
         vlan->protocol == wanted.protocol;
}

std::string vlan_in_words(const Vlan& vlan) {
  return "VLAN " + std::to_string(vlan.id.number()) + " on " + vlan.parent.str();
}

// The kernel has one link per parent, protocol and id (register_vlan_dev), wherever it was moved.
std::string explain_existing(const Link& wanted, const Actual& now) {
  if (const Link* there = find(now, wanted.name))
    return wanted.name.str() + " is there already: " + kind_in_words(there->kind);
  const auto* vlan = std::get_if<Vlan>(&wanted.kind);
  if (vlan == nullptr) return wanted.name.str() + " is an alternative name of another link";
  const auto holder =
      std::ranges::find_if(now, [&](const auto& entry) { return same_vlan(entry.second, *vlan); });
  if (holder != now.end()) return vlan_in_words(*vlan) + " is " + holder->first.str() + " already";
  return "no link here is " + vlan_in_words(*vlan) + ": it sits in another network namespace, or " +
         wanted.name.str() + " is an alternative name of another link";
}

std::string explain_large_mtu(const LinkName& parent, unsigned wanted, const Actual& now) {
  const Link* below = find(now, parent);
  if (below == nullptr || !below->mtu || *below->mtu >= wanted) return {};
  return "the MTU of " + parent.str() + " is " + std::to_string(*below->mtu) +
         ", and its VLANs cannot have more";
}

std::string explain_vlan(const Link& link, int error_number, const Actual& now) {
  const std::string parent = parent_of(link)->str();
  if (error_number == ENETDOWN) return parent + " is down, and its VLANs cannot be up before it is";
  if (error_number == EOPNOTSUPP)
    return "either " + parent +
           " carries no VLANs, or this kernel has no VLAN driver: modprobe 8021q, or boot one with "
           "CONFIG_VLAN_8021Q";
  return explain_large_mtu(*parent_of(link), link.birth.mtu.value_or(0), now);
}

// The hash by source MAC (bond_xmit_hashtype_tbl in bond_options.c).
std::string explain_hash(const Options& options, int error_number) {
  if (error_number != EINVAL || integer(options, Option::bond_xmit_hash_policy) != vlan_srcmac)
    return {};
  return "before Linux 5.12 bonds have no xmit_hash_policy vlan+srcmac, which balance-slb is "
         "made of";
}

std::string explain(const Create& op, int error_number, const Actual& now) {
  if (error_number == EEXIST) return explain_existing(op.link, now);
  if (vlan_of(op) != nullptr) return explain_vlan(op.link, error_number, now);
  if (error_number == EOPNOTSUPP)
    return "this kernel has no driver for " + kind_in_words(op.link.kind) +
           ", or one without some of these options: modprobe " +
           (std::holds_alternative<Bond>(op.link.kind) ? "bonding" : "bridge") +
           ", or boot a newer one";
  return explain_hash(options_of(op.link), error_number);
}

std::string explain_busy_port(const Join& op, const Actual& now) {
  const Link* port = find(now, op.port);
  if (port->controller)
    return op.port.str() + " is a port of " + port->controller->str() + ", and stays there";
  return "something else takes the frames of " + op.port.str() + " (Open vSwitch, macvlan), or " +
         op.controller.str() + " is stacked on it";
}

std::string explain(const Join& op, int error_number, const Actual& now) {
  const std::string port = op.port.str(), controller = op.controller.str();
  if (error_number == EPERM && is_bond(now, op.controller) && is_up(now, op.port))
    return port + " is up, and a bond takes only ports that are down";
  if (error_number == EBUSY) return explain_busy_port(op, now);
  if (error_number == ELOOP) return port + " is a bridge or has one below it";
  if (error_number == EXFULL) return controller + " has 1023 ports already, which is all it takes";
  if (error_number == EINVAL) return port + " cannot be a port: no Ethernet link, or without a MAC";
  return {};
}

std::string explain(const SetUp& op, int error_number, const Actual& now) {
  const Link* link = find(now, op.name);
  const auto* parent = link == nullptr ? nullptr : parent_of(*link);
  if (error_number != ENETDOWN || parent == nullptr) return {};
  return parent->str() + " is down, and its VLANs cannot be up before it is";
}

std::string explain(const SetOptions& op, int error_number, const Actual& now) {
  const std::string name = op.name.str();
  if (error_number == EBUSY && is_bond(now, op.name)) return "for this " + name + " must be down";
  if (error_number == ENOTEMPTY) return "for this " + name + " must have no ports";
  if (error_number == EACCES) return "the mode of " + name + " has no such option";
  if (error_number == EOPNOTSUPP)
    return name + " is of another kind, or this kernel's have no such option";
  return explain_hash(op.options, error_number);
}

std::string explain(const SetPort& op, int error_number, const Actual& now) {
  const Link* link = find(now, op.name);
  if (error_number == ENETDOWN) return explain(SetUp{op.name}, error_number, now);
  if (link == nullptr || link->controller || op.options.empty()) return {};
  return op.name.str() + " is not a port of anything";
}

std::string explain(const SetVlans& op, int error_number, const Actual& now) {
  const Link* link = find(now, op.name);
  if (link == nullptr) return {};
  if (!link->controller) return op.name.str() + " is not a port of a bridge";
  if (error_number == EOPNOTSUPP) return "this kernel has no VLAN filtering in its bridges";
  return {};
}

std::string explain(const SetFdb& op, int error_number, const Actual& now) {
  const Link* link = find(now, op.name);
  if (link == nullptr) return {};
  if (!link->controller) return op.name.str() + " is not a port of a bridge";
  if (error_number == EINVAL) return op.name.str() + " is not in the VLAN of one of them";
  return {};
}

std::string explain(const SetMtu& op, int, const Actual& now) {
  const Link* link = find(now, op.name);
  const auto* parent = link == nullptr ? nullptr : parent_of(*link);
  return parent == nullptr ? std::string{} : explain_large_mtu(*parent, op.mtu, now);
}

std::string explain(const SetMac& op, int error_number, const Actual& now) {
  if (error_number == EBUSY && is_up(now, op.name)) return "for this it must be down";
  if (error_number == EADDRNOTAVAIL) return op.mac.str() + " is no address of a single link";
  return {};
}

std::string explain(const SetAddrGen& op, int error_number, const Actual&) {
  if (error_number == EAFNOSUPPORT) return op.name.str() + " has no IPv6";
  return {};
}

template <typename AnyOther>
std::string explain(const AnyOther&, int, const Actual&) {
  return {};
}

// A link that is there by name and not by index took the place of the one that was meant.
std::string explain_missing(const Op& op, int error_number, const Actual& now) {
  for (const auto& name : links_addressed_by(op))
    if (!now.contains(name)) return "there is no link " + name.str();
  if (error_number != ENODEV) return {};
  return "meanwhile it was deleted, and another link has its name";
}

}  // namespace

bool takes_every_link_to_explain(const Op& op, int error_number) {
  return error_number == EEXIST && vlan_of(op) != nullptr;
}

std::string explain_refusal(const Op& op, int error_number, const Actual& now) {
  if (auto missing = explain_missing(op, error_number, now); !missing.empty()) return missing;
  return std::visit([&](const auto& refused) { return explain(refused, error_number, now); }, op);
}

}  // namespace vifchain::inline edge::inline kernel
