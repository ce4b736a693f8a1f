// SPDX-License-Identifier: Apache-2.0
// The NICs by which frames leave a link, as it is and once a desired state is true; and the links
// that this host has addresses on and that lose theirs.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// IPv6 link-local ones, which are not read, do not count.
bool carries_addresses(const Link& link);

// A link with addresses that stays, and none of whose ways out stays its own.
struct LostWays {
  LinkName link;
  bool replaced = false;  // it gets others
};

// A way out of a bond or bridge is a NIC below it, or a VLAN link below it that has one itself; of
// a VLAN link it is that link. A NIC is a link of no other kind that the desired state names, or
// that is hardware: neither guests' ports nor the links of containers lead anywhere else.
class WaysOut {
 public:
  // Both have to live as long as this.
  WaysOut(const Desired& desired, const Actual& actual);

  [[nodiscard]] std::set<LinkName> now(const LinkName& link) const;
  [[nodiscard]] std::set<LinkName> then(const LinkName& link) const;

  // The link as it is once the desired state is true, or as far as that says; null when it is not
  // there.
  [[nodiscard]] const Link* shape_then(const LinkName& link) const { return shape(link, true); }

  // The link itself and what it is part of by the desired state, from below to the top; empty where
  // it goes.
  [[nodiscard]] std::vector<LinkName> path_then(const LinkName& link) const;

  // By name.
  [[nodiscard]] std::vector<LostWays> lost() const;

 private:
  using Ports = std::multimap<LinkName, LinkName>;  // of each controller

  [[nodiscard]] const Link* wanted(const LinkName& link) const;
  [[nodiscard]] bool stays(const LinkName& link) const;
  [[nodiscard]] std::optional<LinkName> controller_then(const LinkName& link) const;
  [[nodiscard]] bool is_nic(const LinkName& link) const;
  [[nodiscard]] const Link* shape(const LinkName& link, bool by_desired) const;
  [[nodiscard]] std::set<LinkName> ways(const LinkName& link, bool by_desired,
                                        std::set<LinkName> seen) const;

  const Desired& desired_;
  const Actual& actual_;
  Ports now_, then_;
};

// A link that keeps addresses at which nobody reaches this host any more once the desired state is
// true.
struct Stranded {
  LinkName link;
  std::vector<LinkAddress> addresses;  // not empty
  std::string because;                 // "eth0, which is deleted"
  std::string remedy;                  // a line for the file
};

// By link; `desired` is whole, with the addresses that links are to have (core/plan/rehome.hpp).
std::vector<Stranded> stranded(const Desired& desired, const Actual& actual);

// "xenbr0 keeps 10.0.0.5/24, but its network is reached by eth0, which is deleted; hint: …".
std::string in_words(const Stranded& link);

// Adds to the desired state, as they stand, those of our bonds and bridges that it does not name
// and that lose their ways out by it.
void name_links_left_behind(Desired& desired, const Actual& actual);

// Leaves with each link that would lose all of its ways out those that it has.
void keep_ways_out(Desired& desired, const Actual& actual);

}  // namespace vifchain::inline core::inline plan
