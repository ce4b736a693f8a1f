// SPDX-License-Identifier: Apache-2.0
// What else is at work on the ports of bonds and bridges, and would take their frames, or lose its
// own.
#include <algorithm>
#include <array>

#include "core/model/links.hpp"
#include "core/plan/impact.hpp"
#include "core/plan/preflight/context.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// They take every frame of the link below, as a bridge and a bond do, and only one of all these can
// (netdev_rx_handler_register).
bool is_greedy(const Upper& upper) {
  constexpr std::array<std::string_view, 6> kinds{"macvlan", "macvtap", "ipvlan",
                                                  "ipvtap",  "macsec",  "rmnet"};
  return std::ranges::find(kinds, upper.kind) != kinds.end();
}

std::string where(const Upper& upper) {
  return upper.elsewhere.empty() ? upper.name : upper.name + " in " + upper.elsewhere;
}

std::string removal_of(const Upper& upper) {
  return upper.elsewhere.empty() ? "ip link del " + upper.name : "";
}

class Ports {
 public:
  Ports(const Context& context, Findings& findings) : context_(context), findings_(findings) {
    for (const auto& upper : context.facts.uppers) uppers_.emplace(upper.below, &upper);
    for (const auto& rule : context.facts.rules) rules_.emplace(rule.link, &rule);
  }

  void look_at(const Link& port) {
    for (const auto& [below, upper] : all_in(uppers_, port.name)) look_at_upper(port, *upper);
    for (const auto& [link, rule] : all_in(rules_, port.name)) look_at_rule(port, *rule);
    look_at_filters(port);
    look_at_addresses(port);
  }

 private:
  void say(const Link& port, Weight weight, std::string text) {
    findings_.push_back({port.name, weight, std::move(text)});
  }

  void look_at_upper(const Link& port, const Upper& upper) {
    const auto name = upper.elsewhere.empty() ? LinkName::parse(upper.name) : std::nullopt;
    if (name && context_.going.contains(*name)) return;
    const bool is_desired = name && context_.wanted(*name) != nullptr;
    if (upper.vlan && is_desired) return look_at_desired_vlan(port, upper);
    if (upper.vlan) return look_at_thief(port, upper);
    if (!is_greedy(upper) || !context_.joins(port)) return;
    say(port, Weight::obstacle,
        problem(port.name.str() + " cannot join " + port.controller->str() + " while it carries " +
                    where(upper) + " (" + upper.kind + ")",
                removal_of(upper)));
  }

  // VLAN links are asked before bond and bridge (__netif_receive_skb_core).
  void look_at_thief(const Link& port, const Upper& upper) {
    say(port, Weight::warning,
        problem(where(upper) + " takes the frames of VLAN " + std::to_string(upper.vlan->number()) +
                    " from " + port.name.str() + ", " + context_.place_of(port),
                removal_of(upper)));
  }

  void look_at_desired_vlan(const Link& port, const Upper& upper) {
    const Link* bridge = context_.wanted(*port.controller);
    const auto is_it = [&](const PortVlan& vlan) { return vlan.id == *upper.vlan; };
    if (bridge == nullptr || !is_on(options_of(*bridge), Option::bridge_vlan_filtering) ||
        !port.vlans || std::ranges::none_of(*port.vlans, is_it))
      return;
    const std::string id = std::to_string(upper.vlan->number());
    say(port, Weight::warning,
        port.name.str() + " is in VLAN " + id + " of " + bridge->name.str() + ", but " +
            upper.name + " takes that VLAN's frames first");
  }

  void look_at_rule(const Link& port, const PolicyRule& rule) {
    const std::string name = port.name.str(), top = context_.top_of(port).str();
    const std::string way = rule.incoming ? "iif " : "oif ";
    const std::string priority = std::to_string(rule.priority), table = std::to_string(rule.table);
    say(port, Weight::warning,
        problem(std::string(rule.v6 ? "IPv6" : "IPv4") + " policy rule " + priority + " (" + way +
                    name + ", table " + table + ") matches nothing on " + name + ", " +
                    context_.place_of(port),
                std::string("ip ") + (rule.v6 ? "-6 " : "") + "rule add priority " + priority +
                    " " + way + top + " table " + table));
  }

  void look_at_filters(const Link& port) {
    const std::string name = port.name.str();
    if (!context_.facts.filtered.contains(port.name)) return;
    say(port, Weight::warning,
        problem("tc filters on " + name + ", " + context_.place_of(port) +
                    ", see its frames first and may drop them",
                "tc filter show dev " + name + " ingress"));
  }

  // rehome() moves them.
  void look_at_addresses(const Link& port) {
    const Link* have = context_.staying(port.name);
    if (have == nullptr || !context_.joins(port) || addresses_of(*have).empty()) return;
    const auto more = have->addresses->size() - 1;
    say(port, Weight::note,
        "apply moves " + have->addresses->front().str() +
            (more == 0 ? "" : ", " + std::to_string(more) + " more") + " and its routes from " +
            port.name.str() + " to " + context_.top_of(port).str() +
            "; until then guests cannot use " + context_.top_of(port).str());
  }

  const Context& context_;
  Findings& findings_;
  std::multimap<LinkName, const Upper*> uppers_;
  std::multimap<LinkName, const PolicyRule*> rules_;
};

}  // namespace

void look_at_ports(const Context& context, Findings& findings) {
  Ports ports(context, findings);
  for (const auto& [name, want] : context.desired) {
    const Link* have = context.staying(name);
    const bool guest = have != nullptr && is_guest_port(*have);
    if (want && want->controller && !guest) ports.look_at(*want);
  }
}

}  // namespace vifchain::inline core::inline plan
