// SPDX-License-Identifier: Apache-2.0
// Links of the desired state that another program sets up as well.
#include "core/plan/preflight/context.hpp"

namespace vifchain::inline core::inline plan {
namespace {

std::string in_words(const ManagedLink& managed) {
  const std::string name = managed.link.str();
  switch (managed.by) {
    case Manager::network_manager:
      return "NetworkManager manages " + name + " (" + managed.file +
             "): it may give it addresses, or take it out of its place: \"nmcli device set " +
             name + " managed no\", and unmanaged-devices=interface-name:" + name +
             " under [keyfile] in /etc/NetworkManager/conf.d";
    case Manager::networkd:
      return "systemd-networkd sets up " + name + " (" + managed.file +
             "): it may give it addresses, or take it out of its place: have it match a file that "
             "comes before, with Unmanaged=yes under [Link]";
    case Manager::ifupdown:
      return name + " is set up by ifupdown too (" + managed.file +
             "): ifup and ifdown, at boot or by hand, undo what stands: take it out of that file";
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
