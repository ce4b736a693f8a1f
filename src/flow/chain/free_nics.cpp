// SPDX-License-Identifier: Apache-2.0
#include "flow/chain/free_nics.hpp"

#include "edge/base/error.hpp"
#include "edge/state/nic_memory.hpp"

namespace vifchain::inline flow::inline chain {
namespace {

std::string folder_of(const Places& places) {
  return places.locks + "/nics";
}

bool is_ours(const Actual& links, const std::optional<LinkName>& name) {
  const auto found = name ? links.find(*name) : links.end();
  return found != links.end() && found->second.ours;
}

bool is_port_of_ours(const Actual& links, const LinkName& name) {
  const auto found = links.find(name);
  return found != links.end() && is_ours(links, found->second.controller);
}

// How it was before it became a port of ours; each NIC's file is read only where it counts.
std::optional<Link> was(const Places& places, const LinkName& nic) {
  return recorded_nic(folder_of(places), nic);
}

// The desired state says whose port it is to be, or that it goes.
bool has_place(const Desired& desired, const LinkName& nic) {
  const auto want = desired.find(nic);
  return want != desired.end() && !(want->second && want->second->keep_controller);
}

// Nobody's port by the desired state: its controller goes, or it leaves that.
bool is_freed(const Desired& desired, const Link& nic) {
  const auto want = desired.find(nic.name);
  if (want != desired.end() && want->second)
    return !want->second->controller && !want->second->keep_controller;
  const auto controller = desired.find(*nic.controller);
  return want == desired.end() && controller != desired.end() && !controller->second;
}

}  // namespace

void remember_nics(Env& env, const Plan& plan, const Actual& before) {
  for (const auto& step : plan.steps) {
    const auto* join = std::get_if<Join>(&step.op);
    const auto nic = join != nullptr ? before.find(join->port) : before.end();
    if (nic == before.end() || nic->second.ours || is_port_of_ours(before, nic->first)) continue;
    try {
      keep_nic(folder_of(env.places), nic->second);
    } catch (const Error& error) {
      env.log.warning("the state of " + nic->first.str() +
                      " cannot be recorded, and may not be restored: " + error.what());
    }
  }
}

void let_go_of_nics(const Places& places, Desired& desired, const Actual& now) {
  for (const auto& [name, nic] : now) {
    if (!is_ours(now, nic.controller) || has_place(desired, name)) continue;
    const auto controller = desired.find(*nic.controller);
    if (controller == desired.end() || !controller->second || !was(places, name)) continue;
    desired.emplace(name, Link{.name = name}).first->second.value().keep_controller = false;
  }
}

void let_go_of_nics_below_what_goes(const Places& places, Desired& desired, const Actual& now) {
  for (const auto& [name, nic] : now) {
    if (!is_ours(now, nic.controller) || desired.contains(name)) continue;
    const auto controller = desired.find(*nic.controller);
    if (controller == desired.end() || controller->second || !was(places, name)) continue;
    desired.emplace(name, Link{.name = name});
  }
}

void free_nics(const Places& places, Desired& desired, const Actual& now) {
  for (const auto& [name, nic] : now) {
    if (!is_ours(now, nic.controller) || !is_freed(desired, nic)) continue;
    const auto kept = was(places, name);
    if (!kept) continue;
    Link& want = desired.emplace(name, Link{.name = name}).first->second.value();
    if (!want.up) want.up = kept->up;
    if (!want.mtu) want.mtu = kept->mtu;
    if (!want.addr_gen) want.addr_gen = kept->addr_gen;
  }
}

void forget_free_nics(Env& env, const Actual& now) {
  for (const auto& name : recorded_nics(folder_of(env.places))) {
    if (is_port_of_ours(now, name)) continue;
    try {
      drop_nic(folder_of(env.places), name);
    } catch (const Error& error) {
      env.log.warning(error.what());
    }
  }
}

}  // namespace vifchain::inline flow::inline chain
