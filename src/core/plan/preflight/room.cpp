// SPDX-License-Identifier: Apache-2.0
// Bridges that are nearly full.
#include "core/plan/preflight/context.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// From here on a bridge is told of: nobody looks again in time.
constexpr std::size_t many_ports = most_ports * 9 / 10;

// The controller that the link has when the desired state is true.
std::optional<LinkName> next_controller(const Context& context, const LinkName& name) {
  const Link* have = context.staying(name);
  const auto desired = context.desired.find(name);
  const bool stays =
      desired == context.desired.end() || (desired->second && desired->second->keep_controller);
  if (stays) return have == nullptr ? std::nullopt : have->controller;
  return desired->second ? desired->second->controller : std::nullopt;
}

std::map<LinkName, std::size_t> count_ports(const Context& context) {
  std::set<LinkName> links;
  for (const auto& [name, have] : context.before) links.insert(name);
  for (const auto& [name, want] : context.desired) links.insert(name);
  std::map<LinkName, std::size_t> ports;
  for (const auto& name : links)
    if (const auto controller = next_controller(context, name)) ++ports[*controller];
  return ports;
}

}  // namespace

void look_at_room(const Context& context, Findings& findings) {
  for (const auto& [name, count] : count_ports(context)) {
    const Link* bridge = context.wanted(name);
    if (count < many_ports || bridge == nullptr || !is_bridge(*bridge)) continue;
    const std::string ports = std::to_string(count), most = std::to_string(most_ports);
    if (count > most_ports)
      findings.push_back({name, Weight::obstacle,
                          name.str() + " would have " + ports + " ports; the kernel allows " +
                              most + " for each bridge"});
    else
      findings.push_back({name, Weight::warning,
                          name.str() + " has " + ports + " of at most " + most +
                              " ports; further guests are refused"});
  }
}

}  // namespace vifchain::inline core::inline plan
