// SPDX-License-Identifier: Apache-2.0
// Which guests would notice a plan.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {

// Whether the link is a guest's port: on a bridge, nobody's by the file, with the MAC that every
// vif has here.
bool is_guest_port(const Link& link);

// Ports of bridges that are to be made anew, or whose controller is taken down on the way: the
// desired state has them where and as they are, so that no guest is left without.
void keep_guests(Desired& desired, const Actual& actual);

// Who stands on what on a host, for asking about many steps.
class Guests {
 public:
  explicit Guests(const Actual& before);

  // The guests' ports whose traffic stops for a moment, or longer, with this step.
  [[nodiscard]] std::set<LinkName> noticing(const Step& step) const;

 private:
  void add_above(const LinkName& name, std::set<LinkName>& above) const;

  std::multimap<LinkName, LinkName> above_;  // of each link those stacked on it, and its controller
  std::multimap<LinkName, LinkName> ports_;  // of each bridge the guests' ports
};

// "link goes down", "ports leave", "deleted" of a link that `desired` has gone, "recreated" of one
// that is made anew: for people; empty for a step without interruption.
std::string impact_in_words(const Step& step, const Desired& desired);

}  // namespace vifchain::inline core::inline plan
