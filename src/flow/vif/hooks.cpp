// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/hooks.hpp"

#include "edge/process/hooks.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

std::string command_of(Action action) {
  switch (action) {
    case Action::online:
      return "online";
    case Action::offline:
      return "offline";
    case Action::add:
      return "add";
    case Action::remove:
      return "remove";
  }
  return {};
}

// A hook of `offline` wants to know as much as one of `online`, so far as it is still there.
std::map<std::string, std::string> nodes_of(Env& env, const VifEvent& event,
                                            const HookFacts& facts) {
  auto nodes = event.words;
  for (const char* key : {"bridge", "ip", "vifname", "mtu", "vlan", "mac"}) {
    const auto known = facts.nodes.find(key);
    if (known != facts.nodes.end())
      nodes.insert_or_assign(key, known->second);
    else if (const auto value = env.store.read(event.backend + "/" + key))
      nodes.insert_or_assign(key, *value);
  }
  return nodes;
}

}  // namespace

void run_event_hooks(Env& env, const VifEvent& event, const HookFacts& facts) {
  if (!any_hook(env.places.hooks)) return;
  auto variables = nodes_of(env, event, facts);
  variables.insert_or_assign("command", command_of(event.action));
  variables.insert_or_assign("type_if", event.for_tap() ? "tap" : "vif");
  variables.insert_or_assign("dev", facts.port.str());
  variables.insert_or_assign("vif", event.vif.str());
  variables.insert_or_assign("XENBUS_PATH", event.backend);
  variables.emplace("netdev", "");
  if (facts.bridge) variables.insert_or_assign("bridge", facts.bridge->str());
  if (facts.mtu) variables.insert_or_assign("mtu", std::to_string(*facts.mtu));
  run_hooks(env.places.hooks, variables, env.deadline);
}

}  // namespace vifchain::inline flow::inline vif
