// SPDX-License-Identifier: Apache-2.0
// The heart: from what is wanted and what is there to ordered steps, each with its reason.
// Pure: no clock, no log, no kernel. Preview, apply, verification (plan again, find nothing) and
// rollback (plan back to the snapshot) are all make_plan.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// Makes the link, all or nothing, and never changes one that is there: kind, options, birth, our
// group; then up and controller as `link` says (rtnl_newlink_create). Port options, VLANs, the
// wanted MTU and addr_gen are not part of it.
struct Create {
  Link link;
};
struct Delete {
  LinkName name;
};
struct SetDown {
  LinkName name;
};
struct SetUp {
  LinkName name;
};
// The port is down and has no controller (bond_enslave refuses one that is up).
struct Join {
  LinkName port, controller;
};
struct Leave {
  LinkName port;
};
struct SetOptions {
  LinkName name;
  Options options;
};  // of the link's own kind
// Options of a port under its controller and, in the same message and after them, up.
struct SetPort {
  LinkName name;
  Options options;
  bool up = false;
};
struct SetVlans {
  LinkName name;
  std::vector<PortVlan> add;
  std::vector<VlanId> remove;
};
// Static entries of a bridge port; what is to be removed goes first. An entry that another port of
// the bridge has is taken from it. A removed entry without a VLAN takes those of the port's VLANs
// along. The port is in the VLANs of all entries.
struct SetFdb {
  LinkName name;
  std::vector<FdbEntry> add, remove;
};
struct SetMtu {
  LinkName name;
  unsigned mtu = 0;
};
struct SetMac {
  LinkName name;
  Mac mac;
};
// The address that the mode makes of the MAC comes or goes with it at once where it is given: the
// kernel itself waits until the link goes up (inet6_set_link_af).
// With a secret, it is what stable_privacy makes addresses of from then on.
struct SetAddrGen {
  LinkName name;
  AddrGen mode{};
  std::optional<IpAddress> link_local = {};
  std::optional<IpAddress> secret = {};
};
// Whether it takes router advertisements; where it forwards IPv6, that too.
struct SetRa {
  LinkName name;
  bool on = false;
};
// See Link::apart.
struct SetApart {
  LinkName name;
  bool apart = false;
};
struct SetAddresses {
  LinkName name;
  std::vector<LinkAddress> add, remove;
};
// Routes over the link. One that is added takes the place of what is there for the same network,
// over whatever link, in one go; one that is to be removed and has gone already is no mistake.
struct SetRoutes {
  LinkName name;
  std::vector<Route> add, remove;
};

// The rules of a bond that balances by source MAC, in the place of those that are there; with no
// ports there are none any more. The ports need not have joined yet.
struct SetSlb {
  LinkName name;
  std::vector<LinkName> ports;
};

// What a guest may send through the port, in the place of what it might until then, at once and as
// a whole; with mode off, all. The link need not be there.
struct SetFilter {
  LinkName name;
  PortFilter filter;
};

// Bits per second that the link may send, in the place of whatever limit it had; with 0 one of ours
// goes, and any other stays.
struct SetRate {
  LinkName name;
  std::uint64_t rate = 0;
};

// Puts a link of somebody else's into our group, or one of ours back into the one that every link
// starts in. Traffic does not notice. make_plan() never does it (core/plan/adopt.hpp).
struct SetOurs {
  LinkName name;
  bool ours = true;
};

using Op = std::variant<Create, Delete, SetDown, SetUp, Join, Leave, SetOptions, SetPort, SetVlans,
                        SetFdb, SetMtu, SetMac, SetAddrGen, SetRa, SetApart, SetAddresses,
                        SetRoutes, SetSlb, SetFilter, SetRate, SetOurs>;

// What traffic through links that were already there notices of a step.
enum class Impact : std::uint8_t { hot, link_down, ports_removed, recreates };

struct Step {
  Op op;
  std::string because;
  Impact impact = Impact::hot;
};

// What stands in the way; a plan with conflicts has no steps.
struct Conflict {
  LinkName name;
  std::string reason;  // a problem (core/text/problem.hpp), without the name
};

struct Plan {
  std::vector<Step> steps;
  std::vector<Conflict> conflicts;
  [[nodiscard]] bool nothing_to_do() const { return steps.empty() && conflicts.empty(); }
};

// Steps that turn `actual` into `desired`. Links that `desired` does not name are never touched.
// Laws (tests/laws_test.cpp): nothing differs => no step; every prefix is legal in the kernel;
// only links of ours are made, deleted or re-optioned; a performed plan reaches the goal; planning
// again finds nothing; from a failure at any step, also one after which later steps went on,
// planning to undo_target() reaches the snapshot; a port that has or is to have a filter is up on a
// bridge only behind one that it has or is to have there.
Plan make_plan(const Desired& desired, const Actual& actual);

// The goal that undoes whatever was done on the way to `desired` from `snapshot`.
Desired undo_target(const Desired& desired, const Actual& snapshot);

// The links a step writes to, other than by side effects of the kernel.
const LinkName& target_of(const Op& op);

// What `want` names and `have` has otherwise: "mtu: expected 9000, found 1500"; empty when the
// link is as wanted. Options that the wanted bond mode does not have are not compared.
std::vector<std::string> differences(const Link& want, const Link& have);

// How a filter is other than the wanted one: "antispoof mac-ip is NOT in force".
std::string filter_in_words(const PortFilter& have, const PortFilter& want);

// A step as one line for people: "create bond1, a bond (802.3ad, …)", "join eth0 to bond1".
std::string describe(const Op& op);

}  // namespace vifchain::inline core::inline plan
