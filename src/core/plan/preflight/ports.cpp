// SPDX-License-Identifier: Apache-2.0
// What else is at work on the ports of bonds and bridges, and would take their frames, or lose its
// own.
#include <algorithm>
#include <array>

#include "core/plan/impact.hpp"
#include "core/plan/preflight/context.hpp"

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
  return upper.elsewhere.empty() ? "ip link del " + upper.name : "delete it there";
}

class Ports {
 public:
  Ports(const Context& context, Findings& findings) : context_(context), findings_(findings) {
    for (const auto& upper : context.facts.uppers) uppers_.emplace(upper.below, &upper);
    for (const auto& rule : context.facts.rules) rules_.emplace(rule.link, &rule);
  }

  void look_at(const Link& port) {
    const auto [upper, last_upper] = uppers_.equal_range(port.name);
    for (auto at = upper; at != last_upper; ++at) look_at_upper(port, *at->second);
    const auto [rule, last_rule] = rules_.equal_range(port.name);
    for (auto at = rule; at != last_rule; ++at) look_at_rule(port, *at->second);
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
        port.name.str() + " carries " + where(upper) + ", a " + upper.kind +
            " link, which takes its frames: the kernel makes it no port of " +
            port.controller->str() + " beside that: " + removal_of(upper));
  }

  // VLAN links are asked before bond and bridge (__netif_receive_skb_core).
  void look_at_thief(const Link& port, const Upper& upper) {
    const std::string controller = port.controller->str();
    say(port, Weight::warning,
        where(upper) + " takes the frames of VLAN " + std::to_string(upper.vlan->number()) +
            " from " + port.name.str() + ", which " + context_.place_of(port) + ": " + controller +
            " and all that is on it never gets them: " + removal_of(upper) + ", or stack it on " +
            controller);
  }

  void look_at_desired_vlan(const Link& port, const Upper& upper) {
    const Link* bridge = context_.wanted(*port.controller);
    const auto is_it = [&](const PortVlan& vlan) { return vlan.id == *upper.vlan; };
    if (bridge == nullptr || !is_on(options_of(*bridge), Option::bridge_vlan_filtering) ||
        !port.vlans || std::ranges::none_of(*port.vlans, is_it))
      return;
    const std::string id = std::to_string(upper.vlan->number());
    say(port, Weight::warning,
        port.name.str() + " is in VLAN " + id + " of " + bridge->name.str() + ", and " +
            upper.name + " takes that VLAN's frames first: guests of " + bridge->name.str() +
            " never get them: have only one of the two in the file");
  }

  void look_at_rule(const Link& port, const PolicyRule& rule) {
    const std::string name = port.name.str(), top = context_.top_of(port).str();
    const std::string way = rule.incoming ? "iif " : "oif ";
    say(port, Weight::warning,
        std::string("the ") + (rule.v6 ? "IPv6" : "IPv4") + " policy rule " +
            std::to_string(rule.priority) + " (" + way + name + ", table " +
            std::to_string(rule.table) + ") names " + name + ", which " + context_.place_of(port) +
            ": packets " + (rule.incoming ? "come in" : "leave") + " by " + top +
            " then, and the rule is for none of them: add it again with \"" + way + top + "\"");
  }

  void look_at_filters(const Link& port) {
    const std::string name = port.name.str();
    if (!context_.facts.filtered.contains(port.name)) return;
    say(port, Weight::warning,
        name + " has tc filters on what comes in, and " + context_.place_of(port) +
            ": they see its frames first, and may redirect or drop them: look with \"tc filter "
            "show dev " +
            name + " ingress\"");
  }

  // rehome() moves them.
  void look_at_addresses(const Link& port) {
    const Link* have = context_.staying(port.name);
    if (have == nullptr || !context_.joins(port) || !have->addresses || have->addresses->empty())
      return;
    const auto more = have->addresses->size() - 1;
    say(port, Weight::note,
        port.name.str() + " carries " + have->addresses->front().str() +
            (more == 0 ? "" : " and " + std::to_string(more) + " more") + ", and " +
            context_.place_of(port) + ": vifchain apply moves them to " +
            context_.top_of(port).str() +
            " with their routes: no guest gets that bridge before it has");
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
