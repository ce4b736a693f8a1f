// SPDX-License-Identifier: Apache-2.0
// The desired state and the host side by side: what every rule of the preflight asks.
#pragma once

#include <string>
#include <vector>

#include "core/plan/preflight/preflight.hpp"

namespace vifchain::inline core::inline plan {

using Findings = std::vector<Finding>;

struct Context {
  const Desired& desired;
  const Actual& before;
  const HostFacts& facts;
  std::set<LinkName> going;  // links that are deleted on the way, some to be made anew

  // The link as it is wanted; null when it is not part of the desired state, or is to go.
  [[nodiscard]] const Link* wanted(const LinkName& name) const;

  // The link as it is, and stays; null when there is none.
  [[nodiscard]] const Link* staying(const LinkName& name) const;

  // It is wanted as a port that it is not yet.
  [[nodiscard]] bool joins(const Link& port) const;

  // "which becomes a port of br0" or "a port of br0".
  [[nodiscard]] std::string place_of(const Link& port) const;

  // The link that this host uses in the place of a port: the last one of its controllers.
  [[nodiscard]] LinkName top_of(const Link& port) const;

  // The wanted links of which this holds, by name.
  template <typename Chosen>
  [[nodiscard]] std::vector<std::string> names_where(const Chosen& chosen) const {
    std::vector<std::string> names;
    for (const auto& [name, want] : desired)
      if (want && chosen(*want)) names.push_back(name.str());
    return names;
  }
};

bool is_bridge(const Link& link);

// A flag, or another number that is not 0.
bool is_on(const Options& options, Option option);

// " runs STP: a new port forwards nothing for 30 s"; the delay in hundredths of a second.
std::string stp_in_words(std::int64_t delay);

// "a, b, c and 7 more": a host may have hundreds.
std::string some_of(const std::vector<std::string>& names);

// What each file of this folder looks at; they add what they find.
void look_at_drivers(const Context& context, Findings& findings);
void look_at_names(const Context& context, Findings& findings);
void look_at_ports(const Context& context, Findings& findings);
void look_at_room(const Context& context, Findings& findings);
void look_at_netfilter(const Context& context, Findings& findings);
void look_at_managers(const Context& context, Findings& findings);
void look_at_file_alone(const Context& context, Findings& findings);
void look_at_place_of_host(const Context& context, Findings& findings);
void look_at_bridges_of_others(const Context& context, Findings& findings);

}  // namespace vifchain::inline core::inline plan
