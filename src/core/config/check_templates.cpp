// SPDX-License-Identifier: Apache-2.0
// Templates must not make what something else in the file makes.
#include <map>

#include "core/config/assemble.hpp"
#include "core/config/complain.hpp"
#include "core/model/links.hpp"
#include "core/model/vid_ranges.hpp"
#include "core/model/vlan_name.hpp"
#include "core/text/find.hpp"

namespace vifchain::inline core::inline config {
namespace {

using TemplatePort = Assembly::TemplatePort;

std::string in_words(const Template& pattern) {
  return "template " + pattern_of(pattern) + in_line(pattern.place);
}

// Names in order: those that begin as the template's stand together.
void check_names(const Assembly& assembly, const Template& pattern, Diagnostics& wrong) {
  const auto& links = assembly.topology.links;
  const auto start = LinkName::parse(pattern.before);
  for (auto at = start ? links.lower_bound(*start) : links.begin(); at != links.end(); ++at) {
    const auto& name = at->first;
    if (start && !name.str().starts_with(pattern.before)) return;
    if (vid_for(pattern, name.str()))
      complain(wrong, assembly.mentions.at(name).place,
               in_words(pattern) + " makes a bridge named " + name.str() + " too");
  }
}

// VLAN links by what they are on.
using VlansOn = std::map<LinkName, std::vector<const Link*>>;

VlansOn vlans_on(const Actual& links) {
  VlansOn all;
  for (const auto& [name, link] : links)
    if (const auto* vlan = std::get_if<Vlan>(&link.kind)) all[vlan->parent].push_back(&link);
  return all;
}

// A VLAN link that a template would make anew: one that is in use, or goes by another name.
void check_vlans(const Assembly& assembly, const VlansOn& vlans, const TemplatePort& port,
                 Diagnostics& wrong) {
  const auto& pattern = assembly.topology.templates[port.index];
  for (const Link* link : value_in(vlans, port.link)) {
    const auto& vlan = std::get<Vlan>(link->kind);
    if (!contains(pattern.vids, vlan.id)) continue;
    const bool usable = link->name.str() == expand(port.word.value, vlan.id) && !link->controller;
    if (vlan.protocol == VlanProtocol::ieee_802_1q && !usable)
      complain(wrong, assembly.mentions.at(link->name).place,
               in_words(pattern) + " uses " + vlan_in_words(vlan) + " too");
  }
}

void check_shared_vlans(const Assembly& assembly, const TemplatePort& a, const TemplatePort& b,
                        Diagnostics& wrong) {
  if (a.link != b.link) return;
  const auto& templates = assembly.topology.templates;
  const auto& first = templates[a.index];
  const auto id = first_common(first.vids, templates[b.index].vids);
  if (id)
    complain(wrong, b.word.place,
             in_words(first) + " uses " + vlan_in_words({a.link, *id}) + " too");
}

bool all_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Names of two templates can be the same only when what one has beyond the other is digits.
bool may_share_names(const Template& a, const Template& b) {
  const bool longer_a = a.before.size() > b.before.size();
  const std::string_view before = longer_a ? a.before : b.before;
  const std::string_view start = longer_a ? b.before : a.before;
  const bool longer_end_a = a.after.size() > b.after.size();
  const std::string_view after = longer_end_a ? a.after : b.after;
  const std::string_view end = longer_end_a ? b.after : a.after;
  return before.starts_with(start) && after.ends_with(end) &&
         all_digits(before.substr(start.size())) &&
         all_digits(after.substr(0, after.size() - end.size()));
}

std::string shared_name(const Template& a, const Template& b) {
  if (!may_share_names(a, b)) return {};
  for (const auto& [first, last] : a.vids)
    for (int id = first.number(); id <= last.number(); ++id) {
      auto name = name_of(a, *VlanId::from(id));
      if (vid_for(b, name)) return name;
    }
  return {};
}

void check_shared_names(const Template& a, const Template& b, Diagnostics& wrong) {
  const auto name = shared_name(a, b);
  if (!name.empty())
    complain(wrong, b.place, in_words(a) + " makes a bridge named " + name + " too");
}

}  // namespace

void check_templates(const Assembly& assembly, Diagnostics& wrong) {
  const auto& templates = assembly.topology.templates;
  for (std::size_t i = 0; i < templates.size(); ++i) {
    check_names(assembly, templates[i], wrong);
    for (std::size_t j = 0; j < i; ++j) check_shared_names(templates[j], templates[i], wrong);
  }
  const auto& ports = assembly.template_ports;
  const VlansOn vlans = vlans_on(assembly.topology.links);
  for (std::size_t i = 0; i < ports.size(); ++i) {
    check_vlans(assembly, vlans, ports[i], wrong);
    for (std::size_t j = 0; j < i; ++j) check_shared_vlans(assembly, ports[j], ports[i], wrong);
  }
}

}  // namespace vifchain::inline core::inline config
