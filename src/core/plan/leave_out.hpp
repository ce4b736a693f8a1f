// SPDX-License-Identifier: Apache-2.0
// A desired state without what cannot be had, for when the rest is to stand all the same.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// A link of the desired state that is left out.
struct LeftOut {
  LinkName name;
  std::string reason;  // the conflicts that it fell to, each with the name of its link
  std::optional<LinkName> from = {};  // the bond or bridge that goes without this port of it; none:
                                      // it is the top of a chain that is left out whole
  bool operator==(const LeftOut&) const = default;
};

// "xenbrdmz: skipped port eth3 (no such link on this host)".
std::string in_words(const LeftOut& left_out);

// Takes the port out of a bond's options and rules, which name it.
void forget_port(Link& bond, const LinkName& port);

// The links that are wanted for themselves: those at the top of a chain, and those of `own`.
std::set<LinkName> roots_of(const Desired& desired, const std::set<LinkName>& own);

// The link, its ports, what they and it are stacked on, and so on down, as the desired state has
// it.
std::set<LinkName> all_below(const Desired& desired, const LinkName& root);

// What none of these roots stands on is not asked for any more; what one of them stands on, and
// was a port of something that is gone from the desired state, keeps the controller it has.
void keep_only(Desired& desired, const std::set<LinkName>& roots);

// Takes out of the desired state the links of `lost`, each with its reason; the VLAN links on them;
// each bond or bridge that has lost all of its ports; and what then no root stands on any more.
// Returns the roots that have gone, and the ports that something else does without, by name.
std::vector<LeftOut> leave_out(Desired& desired, const std::map<LinkName, std::string>& lost,
                               const std::set<LinkName>& own);

}  // namespace vifchain::inline core::inline plan
