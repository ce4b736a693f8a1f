// SPDX-License-Identifier: Apache-2.0
// [vif] bridge: a bridge or template of this file, or a name that it does not know, since vifs may
// go onto a bridge of somebody else's.
#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"
#include "core/model/links.hpp"

namespace vifchain::inline core::inline config {

void check_default_bridge(const Draft& draft, const Assembly& assembly, Diagnostics& wrong) {
  const auto& name = assembly.topology.default_bridge;
  if (!name) return;
  const Link* link = link_in(assembly.topology.links, *name);
  if (link == nullptr || is<Bridge>(*link)) return;
  complain_unexpected(wrong, *draft.default_bridge, "bridge",
                      "a bridge (" + name->str() + " is " +
                          (is_given(*link) ? "a NIC" : kind_in_words(link->kind)) +
                          in_line(assembly.mentions.at(*name).place) + ")");
}

}  // namespace vifchain::inline core::inline config
