// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/move.hpp"

#include "edge/state/vif_lock.hpp"
#include "flow/chain/file_chain.hpp"
#include "flow/chain/teardown.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/attach.hpp"
#include "flow/vif/port_link.hpp"
#include "flow/vif/shared_mac.hpp"
#include "flow/vif/uplinks.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

void tidy_chain(Env& env, const Chain& chain, const Link& before) {
  if (before.vlans) drop_vlans(env, chain, *before.vlans);
  // To linger is for guests that come back at once, as one that reboots does; who is moved does
  // not.
  if (chain.teardown.last_vif) take_down_unused(env, chain.bridge);
}

void tidy(Env& env, const Link& before, const LinkName& new_bridge) {
  if (!before.controller) return;
  try {
    if (const auto chain = chain_in_file(env, *before.controller)) tidy_chain(env, *chain, before);
  } catch (const std::exception& error) {
    env.log.warning(before.name.str() + " is on " + new_bridge.str() + ", but " +
                    before.controller->str() + " could not be tidied: " + error.what());
  }
}

// The emulated NIC beside the vif, while it is on a bridge: a guest that drives its vif itself may
// have unplugged it.
std::optional<VifEvent> emulated_beside(Env& env, const VifEvent& event) {
  VifEvent beside = event;
  beside.action = Action::add;
  beside.tap = beside.key();
  const auto link = present_port(env, beside);
  return link && link->controller ? std::optional(beside) : std::nullopt;
}

template <typename Work>
void attempt(Env& env, const Work& work) {
  try {
    work();
  } catch (const std::exception& error) {
    env.log.err("undo failed: " + std::string(error.what()));
  }
}

// Those that had been moved are where and as they were; then hooks hear of it, for all of them.
void go_back(Env& env, const std::vector<VifEvent>& ports, const std::vector<PortUndo>& moved) {
  env.deadline.grace(std::chrono::seconds(4));
  for (const auto& back : moved) attempt(env, [&] { put_back(env, back.wanted, back.before); });
  for (const auto& port : ports) attempt(env, [&] { attach(env, port); });
}

// On the bridge that a port has left.
void bind_those_left(Env& env, const PortUndo& back) {
  for (const auto& [name, before] : back.before)
    if (is_filtered(before) && before.filter->mac != Mac{} && before.controller)
      bind_who_is_left(env, before.filter->mac, *before.controller);
}

}  // namespace

Outcome move_vif(Env& env, const MoveRequest& request) {
  try {
    const VifLock lock(env.places.vif_locks(), request.event.vif, env.deadline);
    const auto before = present_port(env, request.event);
    if (!before || !before->controller)
      return Refused{"not a port of any bridge, as it is not online"};
    // The vif is the last: with it the store is told.
    std::vector<VifEvent> ports{request.event};
    if (auto tap = emulated_beside(env, request.event)) ports.insert(ports.begin(), *tap);
    Outcome outcome;
    std::vector<PortUndo> moved;
    try {
      for (const auto& port : ports)
        outcome = attach(env, port, Move{request.nodes, request.libxl}, moved.emplace_back());
    } catch (const std::exception&) {
      go_back(env, ports, moved);
      throw;
    }
    for (const auto& back : moved) bind_those_left(env, back);
    if (const auto* connected = std::get_if<Connected>(&outcome))
      tidy(env, *before, LinkName::parse(connected->bridge).value());
    return outcome;
  } catch (const std::exception& error) {
    if (env.recorder != nullptr) env.recorder->ended_by(error);
    return Refused{error.what()};
  }
}

}  // namespace vifchain::inline flow::inline vif
