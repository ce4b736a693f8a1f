// SPDX-License-Identifier: Apache-2.0
#include "core/vif/vif_name.hpp"

#include <algorithm>

#include "core/model/vid_ranges.hpp"
#include "core/model/vlan_name.hpp"
#include "core/text/find.hpp"
#include "core/vif/request.hpp"

namespace vifchain::inline core::inline vif {
namespace {

constexpr std::string_view variable = "{vid}";

// The id for which the template has a port of this name.
bool has_port(const Template& pattern, const std::string& port, const std::string& name) {
  const auto at = port.find(variable);
  if (at == port.npos || name.size() <= at) return false;
  const auto digits = std::string_view(name).substr(at);
  const auto id = VlanId::parse(digits.substr(0, digits.find_first_not_of("0123456789")));
  return id && contains(pattern.vids, *id) && expand(port, *id) == name;
}

bool can_make(const Template& pattern, const std::string& name) {
  return vid_for(pattern, name) || std::ranges::any_of(pattern.ports, [&](const auto& port) {
           return has_port(pattern, port, name);
         });
}

std::string why_files(const std::string& name, const Topology& topology) {
  const auto link = LinkName::parse(name);
  if (!link) return {};
  if (topology.links.contains(*link)) {
    const auto* place = find_in(topology.places, *link);
    return "is a name of the file" +
           (place == nullptr ? "" : " (line " + std::to_string(place->line) + ")");
  }
  for (const auto& pattern : topology.templates)
    if (can_make(pattern, name))
      return "is a name that the template " + pattern_of(pattern) + " of the file can make";
  return {};
}

}  // namespace

// The kernel has no settings of its own for a link that is called as those of all links are
// (sysctl_dev_name_is_allowed in net/ipv4/devinet.c).
std::string why_no_vif_name(std::string_view name) {
  if (name.ends_with("-emu")) return "ends in -emu, as the links of emulated NICs do";
  if (name == "all" || name == "default") return "is reserved by the kernel";
  return {};
}

std::string why_not_its_name(std::string_view name, const VifId& vif) {
  const auto other = vif_of_port_name(name);
  if (!other || *other == vif) return {};
  return "is the name of a link of domain " + std::to_string(other->domid);
}

std::string why_it_is_the_files(const LinkName& name, const Topology& topology) {
  auto why = why_files(name.str(), topology);
  if (!why.empty()) return why;
  const std::string emulated = emulated_name(name.str());
  why = why_files(emulated, topology);
  return why.empty() ? ""
                     : "would have an emulated NIC called " + emulated + " beside it, which " + why;
}

}  // namespace vifchain::inline core::inline vif
