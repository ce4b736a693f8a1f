// SPDX-License-Identifier: Apache-2.0
// What of this host would spoil a desired state though every step of its plan were taken, or would
// stop a step that the plan foresees: facts in, sentences out.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// A link that is stacked on another and takes frames from it, of whatever kind.
struct Upper {
  LinkName below;
  std::string name;                 // as it is called where it is
  std::string kind;                 // the kernel's word: "vlan", "macvlan", "ipvlan", …
  std::optional<VlanId> vlan = {};  // of one of kind "vlan"
  VlanProtocol protocol = VlanProtocol::ieee_802_1q;
  std::string elsewhere = {};  // the network namespace it is in, in words; empty: this one
};

// A policy rule (ip-rule(8)) that goes by the name of a link.
struct PolicyRule {
  std::uint32_t priority = 0;
  bool v6 = false;
  LinkName link;
  bool incoming = true;  // iif; else oif
  std::uint32_t table = 0;
};

enum class Manager : std::uint8_t { network_manager, networkd, ifupdown };

// Another program sets the link up as well.
struct ManagedLink {
  LinkName link;
  Manager by{};
  std::string file;  // that says so, with its line where that helps
};

// What the kernel's drivers are known to be; absent: cannot be told without trying.
struct Drivers {
  std::string release = {};  // uname -r
  std::optional<bool> bonding = {}, vlan = {}, bridge = {};
  std::optional<bool> vlan_filtering = {};  // of its bridges
  std::optional<bool> apart = {};           // see Link::apart
};

// Whether bridged frames go through iptables, ip6tables and arptables whatever a bridge says
// itself (net.bridge.bridge-nf-call-*, br_nf_hook_thresh's callers in br_netfilter_hooks.c).
struct BridgeNetfilter {
  bool loaded = false;
  bool ip = false, ip6 = false, arp = false;
};

struct HostFacts {
  std::map<LinkName, LinkName> other_names = {};  // of links here: alternative name → name
  std::vector<Upper> uppers = {};
  std::vector<PolicyRule> rules = {};
  std::set<LinkName> filtered = {};  // tc filters look at what comes in (ingress, clsact)
  std::vector<ManagedLink> managed = {};
  Drivers drivers = {};
  BridgeNetfilter netfilter = {};
};

enum class Weight : std::uint8_t {
  note,      // will be so, and is no harm
  warning,   // the plan can be carried out, and something will not work as it should
  obstacle,  // the kernel would refuse a step
};

struct Finding {
  LinkName link;  // whom it is about in the first place
  Weight weight{};
  std::string text;  // a problem (core/text/problem.hpp)
  std::string accept =
      {};  // the word by which the file accepts it ([host] accept); empty: it cannot
};

// A bridge takes no more ports (BR_MAX_PORTS in br_private.h, of which port 0 is none).
inline constexpr std::size_t most_ports = 1023;

// All that there is to say before `desired` is carried out on a host that has the links `before`
// and is otherwise as `facts`; obstacles first, then warnings, then notes, in the order of the
// links' names. Of links that are not part of the desired state it says nothing, but of bridges
// that somebody else made and guests may name.
std::vector<Finding> preflight(const Desired& desired, const Actual& before,
                               const HostFacts& facts);

// Takes out the findings that the file accepts.
void leave_out_accepted(std::vector<Finding>& findings, const std::set<std::string>& accepted);

// What the file alone says that will hurt, whatever the host.
std::vector<Finding> look_at_file(const Desired& desired);

// What is wrong with a bridge that somebody else made and a guest may name, each a sentence.
std::vector<std::string> troubles_of_others_bridge(const Link& bridge);

// That iptables sees what goes over these bridges, and where that is said; empty where it does not.
std::string netfilter_in_words(const BridgeNetfilter& netfilter,
                               const std::vector<std::string>& bridges);

// The obstacles as one line; empty when there is none.
std::string obstacles_in_words(const std::vector<Finding>& findings);

}  // namespace vifchain::inline core::inline plan
