// SPDX-License-Identifier: Apache-2.0
#include "flow/daemon/known_ports.hpp"

namespace vifchain::inline flow::inline daemon {

const LinkName* KnownPorts::link_of(const VifId& vif) const {
  const auto known = links_.find(vif);
  return known == links_.end() ? nullptr : &known->second;
}

std::optional<VifId> KnownPorts::vif_of(const LinkName& port) const {
  constexpr std::string_view emulated = "-emu";
  auto known = ports_.find(port);
  std::string_view name = port.str();
  if (known == ports_.end() && name.ends_with(emulated)) {
    name.remove_suffix(emulated.size());
    if (const auto beside = LinkName::parse(name)) known = ports_.find(*beside);
  }
  if (known == ports_.end()) return std::nullopt;
  return known->second.vif;
}

void KnownPorts::remember(const VifId& vif, const LinkName& link,
                          const std::optional<LinkName>& bridge) {
  forget(vif);
  links_.insert_or_assign(vif, link);
  ports_.insert_or_assign(link, Port{vif, bridge});
}

void KnownPorts::forget(const VifId& vif) {
  const auto link = links_.find(vif);
  if (link == links_.end()) return;
  ports_.erase(link->second);
  links_.erase(link);
}

bool KnownPorts::rename(const LinkName& from, const LinkName& to) {
  auto port = ports_.extract(from);
  if (!port) return false;
  links_.insert_or_assign(port.mapped().vif, to);
  ports_.insert_or_assign(to, std::move(port.mapped()));
  return true;
}

}  // namespace vifchain::inline flow::inline daemon
