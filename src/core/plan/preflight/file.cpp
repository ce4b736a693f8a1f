// SPDX-License-Identifier: Apache-2.0
// What the file says, and the kernel takes, and people regret.
#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/preflight/context.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

bool watches(const Options& options) {
  return is_on(options, Option::bond_miimon) || is_on(options, Option::bond_arp_interval);
}

// These have the kernel itself watch the ports (bond_check_params, bond_option_mode_set).
bool watches_by_itself(const Link& link) {
  const auto mode = mode_of(link);
  return mode == BondMode::lacp || mode == BondMode::balance_tlb || mode == BondMode::balance_alb;
}

std::string what_to_do(const Link& want, const Link* have) {
  if (is<Bond>(want) && (have == nullptr || have->ours))
    return "miimon = 100 in " + file_table(want);
  return "ip link set " + want.name.str() + " type bond miimon 100";
}

void look_at_monitoring(const Context& context, const Link& want, Findings& findings) {
  const Link* have = context.staying(want.name);
  const bool bond = is<Bond>(want);
  const bool there = have != nullptr && is<Bond>(*have);
  if (!bond && !there) return;
  if (watches(options_of(want)) || watches_by_itself(bond ? want : *have)) return;
  const bool off = integer(options_of(want), Option::bond_miimon) == 0;
  if (!off && !(there && !watches(options_of(*have)))) return;
  findings.push_back(
      {want.name, Weight::warning,
       problem(want.name.str() +
                   " has no link monitoring, so a port whose cable is pulled stays in use",
               what_to_do(want, have)),
       "bond_monitoring"});
}

struct Uplinks {
  std::vector<std::string> names, ids;
};

// One segment of two VLANs: whoever hears one hears both, and a switch sees one MAC in both.
void look_at_bridged_vlans(const Context& context, const Link& bridge, Findings& findings) {
  std::map<LinkName, Uplinks> uplinks;  // of each link below
  for (const auto& [name, want] : context.desired) {
    const auto* vlan = want ? std::get_if<Vlan>(&want->kind) : nullptr;
    if (vlan == nullptr || want->controller != bridge.name) continue;
    uplinks[vlan->parent].names.push_back(name.str());
    uplinks[vlan->parent].ids.push_back(std::to_string(vlan->id.number()));
  }
  for (const auto& [parent, vlans] : uplinks)
    if (vlans.names.size() > 1)
      findings.push_back(
          {bridge.name, Weight::warning,
           problem(bridge.name.str() + " joins VLANs " + listed(vlans.ids) + " of " + parent.str() +
                       " to one segment (" + listed(vlans.names) + ")",
                   "one bridge for each, or vlan_filtering = true and ports = [\"" + parent.str() +
                       "\"] in " + file_table(bridge)),
           "bridged_vlans"});
}

void look_at_stp(const Link& bridge, Findings& findings) {
  const auto& options = options_of(bridge);
  if (!is_on(options, Option::bridge_stp)) return;
  constexpr std::int64_t usual = 1500;  // of the kernel
  const auto delay = integer(options, Option::bridge_forward_delay).value_or(usual);
  if (delay == 0) return;
  findings.push_back({bridge.name, Weight::warning,
                      problem(bridge.name.str() + stp_in_words(delay),
                              "stp = false or forward_delay = 2 in " + file_table(bridge)),
                      "stp"});
}

}  // namespace

void look_at_file_alone(const Context& context, Findings& findings) {
  for (const auto& [name, want] : context.desired) {
    if (!want) continue;
    look_at_monitoring(context, *want, findings);
    if (!is_bridge(*want)) continue;
    look_at_bridged_vlans(context, *want, findings);
    look_at_stp(*want, findings);
  }
}

}  // namespace vifchain::inline core::inline plan
