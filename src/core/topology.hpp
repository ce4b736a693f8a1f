// All that the administrator wrote, cross-checked; it knows nothing of this host's state.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/document.hpp"
#include "core/link.hpp"

namespace vifchain {

// `[bridge."NAME{vid}"]`: bridges made on demand, one per VLAN.
struct Template {
  std::string before, after;                    // the name around {vid}
  std::vector<std::string> ports;               // with {vid} in them
  std::vector<std::pair<VlanId, VlanId>> vids;  // inclusive ranges, ascending, disjoint
  Link bridge;                                  // everything but name; options, mtu, mac as written
  Place place;
};

struct Topology {
  // Every link the file names or implies, as wanted: bonds, VLAN links (LINK.VID names too),
  // bridges, and the NICs below them as `Given`. Controllers, parents and the MTUs of whole
  // chains (a bridge's mtu raises what lies below it) are filled in. Bonds and bridges carry
  // their birth options; MACs that depend on the host are left to desired_for().
  Actual links;
  std::map<LinkName, std::vector<LinkName>>
      ports;                         // of each bond and bridge, as ordered in the file
  std::map<LinkName, Place> places;  // where each link is first named
  std::vector<Template> templates;
};

// The topology, or everything that is wrong with the document, in the order of the file.
std::variant<Topology, Diagnostics> read_topology(const Table& document);

// The links one bridge needs, itself included. `bridge` is among `links`.
struct Chain {
  LinkName bridge;
  Actual links;
  std::map<LinkName, std::vector<LinkName>> ports;
};

// The chain of the declared bridge `name`, or of the template that makes it; nothing when the
// file knows no such bridge.
std::optional<Chain> chain_for(const Topology& topology, std::string_view name);

// The names that a guest's `bridge=` may use, for messages: declared bridges, then templates.
std::vector<std::string> bridge_names(const Topology& topology);

}  // namespace vifchain
