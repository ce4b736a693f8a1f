// What is to be done with the whole host, or some of its chains, before anything is.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/dhcp.hpp"
#include "core/leave_out.hpp"
#include "core/plan.hpp"
#include "core/topology.hpp"
#include "flow/site.hpp"

namespace vifchain {

// A wish for this host, how it is now, and the way between.
struct HostPlan {
  Desired desired;
  Actual before;  // every link, with routes where they matter
  Plan plan;
  Desired guests = {};  // ports of guests that run, of which `desired` knows nothing
  std::size_t guest_steps =
      0;  // so many steps, the last ones, are about them (flow/guest_ports.hpp)
  std::vector<std::string> notes;  // each a sentence for the administrator
  DhcpPlan dhcp = {};
  std::vector<DhcpClient> clients = {};  // all that run now
  std::set<LinkName> adopted = {};       // somebody else's until now; ours in `before` already
  std::vector<LeftOut> left_out = {};    // what cannot be had; mostly that is a conflict instead
  [[nodiscard]] bool nothing_to_do() const { return plan.nothing_to_do() && dhcp.empty(); }
};

// Makes the wish from what is there.
using Wisher = std::function<Desired(const Actual& now, std::vector<std::string>& notes)>;

// All that is to be done, ends and beginnings of DHCP clients among it.
std::size_t number_of_steps(const HostPlan& plan);

// The links that this host has a place of its own on.
std::set<LinkName> names_of(const std::map<LinkName, Hosting>& hosting);

// Whether links that somebody else made as they are wanted stay somebody else's.
enum class Others : std::uint8_t { stay, are_adopted };

// Reads the host and plans, as `wish` has it.
HostPlan plan_host(Site& site, const std::map<LinkName, Hosting>& hosting, const Wisher& wish,
                   Others others = Others::stay);

// The same without what cannot be had: where something is in the way, its chain is left out.
HostPlan plan_what_can(Site& site, const std::map<LinkName, Hosting>& hosting, const Wisher& wish);

// The wish for the file's links, and for ports of guests that run by its policies: for all of them,
// and then links of ours that it does not name are to go, unless somebody uses them; or for the
// chains of `bridges` alone.
Wisher file_wish(Site& site, const Topology& topology, std::vector<LinkName> bridges);

// Throws Refusal when a guest would notice, and says which, and by which step.
void refuse_disruption(const HostPlan& plan);

}  // namespace vifchain
