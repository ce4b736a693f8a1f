// SPDX-License-Identifier: Apache-2.0
// The vifs that are connected, and their links.
#pragma once

#include <map>
#include <optional>

#include "core/model/name.hpp"
#include "core/model/vif_event.hpp"

namespace vifchain::inline flow::inline daemon {

class KnownPorts {
 public:
  struct Port {
    VifId vif;
    std::optional<LinkName> bridge;
  };

  [[nodiscard]] const std::map<LinkName, Port>& all() const { return ports_; }
  [[nodiscard]] const std::map<VifId, LinkName>& links() const { return links_; }

  // The link of a vif that is known; null for any other.
  [[nodiscard]] const LinkName* link_of(const VifId& vif) const;

  // The vif that this port is: PV, or the emulated one beside it.
  [[nodiscard]] std::optional<VifId> vif_of(const LinkName& port) const;

  void remember(const VifId& vif, const LinkName& link, const std::optional<LinkName>& bridge);
  void forget(const VifId& vif);

  // False when `from` is no link of a vif that is known.
  bool rename(const LinkName& from, const LinkName& to);

 private:
  std::map<LinkName, Port> ports_;
  std::map<VifId, LinkName> links_;
};

}  // namespace vifchain::inline flow::inline daemon
