// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/detach.hpp"

#include "core/vif/request.hpp"
#include "core/vif/vlan_grammar.hpp"
#include "edge/base/error.hpp"
#include "flow/chain/file_chain.hpp"
#include "flow/vif/hooks.hpp"
#include "flow/vif/port_link.hpp"
#include "flow/vif/shared_mac.hpp"
#include "flow/vif/uplinks.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

// What a port leaves behind: its chain, where the file has one, and its VLANs.
struct Place {
  Chain chain;
  std::vector<PortVlan> vlans;
};

// As the toolstack's nodes have it.
std::optional<Place> place_in_store(Env& env, const VifEvent& event) {
  std::map<std::string, std::string> nodes;
  for (const char* key : {"bridge", "vlan"})
    if (auto value = env.store.read(event.backend + "/" + key))
      nodes.emplace(key, std::move(*value));
  const auto read = read_request(nodes, event.words);
  const auto* request = std::get_if<VifRequest>(&read);
  if (request == nullptr) return std::nullopt;
  if (const auto name = LinkName::parse(request->bridge))
    if (auto chain = chain_in_file(env, *name)) return Place{std::move(*chain), request->vlans};
  const auto spec = read_bridge_spec(request->bridge);
  const auto* parts = std::get_if<BridgeSpec>(&spec);
  const auto name = parts == nullptr ? std::nullopt : LinkName::parse(parts->bridge);
  auto chain = name ? chain_in_file(env, *name) : std::nullopt;
  if (!chain) return std::nullopt;
  return Place{std::move(*chain), request->vlans.empty() ? parts->vlans : request->vlans};
}

// The port that goes, as it was found.
struct Going {
  const VifEvent& event;
  LinkName port;
  std::optional<Link> link;  // none: it has gone already
};

void leave(Env& env, const Going& going) {
  std::vector<Step> steps;
  if (going.link->up == true) steps.push_back({SetDown{going.port}, "the vif is removed"});
  if (going.link->controller) steps.push_back({Leave{going.port}, "the vif is removed"});
  try {
    if (!steps.empty()) env.kernel.perform(steps);
  } catch (const std::exception&) {
    // netback may take the link away at any moment of this; gone is as good as released.
    if (present_port(env, going.event)) throw;
  }
}

// The port is on no bridge by now, so a filter that stays behind does no harm: the guest goes
// either way.
void drop_filter(Env& env, const Going& going) {
  const std::string owner = going.event.key();
  std::optional<PortFilter> filter;
  try {
    filter = env.filter.read(going.port, {.owner = LinkName::parse(owner)});
    env.filter.remove(owner);
  } catch (const Error& error) {
    env.log.warning(
        going.port.str() +
        " has left its bridge, but its filter is left, and deleted by the next apply: " +
        error.what());
  }
  if (filter && filter->bridge && filter->mac != Mac{})
    bind_who_is_left(env, filter->mac, *filter->bridge);
}

// netback and the device model mostly take their link away before this runs.
std::optional<Place> find_place(Env& env, const Going& going) {
  if (!going.link) return place_in_store(env, going.event);
  const auto& bridge = going.link->controller;
  auto chain = bridge ? chain_in_file(env, *bridge) : std::nullopt;
  if (!chain) return std::nullopt;
  return Place{std::move(*chain), going.link->vlans.value_or(std::vector<PortVlan>{})};
}

// What the port leaves behind is put right as far as it can be; the guest is gone either way. What
// was written down of its filter may have been lost.
std::optional<Released::Leaving> tidy(Env& env, const Going& going, bool had_filter) {
  try {
    const auto place = find_place(env, going);
    if (!place) return std::nullopt;
    const auto& [bridge, links, ports, policy, teardown] = place->chain;
    const bool may_have_one = policy.antispoof.value_or(Antispoof::off) != Antispoof::off;
    if (may_have_one && !had_filter) drop_filter(env, going);
    drop_vlans(env, place->chain, place->vlans);
    if (teardown.last_vif) return Released::Leaving{bridge, teardown.linger};
  } catch (const std::exception& error) {
    env.log.warning(going.port.str() +
                    " has left its bridge, which could not be tidied: " + error.what());
  }
  return std::nullopt;
}

void run_hooks_all_the_same(Env& env, const Going& going) {
  try {
    const auto& link = going.link;
    run_event_hooks(env, going.event, {going.port, {}, link ? link->controller : std::nullopt, {}});
  } catch (const std::exception& error) {
    env.log.err(error.what());
  }
}

}  // namespace

Outcome detach(Env& env, const VifEvent& event) {
  Going going{event, quick_name(env, event), present_port(env, event)};
  if (going.link) going.port = going.link->name;
  if (going.link) leave(env, going);
  const bool filtered = env.filter.present(event.key());
  if (filtered) drop_filter(env, going);
  Released released{.link = going.link ? going.port.str() : ""};
  released.leaving = tidy(env, going, filtered);
  run_hooks_all_the_same(env, going);
  return released;
}

}  // namespace vifchain::inline flow::inline vif
