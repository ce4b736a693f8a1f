// SPDX-License-Identifier: Apache-2.0
// All that is shown of a host: its bridges with what is below and the guests above, as the kernel
// and xenstore have it, with everything that is otherwise than the file says or does not work.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/guest_vif.hpp"
#include "core/model/link_state.hpp"
#include "core/model/topology.hpp"
#include "core/plan/dhcp.hpp"

namespace vifchain::inline core::inline view {

// What was read, from everywhere.
struct Sight {
  std::optional<Topology> topology = {};  // none: there is no file, or it is wrong
  std::string config = {};                // the file, for messages
  Actual links = {};  // every link of the network namespace, with routes where they matter
  std::map<LinkName, LinkState> states = {};
  std::vector<GuestVif> vifs = {};
  Desired ports = {};  // what is wanted of guests' ports by policy (flow/vif/desired_guests.hpp)
  std::map<LinkName, std::string> odd_ports = {};  // why that cannot be had or told
  std::map<LinkName, PortFilter> left_over = {};   // filters of links that are not there
  std::vector<DhcpClient> clients = {};            // all that run in it
};

// A link: of a chain, or a guest's.
struct LinkView {
  Link link;             // as it is; as the file has it when it is missing
  LinkState state = {};  // empty when it is missing
  bool there = true;
  unsigned line = 0;                     // of the file, where the link is first named; 0: nowhere
  bool in_file = false;                  // the file names it, or a template of the file makes it
  std::vector<LinkName> below = {};      // what it stands on: ports (no guests'), or the parent
  std::vector<DhcpClient> clients = {};  // DHCP clients on it
  std::vector<std::string> differences = {};  // from the file, each half a sentence
  std::vector<std::string> troubles = {};     // what does not work, each half a sentence

  bool operator==(const LinkView&) const = default;
};

// A guest's vif, its link among `links` of the view where there is one.
struct GuestView {
  GuestVif vif;
  std::optional<LinkName> link = {};
  std::optional<LinkName> emulated = {};  // of the emulated NIC beside it
  std::optional<LinkName> on = {};        // the bridge that it is a port of
  // Of its filter, where that is in force as a whole; none: it has none, or it may not be read.
  std::optional<Antispoof> antispoof = {};
  std::vector<std::string> troubles = {};

  bool operator==(const GuestView&) const = default;
};

struct BridgeView {
  LinkName name;
  std::vector<std::size_t> guests = {};  // into `guests` of the view

  bool operator==(const BridgeView&) const = default;
};

struct View {
  std::map<LinkName, LinkView> links;
  std::vector<GuestView> guests;         // by domain and device
  std::vector<BridgeView> bridges;       // the file's in its order, then those of its templates and
                                         // those of others by name
  std::vector<LinkName> loose;           // bonds and VLAN links that no bridge stands on
  std::vector<std::size_t> elsewhere;    // guests on no bridge here: unplugged, or in other domains
  std::vector<LinkName> left_over = {};  // links that are not there, and have filters

  bool operator==(const View&) const = default;
};

View make_view(const Sight& sight);

// Every bridge that is shown.
std::vector<std::string> bridges_of(const View& view);

// The view of these bridges alone; each must be one of it.
View narrowed(const View& view, const std::vector<LinkName>& bridges);

// All that is wrong, one line each, with the name of the link or guest first: "eth3: has no
// carrier". What the file says and the kernel does otherwise comes first.
std::vector<std::string> all_wrong(const View& view);

}  // namespace vifchain::inline core::inline view
