// SPDX-License-Identifier: Apache-2.0
// Links of the desired state that another program sets up as well.
#include "core/plan/preflight/context.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

std::string in_words(const ManagedLink& managed) {
  const std::string name = managed.link.str();
  const std::string what = " also manages " + name + " (" + managed.file + ")";
  switch (managed.by) {
    case Manager::network_manager:
      return problem("NetworkManager" + what,
                     "nmcli device set " + name + " managed no (permanent: vifchain-moving(7))");
    case Manager::networkd:
      return problem(
          "systemd-networkd" + what,
          "Unmanaged=yes under [Link] in a .network file that matches " + name + " first");
    case Manager::ifupdown:
      return problem("ifupdown" + what, "remove " + name + " from that file");
  }
  return {};
}

}  // namespace

void look_at_managers(const Context& context, Findings& findings) {
  for (const auto& managed : context.facts.managed)
    if (context.wanted(managed.link) != nullptr)
      findings.push_back({managed.link, Weight::warning, in_words(managed)});
}

}  // namespace vifchain::inline core::inline plan
