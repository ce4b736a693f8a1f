// SPDX-License-Identifier: Apache-2.0
// The kernel's messages about links, their addresses, VLANs and static entries, read into values.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/model/link.hpp"

struct nlattr;
struct nlmsghdr;

namespace vifchain::inline edge::inline kernel {

// The names of links by index, as far as they are known; it remembers which ones were asked for
// in vain. Index 0 is no link.
class Names {
 public:
  void learn(unsigned index, const LinkName& name);

  // The name of the link, also when it is not known: then it is a stand-in, "#" and the index.
  LinkName operator[](unsigned index);

  // The links that were asked for and not known. Knowing them afterwards takes learn().
  [[nodiscard]] const std::set<unsigned>& missing() const { return missing_; }

 private:
  std::map<unsigned, LinkName> names_;
  std::set<unsigned> missing_;
};

// The alias that a link of ours is given in the call that puts it into `leaving_group`: only with
// both is it one that a run which died was about to delete.
inline constexpr const char* leaving_alias = "vifchain deletes this link";

// Who a link message (RTM_NEWLINK) is about, and under whom that link is.
struct Identity {
  LinkName name;
  unsigned index = 0;
  unsigned controller = 0;  // 0: none
  unsigned group = 0;
  bool leaves = false;  // it is ours, and was to be deleted with others
  bool bridge_port = false;
};
Identity identity_of(const nlmsghdr& link_message);

// The alternative names (ip-link(8), altname) in an IFLA_PROP_LIST.
std::vector<LinkName> other_names_in(const nlattr* list);

// All that the message says of the link; addresses, VLANs and static entries come by
// others. A VLAN whose
// parent is in another network namespace has a stand-in for its name, "#" and the index there and
// "@netns".
Link read_link(const nlmsghdr& link_message, Names& names);

// A VLAN message (RTM_NEWVLAN): the index of a bridge or a port, and its VLANs by id.
struct ReadVlans {
  unsigned index = 0;
  std::vector<PortVlan> vlans = {};
};
ReadVlans read_vlans(const nlmsghdr& vlan_message);

// A message about a forwarding entry (RTM_NEWNEIGH of AF_BRIDGE): the index of the port, and the
// entry when it is a static one of its bridge's, neither learned nor an address of the port itself.
struct ReadFdb {
  unsigned index = 0;
  std::optional<FdbEntry> entry = {};
};
ReadFdb read_fdb(const nlmsghdr& neighbour_message);

}  // namespace vifchain::inline edge::inline kernel
