// SPDX-License-Identifier: Apache-2.0
// What is to be done with the whole host, or some of its chains, before anything is.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/model/topology.hpp"
#include "core/plan/host_plan.hpp"
#include "core/plan/rollback_record.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline host {

// Makes the desired state of links from what is there.
using MakeDesired = std::function<Desired(const Actual& now, std::vector<std::string>& notes)>;

// What a host is to be.
struct DesiredHost {
  MakeDesired links;
  std::map<LinkName, Hosting> hosting = {};  // this host's own place on them
  // Whose policies ports of guests that run follow, where `links` has any; lives as long.
  const Topology* policies = nullptr;
  std::optional<AppliedFile> file = {};  // that says so, for who goes back from it
};

// The links that this host has a place of its own on.
std::set<LinkName> names_of(const std::map<LinkName, Hosting>& hosting);

// Whether links that somebody else made as they are wanted stay somebody else's.
enum class Others : std::uint8_t { stay, are_adopted };

// Reads the host and plans, as `desired` has it.
HostPlan plan_host(Env& env, const DesiredHost& desired, Others others = Others::stay);

// The same without what cannot be had: where something is in the way, its chain is left out.
HostPlan plan_what_can(Env& env, DesiredHost desired);

// The desired state for the file's links, and for ports of guests that run by its policies: for all
// of them, and then links of ours that it does not name are to go, unless somebody uses them; or
// for the chains of `bridges` alone. It lives no longer than `env` and `topology`.
DesiredHost desired_by_file(Env& env, const Topology& topology, std::vector<LinkName> bridges);

// Throws Refusal when a guest would notice, and says which, and by which step.
void refuse_disruption(const HostPlan& plan);

}  // namespace vifchain::inline flow::inline host
