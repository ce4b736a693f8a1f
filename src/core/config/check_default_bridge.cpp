// SPDX-License-Identifier: Apache-2.0
// [vif] bridge: a bridge or template of this file, or a name that it does not know, since vifs may
// go onto a bridge of somebody else's.
#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"

namespace vifchain::inline core::inline config {

void check_default_bridge(const Draft& draft, const Assembly& assembly, Diagnostics& wrong) {
  const auto& name = assembly.topology.default_bridge;
  if (!name) return;
  const auto link = assembly.topology.links.find(*name);
  if (link == assembly.topology.links.end() || std::holds_alternative<Bridge>(link->second.kind))
    return;
  const auto& kind = link->second.kind;
  const auto what =
      std::holds_alternative<Given>(kind) ? "a link below others" : kind_in_words(kind);
  complain(wrong, *draft.default_bridge,
           "bridge must be the name of a bridge, and " + name->str() + " is " + what +
               in_line(assembly.mentions.at(*name).place));
}

}  // namespace vifchain::inline core::inline config
