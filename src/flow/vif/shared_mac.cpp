// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/shared_mac.hpp"

#include "core/vif/guest_port.hpp"
#include "edge/parse/toml.hpp"
#include "flow/vif/desired_guests.hpp"
#include "flow/vif/guest_ports.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

Actual ports_and(Env& env, const std::vector<LinkName>& ports, const LinkName& bridge) {
  std::vector<Ask> asked{{.name = bridge}};
  for (const auto& port : ports) asked.push_back({.name = port, .vlans = true});
  return env.kernel.snapshot(asked);
}

}  // namespace

std::vector<LinkName> others_with(Env& env, const Mac& mac, const LinkName& bridge,
                                  const LinkName& but) {
  auto ports = env.filter.ports_of(mac);
  std::erase(ports, but);
  if (ports.empty()) return ports;
  const Actual now = ports_and(env, ports, bridge);
  std::erase_if(ports, [&](const LinkName& port) {
    const auto link = now.find(port);
    return link == now.end() || link->second.controller != bridge;
  });
  return ports;
}

Desired sharing(Env& env, const std::vector<LinkName>& others, const VifPolicy& policy) {
  Desired desired;
  std::vector<Ask> asked;
  for (const auto& port : others) asked.push_back({.name = port});
  for (const auto& [name, link] : env.kernel.snapshot(asked)) {
    Link want{.name = name, .keep_controller = true};
    if (integer(link.port, Option::port_locked).value_or(0) == 0) continue;
    share_mac(want, policy);
    desired.emplace(name, std::move(want));
  }
  return desired;
}

void bind_who_is_left(Env& env, const Mac& mac, const LinkName& bridge) {
  const auto left = others_with(env, mac, bridge, bridge);
  if (left.size() != 1) return;
  try {
    const auto topology = load_topology(env.places.config);
    const auto* file = std::get_if<Topology>(&topology);
    if (file == nullptr) return;
    const auto guests = desired_guests({env.store, env.names, env.places.sysfs}, *file,
                                       ports_and(env, left, bridge));
    mend_guests(env, *file, guests.ports);
  } catch (const std::exception& error) {
    env.log.warning(left.front().str() + " is not bound to " + mac.str() +
                    " again, its filter alone guards it: " + error.what());
  }
}

}  // namespace vifchain::inline flow::inline vif
