// SPDX-License-Identifier: Apache-2.0
// Kinds of links that this kernel cannot make.
#include "core/plan/preflight/context.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

std::string install_modules(const std::string& settings) {
  return "install the kernel's modules package (" + settings + ")";
}

// What a kernel must have for the links of one kind.
struct Need {
  const char* driver;
  const char* setting;  // of the kernel's configuration
  std::optional<bool> Drivers::*there;
};

void miss(const Context& context, const Need& need, const std::vector<std::string>& links,
          Findings& findings) {
  const auto& drivers = context.facts.drivers;
  if (links.empty() || (drivers.*need.there).value_or(true)) return;
  findings.push_back({LinkName::parse(links.front()).value(), Weight::obstacle,
                      problem("kernel " + drivers.release + " has no " + need.driver +
                                  " (needed by " + some_of(links) + ")",
                              install_modules(need.setting))});
}

template <typename Kind>
std::vector<std::string> to_be_made(const Context& context) {
  return context.names_where([&](const Link& want) {
    return std::holds_alternative<Kind>(want.kind) && context.staying(want.name) == nullptr;
  });
}

// Without it no step is refused.
void miss_filters(const Context& context, Findings& findings) {
  const auto bridges = context.names_where([](const Link& want) { return want.apart == true; });
  if (bridges.empty() || context.facts.drivers.apart.value_or(true)) return;
  findings.push_back({LinkName::parse(bridges.front()).value(), Weight::warning,
                      problem("kernel " + context.facts.drivers.release +
                                  " lacks cls_bpf or sch_ingress, so guests on " +
                                  some_of(bridges) + " can reach this host's addresses",
                              install_modules("CONFIG_NET_CLS_BPF, CONFIG_NET_SCH_INGRESS"))});
}

}  // namespace

void look_at_drivers(const Context& context, Findings& findings) {
  miss(context, {"bonding driver", "CONFIG_BONDING", &Drivers::bonding}, to_be_made<Bond>(context),
       findings);
  miss(context, {"VLAN driver", "CONFIG_VLAN_8021Q", &Drivers::vlan}, to_be_made<Vlan>(context),
       findings);
  miss(context, {"bridge driver", "CONFIG_BRIDGE", &Drivers::bridge}, to_be_made<Bridge>(context),
       findings);
  // A kernel without takes the option, and does nothing (br_changelink).
  const auto filters = [](const Link& want) {
    return is_bridge(want) && is_on(options_of(want), Option::bridge_vlan_filtering);
  };
  miss(context,
       {"VLAN filtering of bridges", "CONFIG_BRIDGE_VLAN_FILTERING", &Drivers::vlan_filtering},
       context.names_where(filters), findings);
  miss_filters(context, findings);
}

}  // namespace vifchain::inline core::inline plan
