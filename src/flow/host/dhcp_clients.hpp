// SPDX-License-Identifier: Apache-2.0
// DHCP clients as a part of what is done with the host.
#pragma once

#include "core/plan/dhcp.hpp"
#include "flow/host/plan_host.hpp"

namespace vifchain::inline flow::inline host {

// Decides on the clients, into plan.dhcp, plan.clients and plan.notes: by the desired state and by
// what runs. Returns what those leave that end. Does nothing in an Env without a door to them.
std::map<LinkName, DhcpLeavings> plan_clients(Env& env, const std::map<LinkName, Hosting>& hosting,
                                              HostPlan& plan);

// Finds a program for each client that is to start; without one the plan has a conflict, and no
// steps.
void find_programs(Env& env, HostPlan& plan);

// Ends those that are to end; starts those that are to start, whose links are as wanted by now.
// Throws Error, and may have ended or started some.
void stop_clients(Env& env, const DhcpPlan& plan);
void start_clients(Env& env, const DhcpPlan& plan);

// The rollback, before and after that of the links: none runs that was started, and all do again
// that were ended. What fails is logged.
void stop_started_clients(Env& env, const DhcpPlan& plan) noexcept;
void start_stopped_clients(Env& env, const DhcpPlan& plan) noexcept;

// A Hosting for each link that has one of these clients, for that alone.
std::map<LinkName, Hosting> hosting_of(const std::vector<DhcpClient>& clients);

}  // namespace vifchain::inline flow::inline host
