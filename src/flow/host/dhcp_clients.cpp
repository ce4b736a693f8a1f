// SPDX-License-Identifier: Apache-2.0
#include "flow/host/dhcp_clients.hpp"

#include <algorithm>

#include "edge/dhcp/dhcp_clients.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline flow::inline host {
namespace {

// What dhclient's script would take away.
bool has_fixed_addresses(const Desired& desired, const LinkName& name, bool v6) {
  const auto link = desired.find(name);
  if (link == desired.end() || !link->second || !link->second->addresses) return false;
  return std::ranges::any_of(*link->second->addresses, [&](const LinkAddress& address) {
    return address.address.v6 == v6 && !address.traits.valid;
  });
}

std::vector<LinkAddress> addresses_on(Env& env, const LinkName& name, bool v6) {
  const Actual now = env.kernel.snapshot({{.name = name, .addresses = true}});
  const auto link = now.find(name);
  if (link == now.end()) return {};
  auto addresses = link->second.addresses.value_or(std::vector<LinkAddress>{});
  std::erase_if(addresses, [&](const LinkAddress& own) { return own.address.v6 != v6; });
  return addresses;
}

// Of ours; null when none runs there.
const DhcpClient* find(const std::vector<DhcpClient>& running, const LinkName& link, bool v6) {
  const auto found = std::ranges::find_if(running, [&](const DhcpClient& client) {
    return client.ours && client.link == link && client.v6 == v6;
  });
  return found == running.end() ? nullptr : &*found;
}

const DhcpStop* stop_on(const DhcpPlan& plan, const LinkName& link, bool v6) {
  const auto found = std::ranges::find_if(plan.stops, [&](const DhcpStop& stop) {
    return stop.client.link == link && stop.client.v6 == v6;
  });
  return found == plan.stops.end() ? nullptr : &*found;
}

// Does what may fail on a rollback, where there is nobody to tell but the log.
template <typename Work>
void try_to(Env& env, const std::string& doing, const Work& work) noexcept {
  try {
    work();
  } catch (const std::exception& error) {
    env.log.err("undo: " + doing + " failed: " + error.what());
  }
}

}  // namespace

std::map<LinkName, DhcpLeavings> plan_clients(Env& env, const std::map<LinkName, Hosting>& hosting,
                                              HostPlan& plan) {
  if (env.dhcp == nullptr) return {};
  plan.clients = env.dhcp->running();
  plan.dhcp = plan_dhcp(plan.desired, plan.before, hosting, plan.clients);
  plan.notes.insert(plan.notes.end(), plan.dhcp.notes.begin(), plan.dhcp.notes.end());
  return leavings(plan.dhcp, plan.desired, plan.before);
}

void find_programs(Env& env, HostPlan& plan) {
  if (plan.dhcp.starts.empty()) return;
  const DhcpPrograms programs = env.dhcp->programs();
  for (auto& start : plan.dhcp.starts) {
    const bool fixed = has_fixed_addresses(plan.desired, start.link, start.v6);
    auto choice = choose_program(start, programs, fixed, plan.clients);
    if (const auto* program = std::get_if<DhcpProgram>(&choice))
      start.program = *program;
    else
      plan.plan.conflicts.push_back({start.link, std::move(std::get<std::string>(choice))});
  }
  if (!plan.plan.conflicts.empty()) plan.plan.steps.clear();
}

void stop_clients(Env& env, const DhcpPlan& plan) {
  for (const auto& stop : plan.stops) {
    env.deadline.check();
    env.dhcp->stop(stop.client, stop.starts_again);
    if (env.recorder != nullptr) env.recorder->performed(stop);
    env.log.info(describe(stop) + ": " + stop.because);
  }
}

void start_clients(Env& env, const DhcpPlan& plan) {
  for (const auto& start : plan.starts) {
    env.deadline.check();
    env.dhcp->start(start.program.value(), start.link, start.v6,
                    addresses_on(env, start.link, start.v6));
    if (env.recorder != nullptr) env.recorder->performed(start);
    env.log.info(describe(start) + ": " + start.because);
  }
}

void stop_started_clients(Env& env, const DhcpPlan& plan) noexcept {
  if (plan.starts.empty()) return;
  try_to(env, "ending DHCP clients", [&] {
    const auto running = env.dhcp->running();
    for (const auto& start : plan.starts) {
      const auto* client = find(running, start.link, start.v6);
      const auto* before = stop_on(plan, start.link, start.v6);
      if (client == nullptr || (before != nullptr && before->client == *client)) continue;
      env.dhcp->stop(*client, before != nullptr);
      if (env.recorder != nullptr)
        env.recorder->performed(DhcpStop{*client, "started by this run", before != nullptr});
    }
  });
}

void start_stopped_clients(Env& env, const DhcpPlan& plan) noexcept {
  if (plan.stops.empty()) return;
  try_to(env, "starting DHCP clients", [&] {
    const auto running = env.dhcp->running();
    for (const auto& [client, because, starts_again] : plan.stops)
      if (find(running, *client.link, client.v6) == nullptr) {
        env.dhcp->start(client.program, *client.link, client.v6, client.found);
        if (env.recorder != nullptr)
          env.recorder->performed(
              DhcpStart{*client.link, client.v6, client.program, "stopped by this run"});
      }
  });
}

std::map<LinkName, Hosting> hosting_of(const std::vector<DhcpClient>& clients) {
  std::map<LinkName, Hosting> all;
  for (const auto& client : clients) {
    if (!client.link) continue;
    Hosting& hosting = all[*client.link];
    hosting.dhcp = with(hosting.dhcp, client.v6);
    hosting.dhcp_client = client.program;
  }
  return all;
}

}  // namespace vifchain::inline flow::inline host
