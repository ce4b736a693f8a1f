// SPDX-License-Identifier: Apache-2.0
// A network link as a value: what is wanted of it, and what the kernel says of it, in one type.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/model/name.hpp"
#include "core/model/option.hpp"
#include "core/model/policy.hpp"
#include "core/model/route.hpp"

namespace vifchain::inline core::inline model {

// The netdev group of every link that vifchain makes: the only mark the kernel sets in the call
// that creates a link (rtnl_create_link in net/core/rtnetlink.c).
inline constexpr std::uint32_t our_group = 30307;
// Where links of ours go for the moment before they are deleted together; alone it says nothing.
inline constexpr std::uint32_t leaving_group = our_group + 1;

enum class VlanProtocol : std::uint16_t { ieee_802_1q = 0x8100, ieee_802_1ad = 0x88a8 };

// Somebody else's link, never made or deleted here: a NIC, a vif, a bond of the distribution's.
// Wanted as `Given`, a link of any kind will do; read from the kernel, it is a link that is
// neither bond nor VLAN nor bridge.
struct Given {
  bool operator==(const Given&) const = default;
};
struct Bond {
  Options options;
  bool operator==(const Bond&) const = default;
};
struct Vlan {
  LinkName parent;  // the link it is stacked on; never changes in a link's life, nor do id and
  VlanId id;        // protocol: the kernel accepts such a change and ignores it (vlan_changelink)
  VlanProtocol protocol = VlanProtocol::ieee_802_1q;
  Options options = {};
  bool operator==(const Vlan&) const = default;
};
struct Bridge {
  Options options;
  bool operator==(const Bridge&) const = default;
};
using Kind = std::variant<Given, Bond, Vlan, Bridge>;

// How the kernel makes a link's own IPv6 addresses (IFLA_INET6_ADDR_GEN_MODE).
enum class AddrGen : std::uint8_t { eui64, none, stable_privacy, random };

// One VLAN of a bridge port (bridge(8), `bridge vlan`).
struct PortVlan {
  VlanId id;
  bool pvid = false;      // untagged frames that come in belong to it
  bool untagged = false;  // its frames go out without a tag
  auto operator<=>(const PortVlan&) const = default;
};

// A static entry of a bridge's forwarding database (bridge(8), `bridge fdb`): frames to this MAC go
// to the port, wherever else it is seen, and a locked port lets no other in. One without a VLAN is
// for a bridge that filters no VLANs; when it is made the kernel makes one for each VLAN of the
// port besides (br_fdb_add), so where it is wanted those may be there.
struct FdbEntry {
  Mac mac;
  std::optional<VlanId> vlan = {};
  auto operator<=>(const FdbEntry&) const = default;
};

// The rules of a bond that balances by source MAC (mode balance-slb, core/filter/slb_rules.hpp).
struct SlbRules {
  std::vector<LinkName> ports = {};  // those that they are about, sorted; none: there are no rules
  bool spoilt = false;  // kernel's side only: there are some, and not these or not all of them
  bool operator==(const SlbRules&) const = default;
};

// What a guest may send through its port: what the filters' table has of it
// (core/filter/port_filter_rules.hpp). A default one is no filter.
struct PortFilter {
  Antispoof mode = Antispoof::off;          // with off, nothing else counts
  Mac mac = {};                             // the guest's; of mac and mac-ip
  std::vector<LinkAddress> addresses = {};  // mac-ip: what it may speak as; sorted, disjoint
  std::vector<IpAddress> routers = {};      // mac-ip: what it may never speak as; sorted
  // The kernel's own name of the port, by which the filter is found again when its link is gone:
  // "vif5.0-emu".
  std::optional<LinkName> owner = {};
  std::optional<LinkName> bridge = {};  // whose guests' ports without a filter are closed
  bool spoilt = false;  // kernel's side only: not all of it is there, or more than it, or the rules
                        // that it takes are not
  bool operator==(const PortFilter&) const = default;
};
// The least MTU with which a link has IPv6 (IPV6_MIN_MTU): below it the kernel takes that away,
// with all that was set of it, and makes it anew above (addrconf_notify).
inline constexpr unsigned least_mtu6 = 1280;

// What only the message that creates a link carries: given when the link must be made, never
// compared, empty in a link read from the kernel.
struct Birth {
  Options options;
  std::optional<Mac> mac;
  std::optional<unsigned> mtu;  // of a bridge whose mtu is wanted: one beside it, because only a
                                // later real change makes a bridge's MTU stick (br_change_mtu)
  bool operator==(const Birth&) const = default;
};

// A link. On the wanted side an absent optional or option means "leave it as it is"; on the
// kernel's side everything the kernel reports is present, and `controller` absent means none.
struct Link {
  LinkName name;
  Kind kind = Given{};
  std::optional<LinkName> controller = {};  // the bond or bridge it is a port of; wanted: absent
                                            // means it must have none, unless keep_controller
  bool keep_controller = false;             // wanted side only: whatever controller it has is right
  std::optional<LinkName> may_leave = {};   // wanted side only: a controller that we made it a port
                                            // of, and that it may leave though it is not ours
  Options port = {};                        // options of its place under the controller
  std::optional<std::vector<PortVlan>> vlans = {};  // VLANs of a bridge port, by id
  std::optional<std::vector<FdbEntry>> fdb = {};    // static entries of a bridge port, sorted;
                                                    // kernel's side: only when asked for
  std::optional<unsigned> mtu = {};                 // bytes
  std::optional<Mac> mac = {};
  std::optional<bool> up = {};
  std::optional<AddrGen> addr_gen = {};
  std::optional<IpAddress> secret = {};  // that stable_privacy makes addresses of; kernel's side:
                                         // where it has one, in Kernel::everything()
  // Whether it takes router advertisements (net.ipv6.conf.*.accept_ra, and forwarding); kernel's
  // side: absent where it has no IPv6.
  std::optional<bool> ra = {};
  // Of a bridge: nothing that comes in over it reaches this host itself, be it ARP, IPv4 or IPv6;
  // what it passes on between its ports, and its own protocols, are as ever. Kernel's side: only
  // of bridges of ours, and when asked for; absent also where the kernel cannot, and where links
  // of somebody else's that are stacked on the bridge would be deaf.
  std::optional<bool> apart = {};
  // Sorted; IPv6 link-local addresses are not among them.
  std::optional<std::vector<LinkAddress>> addresses = {};
  // Those over this link alone, sorted, without what the kernel makes of addresses by itself;
  // kernel's side: only when asked for.
  std::optional<std::vector<Route>> routes = {};
  bool keep_addresses = false;  // wanted side only: addresses and routes that are not marked as
                                // ours and that it has besides are right
  std::optional<SlbRules> slb = {};  // of a bond; kernel's side: absent when it cannot be told
  // Of a link that is neither bond, VLAN nor bridge; kernel's side: absent when it was not asked
  // for or cannot be told.
  std::optional<PortFilter> filter = {};
  // Bits per second that the link may send, for a vif: that the guest may receive; 0: as many as
  // it can, or a limit of somebody else's. Kernel's side: as for the filter.
  std::optional<std::uint64_t> rate = {};
  Birth birth = {};
  std::optional<Mac> permanent_mac = {};  // the hardware's own; wanted: a NIC, and no guest's port
  bool ours = false;  // a bond, VLAN link or bridge that is in `our_group`, or leaves
  bool operator==(const Link&) const = default;
};

using Actual = std::map<LinkName, Link>;                  // what the kernel has
using Desired = std::map<LinkName, std::optional<Link>>;  // empty: it must not exist

// The entries that let a guest with this MAC work through a port in these VLANs; without any,
// through one of a bridge that filters no VLANs.
std::vector<FdbEntry> static_entries(const Mac& mac, const std::vector<PortVlan>& vlans);

// The options of the link's own kind; empty for a `Given`.
const Options& options_of(const Link& link);
Options& options_of(Link& link);

// The mode of a bond, where its options tell.
std::optional<BondMode> mode_of(const Link& link);

// The mode as the file has it: balance-xor with its rules is "balance-slb". Empty where the options
// do not tell.
std::string mode_word(const Link& link);

// The link a VLAN is stacked on; null for every other kind.
const LinkName* parent_of(const Link& link);

// Somebody else's, or none of the kinds that are made here.
bool is_given(const Link& link);

// Whether there is a filter; false where that is not known.
inline bool is_filtered(const Link& link) {
  return link.filter && link.filter->mode != Antispoof::off;
}
// Whether the link can have IPv6 with the MTU that it has.
bool has_mtu6(const Link& link);

// "a bond", "a VLAN link", "a bridge", "neither bond, VLAN nor bridge".
std::string kind_in_words(const Kind& kind);

}  // namespace vifchain::inline core::inline model
