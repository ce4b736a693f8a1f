// SPDX-License-Identifier: Apache-2.0
// Bridges whose frames iptables sees, though nobody asked for that; or does not, though somebody
// did.
#include <array>

#include "core/model/links.hpp"
#include "core/plan/preflight/context.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

constexpr std::array own_switches{Option::bridge_nf_call_iptables, Option::bridge_nf_call_ip6tables,
                                  Option::bridge_nf_call_arptables};

bool asks_for_it(const Link& bridge) {
  for (const auto option : own_switches)
    if (is_on(options_of(bridge), option)) return true;
  return false;
}

// These count for every bridge, whatever that says itself.
std::vector<std::string> settings_of_all(const BridgeNetfilter& netfilter) {
  std::vector<std::string> settings;
  if (netfilter.ip) settings.emplace_back("net.bridge.bridge-nf-call-iptables");
  if (netfilter.ip6) settings.emplace_back("net.bridge.bridge-nf-call-ip6tables");
  if (netfilter.arp) settings.emplace_back("net.bridge.bridge-nf-call-arptables");
  return settings;
}

void look_at_all(const Context& context, Findings& findings) {
  auto bridges =
      context.names_where([](const Link& want) { return is_bridge(want) && !asks_for_it(want); });
  const bool is_desired = !bridges.empty();
  for (const auto& [name, link] : context.before)
    if (!link.ours && is_bridge(link) && !context.desired.contains(name))
      bridges.push_back(name.str());
  auto text = netfilter_in_words(context.facts.netfilter, bridges);
  if (text.empty()) return;
  findings.push_back({LinkName::parse(bridges.front()).value(),
                      is_desired ? Weight::warning : Weight::note, std::move(text),
                      "br_netfilter"});
}

void look_at_one(const Context& context, const Link& want, Option option, Findings& findings) {
  const std::string name = want.name.str(), key(spec(option).key);
  const bool loaded = context.facts.netfilter.loaded;
  const auto& wanted = options_of(want);
  const Link* have = context.staying(want.name);
  if (is_on(wanted, option) && !loaded)
    findings.push_back({want.name, Weight::warning,
                        problem(key + " of " + name + " has no effect: br_netfilter is not loaded",
                                "modprobe br_netfilter"),
                        "br_netfilter"});
  if (wanted.contains(option) || !loaded || !is<Bridge>(have) || !is_on(options_of(*have), option))
    return;
  findings.push_back({want.name, Weight::warning,
                      problem("traffic of " + name + " passes this host's FORWARD rules (" + key +
                                  " is on, and not in the file)",
                              key + " = false in " + file_table(want)),
                      "br_netfilter"});
}

}  // namespace

std::string netfilter_in_words(const BridgeNetfilter& netfilter,
                               const std::vector<std::string>& bridges) {
  const auto settings = settings_of_all(netfilter);
  if (settings.empty() || bridges.empty()) return {};
  return problem("traffic of " + some_of(bridges) + " passes this host's FORWARD rules (" +
                     joined(settings, {}, " = 1, ") + " = 1)",
                 "sysctl " + joined(settings, {}, "=0 ") + "=0 (permanent: /etc/sysctl.d)");
}

void look_at_netfilter(const Context& context, Findings& findings) {
  look_at_all(context, findings);
  for (const auto& [name, want] : context.desired)
    if (want && is_bridge(*want))
      for (const auto option : own_switches) look_at_one(context, *want, option, findings);
}

}  // namespace vifchain::inline core::inline plan
