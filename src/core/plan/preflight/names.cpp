// SPDX-License-Identifier: Apache-2.0
// Names and VLANs that are taken where the planner does not look.
#include "core/model/links.hpp"
#include "core/plan/preflight/context.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// Alternative names and names are one namespace (netdev_name_in_use).
Finding found_as_other_name(const Link& want, const LinkName& owner) {
  const std::string name = want.name.str(), link = owner.str();
  if (is_given(want))
    return {want.name, Weight::warning,
            problem(name + " is only an alternative name of " + link,
                    "write " + link + " in the file")};
  return {want.name, Weight::obstacle,
          problem(name + " is already an alternative name of " + link,
                  "ip link property del dev " + link + " altname " + name)};
}

// One in this namespace is the planner's to name. The kernel has one link for each parent, protocol
// and id, wherever that was moved (register_vlan_dev).
void look_for_holder(const Context& context, const Link& want, const Vlan& vlan,
                     Findings& findings) {
  for (const auto& upper : context.facts.uppers)
    if (!upper.elsewhere.empty() && upper.below == vlan.parent && upper.vlan == vlan.id &&
        upper.protocol == vlan.protocol)
      findings.push_back({want.name, Weight::obstacle,
                          want.name.str() + ": " + vlan_in_words(vlan) + " already exists as " +
                              upper.name + " in " + upper.elsewhere});
}

}  // namespace

void look_at_names(const Context& context, Findings& findings) {
  for (const auto& [name, want] : context.desired) {
    if (!want || context.staying(name) != nullptr) continue;
    const auto other = context.facts.other_names.find(name);
    if (other != context.facts.other_names.end())
      findings.push_back(found_as_other_name(*want, other->second));
    if (const auto* vlan = std::get_if<Vlan>(&want->kind))
      look_for_holder(context, *want, *vlan, findings);
  }
}

}  // namespace vifchain::inline core::inline plan
