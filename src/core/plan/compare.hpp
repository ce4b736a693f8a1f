// SPDX-License-Identifier: Apache-2.0
// Where a wanted link and a link that is there differ; shared by the planner's files.
#pragma once

#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// Whether there is a bond of this name among the links.
bool is_bond(const Actual& links, const LinkName& name);

// Of `wanted`, the options that `have` lacks or has otherwise.
Options lacking(const Options& wanted, const Options& have);

// The options of `want` that its bond mode knows and that can be written at all: without those of
// other modes and without delays while MII monitoring is off.
// `have` may be null (the link is to be made); its mode counts where `want` names none.
Options writable_options(const Link& want, const Link* have);

// The options of a port that its bond's mode knows; all of them when `controller` is null or no
// bond.
Options writable_port_options(const Link& want, const Link* controller);

// False for a bond whose MAC is that of its active port: the kernel says yes to another one and
// does nothing (bond_set_mac_address with fail_over_mac).
bool takes_mac(const Link& want, const Link& have);

// True when turning one into the other takes deletion: another kind, or a VLAN link with another
// parent, id or protocol. A wanted `Given` is satisfied by every kind.
bool must_be_remade(const Link& want, const Link& have);

// What to add to and remove from a link to get from `have` to `want`.
template <class Added, class Removed = Added>
struct Change {
  std::vector<Added> add;
  std::vector<Removed> remove;
  [[nodiscard]] bool empty() const { return add.empty() && remove.empty(); }
};
using VlanChange = Change<PortVlan, VlanId>;
using AddressChange = Change<LinkAddress>;
using RouteChange = Change<Route>;

// The VLANs of a port.
VlanChange vlan_change(const std::vector<PortVlan>& want, const std::vector<PortVlan>& have);

// The entries that a port has and should not have, and those that it lacks. Entries in VLANs that
// the port is not in count for nothing: no frame meets them, and kernels up to 6.1 and later remove
// them with the port alone (br_fdb_delete).
std::vector<FdbEntry> fdb_surplus(const std::vector<FdbEntry>& want, const Link& have);
std::vector<FdbEntry> fdb_lack(const std::vector<FdbEntry>& want, const Link& have);

// Whether the port is in the entry's VLAN; true when its VLANs are not known.
bool is_in_vlan_of(const Link& port, const FdbEntry& entry);

// The addresses to give to a link that has `have`, and those to take from it; and routes. Nothing
// where none are wanted.
AddressChange address_change(const Link& want, const Link& have);
RouteChange route_change(const Link& want, const Link& have);

// Whether what is wanted of IPv6, and of who the link is for, is otherwise. Where the kernel has no
// IPv6 on the link, or cannot tell, nothing is.
bool addr_gen_differs(const Link& want, const Link& have);
bool ra_differs(const Link& want, const Link& have);
bool apart_differs(const Link& want, const Link& have);

// The ports of the rules to put in place for a bond, none to take them away; nothing where they are
// as wanted, or cannot be told. Only a bond in balance-xor has rules.
std::optional<std::vector<LinkName>> slb_change(const Link& want, const Link& have);

// The filter to put in place, with mode off to take one away; nothing where it is as wanted, or
// cannot be told.
std::optional<PortFilter> filter_change(const Link& want, const Link& have);

// The rate to set; nothing where it is as wanted. The kernel counts whole bytes.
std::optional<std::uint64_t> rate_change(const Link& want, const Link& have);

// What a link stands on: the controller that it is a port of, and the link it is stacked on; null
// where there is none. Both are somebody else's values, and not copied.
struct Footing {
  const LinkName* controller = nullptr;
  const LinkName* parent = nullptr;
};
using Footings = std::map<LinkName, Footing>;
Footing footing_of(const Link& link);
Footings footings_of(const Actual& links);

// Names ordered so that every link comes after its controller and after the link it is stacked on.
std::vector<LinkName> lower_first(const Footings& links);

}  // namespace vifchain::inline core::inline plan
