// SPDX-License-Identifier: Apache-2.0
#include "core/config/assemble.hpp"

#include <algorithm>

#include "core/config/complain.hpp"
#include "core/model/links.hpp"
#include "core/model/vlan_name.hpp"
#include "core/text/escape.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr std::string_view placeholder = "{vid}";

Options values_of(const LinkDraft& table) {
  Options options;
  for (const auto& [option, value] : table.options) options.emplace(option, value.value);
  return options;
}

template <typename Table>
void set_mac(const Table& table, Link& link) {
  if (!table.mac) return;
  link.mac = table.mac->value;
  link.birth.mac = table.mac->value;
}

// What Xen has always set on bridges it makes: no spanning tree, no waiting before forwarding. A
// bridge that is to run STP keeps the kernel's own delay, since 0 would become the least, 2 s. A
// VLAN-filtering bridge starts without the VLAN 1 that the kernel puts every port into.
Options birth_options(const BridgeDraft& bridge) {
  Options birth;
  if (written(bridge, Option::bridge_stp) == nullptr) birth[Option::bridge_stp] = 0;
  if (written(bridge, Option::bridge_forward_delay) == nullptr &&
      integer(bridge, Option::bridge_stp) != 1)
    birth[Option::bridge_forward_delay] = 0;
  if (integer(bridge, Option::bridge_vlan_filtering) == 1 &&
      written(bridge, Option::bridge_vlan_default_pvid) == nullptr)
    birth[Option::bridge_vlan_default_pvid] = 0;
  return birth;
}

// A bond whose ports nobody watches goes on with one whose cable is pulled. The modes for which the
// kernel watches by itself have the same.
Options birth_options(const BondDraft& bond) {
  const bool watched = written(bond, Option::bond_miimon) != nullptr ||
                       is_unread(bond, Option::bond_miimon) ||
                       is_unread(bond, Option::bond_arp_interval) ||
                       written(bond, Option::bond_arp_validate) != nullptr ||
                       integer(bond, Option::bond_arp_interval).value_or(0) != 0;
  return watched ? Options{} : Options{{Option::bond_miimon, std::int64_t{usual_miimon}}};
}

Link our_link(const LinkName& name, Kind kind) {
  return {.name = name, .kind = std::move(kind), .up = true, .ours = true};
}

Link bridge_link(const LinkName& name, const BridgeDraft& bridge) {
  Link link = our_link(name, Bridge{values_of(bridge)});
  link.birth.options = birth_options(bridge);
  set_mac(bridge, link);
  return link;
}

// The way out for the VLAN of a link whose name is long already.
std::string shorter_name_for(std::string_view text) {
  const auto vlan = split_vlan_name(text);
  const auto id = vlan ? VlanId::parse(vlan->digits) : std::nullopt;
  if (!id || !LinkName::parse(vlan->link)) return {};
  const std::string digits(vlan->digits);
  return "; use vlan" + digits + " here, and [vlan.vlan" + digits + "] with link = \"" +
         std::string(vlan->link) + "\" and id = " + digits;
}

Teardown teardown_of(const BridgeDraft& bridge) {
  if (!bridge.teardown || !bridge.teardown->value) return {};
  return {.last_vif = true, .linger = bridge.linger ? bridge.linger->value : 0};
}

// Builds the links of one draft; each private member is one step.
class Assembler {
 public:
  Assembler(const Draft& draft, Assembly& assembly, Diagnostics& wrong)
      : draft_(draft), assembly_(assembly), links_(assembly.topology.links), wrong_(wrong) {}

  void run() {
    for (const auto& bond : draft_.bonds) declare(bond);
    for (const auto& vlan : draft_.vlans) declare(vlan);
    for (const auto& bridge : draft_.bridges) declare(bridge);
    for (const auto& [vlan, word] : std::map(assembly_.stacked)) ensure_parent(vlan, word);
    for (const auto& bond : draft_.bonds) join_all(bond);
    for (const auto& bond : draft_.bonds) give_rules(bond);
    for (const auto& bridge : draft_.bridges) join_all(bridge);
    for (const auto& pattern : draft_.templates) add_template(pattern);
    assembly_.topology.vif = draft_.vif;
    if (draft_.default_bridge)
      assembly_.topology.default_bridge = LinkName::parse(draft_.default_bridge->value);
  }

 private:
  void declare(const BondDraft& bond) {
    Link link = our_link(*LinkName::parse(bond.name), Bond{values_of(bond)});
    link.birth.options = birth_options(bond);
    set_mac(bond, link);
    add(std::move(link), bond);
  }

  void declare(const BridgeDraft& bridge) {
    const auto name = *LinkName::parse(bridge.name);
    add(bridge_link(name, bridge), bridge);
    assembly_.topology.policies.emplace(name, bridge.policy);
    assembly_.topology.teardowns.emplace(name, teardown_of(bridge));
  }

  void declare(const VlanDraft& vlan) {
    const auto from_name = split_vlan_name(vlan.name);
    const auto id_in_name = from_name ? VlanId::parse(from_name->digits) : std::nullopt;
    if (id_in_name) agree(vlan, from_name->link, *id_in_name);
    const auto id = vlan.id ? vlan.id->value : id_in_name;
    if (!id || (!vlan.link && !id_in_name))
      return complain(wrong_, vlan, "needs link and id, or a name with both, [vlan.\"bond1.3\"]");
    const Word link =
        vlan.link ? *vlan.link : Word{std::string(from_name->link), vlan.place, vlan.name};
    if (const auto parent = right_name_of(link)) add_vlan(vlan, *parent, *id, link);
  }

  void add_vlan(const VlanDraft& vlan, const LinkName& parent, VlanId id, const Word& link) {
    const auto name = *LinkName::parse(vlan.name);
    if (add(our_link(name, Vlan{parent, id, vlan.protocol, values_of(vlan)}), vlan))
      assembly_.stacked.emplace(name, link);
  }

  // A name LINK.VID must tell the truth: elsewhere in the file it stands for that VLAN.
  void agree(const VlanDraft& vlan, std::string_view link, VlanId id) {
    const std::string by_name = " by the name " + vlan.name;
    if (vlan.id && vlan.id->value != id)
      complain_unexpected(wrong_, *vlan.id, "id", std::to_string(id.number()) + by_name);
    if (vlan.link && vlan.link->value != link)
      complain_unexpected(wrong_, *vlan.link, "link", quoted(link) + by_name);
  }

  bool add(Link link, const LinkDraft& table) {
    const LinkName name = link.name;
    const auto [there, added] = links_.emplace(name, std::move(link));
    if (!added) complain_declared_twice(there->second, table);
    if (added) mention(name, {table.name, table.place, table.name});
    if (!table.unread.empty()) assembly_.doubtful.insert(name);
    return added;
  }

  void complain_declared_twice(const Link& there, const LinkDraft& table) {
    const auto& first = assembly_.mentions.at(there.name);
    const bool later = first.place < table.place;
    complain(wrong_, later ? table.place : first.place,
             table.name + " is already declared" + in_line(later ? first.place : table.place));
  }

  void mention(const LinkName& name, const Word& word) {
    assembly_.mentions.emplace(name, word);
    assembly_.topology.places.emplace(name, word.place);
  }

  std::optional<LinkName> right_name_of(const Word& word) {
    const auto why_not = why_no_name_of_file(word.value);
    if (why_not.empty()) return LinkName::parse(word.value);
    const bool pattern = word.value.find(placeholder) != std::string::npos;
    complain(wrong_, word.place,
             pattern ? "{vid} belongs to templates, [bridge.\"NAME{vid}\"]"
                     : no_link_name(word.value, why_not) + shorter_name_for(word.value));
    return std::nullopt;
  }

  // The link of this name, made when the file only implies it: a VLAN link or a NIC.
  std::optional<LinkName> ensure(std::string_view text, const Word& word) {
    auto name = right_name_of({std::string(text), word.place, word.text});
    if (!name || links_.contains(*name)) return name;
    const auto vlan = split_vlan_name(text);
    return vlan ? ensure_vlan(*name, *vlan, word) : ensure_nic(*name, word);
  }

  void ensure_parent(const LinkName& vlan, const Word& word) {
    if (ensure(word.value, word)) return;
    links_.erase(vlan);
    assembly_.stacked.erase(vlan);
  }

  std::optional<LinkName> ensure_nic(const LinkName& name, const Word& word) {
    links_.emplace(name, Link{.name = name, .keep_controller = true, .up = true});
    mention(name, word);
    return name;
  }

  std::optional<LinkName> ensure_vlan(const LinkName& name, const VlanName& vlan,
                                      const Word& word) {
    const auto id = VlanId::parse(vlan.digits);
    if (!id) {
      complain(wrong_, word.place,
               "VLAN link " + name.str() + ": expected an id from 1 to 4094, without leading " +
                   "zeros, found " + std::string(vlan.digits));
      return std::nullopt;
    }
    const auto parent = ensure(vlan.link, word);
    if (!parent) return std::nullopt;
    links_.emplace(name, our_link(name, Vlan{*parent, *id}));
    mention(name, word);
    assembly_.stacked.emplace(name, word);
    return name;
  }

  template <typename Table>
  void join_all(const Table& table) {
    const auto name = *LinkName::parse(table.name);
    if (assembly_.mentions.at(name).place != table.place) return;  // declared twice
    auto& ports = assembly_.topology.ports[name];
    for (const auto& word : table.ports)
      if (const auto port = ensure(word.value, word))
        if (join(links_.at(*port), links_.at(name), word)) ports.push_back(*port);
  }

  void give_rules(const BondDraft& bond) {
    const auto name = *LinkName::parse(bond.name);
    if (!bond.slb || assembly_.mentions.at(name).place != bond.place) return;  // declared twice
    auto ports = assembly_.topology.ports.at(name);
    std::ranges::sort(ports);
    links_.at(name).slb = SlbRules{std::move(ports)};
  }

  bool join(Link& port, const Link& controller, const Word& word) {
    if (auto why_not = why_no_port(port, controller); !why_not.empty()) {
      complain(wrong_, word.place, std::move(why_not));
      return false;
    }
    port.controller = controller.name;
    port.keep_controller = false;
    if (is<Bridge>(controller)) port.addr_gen = AddrGen::none;
    assembly_.joined.emplace(port.name, word);
    return true;
  }

  // The kernel refuses a bridge in a bridge (br_add_if); it takes a bond in a bond, to no good.
  std::string why_no_port(const Link& port, const Link& controller) {
    if (is<Bridge>(port) || port.kind.index() == controller.kind.index())
      return port.name.str() + " is " + kind_in_words(port.kind) + ", and cannot be a port of " +
             kind_in_words(controller.kind);
    if (!port.controller) return {};
    return port.name.str() + " is already a port of " + port.controller->str() +
           in_line(assembly_.joined.at(port.name).place);
  }

  void add_template(const BridgeDraft& draft) {
    const auto at = draft.name.find(placeholder);
    Template pattern{draft.name.substr(0, at),
                     draft.name.substr(at + placeholder.size()),
                     {},
                     draft.vids->value,
                     {.name = *LinkName::parse("x")},
                     draft.place,
                     draft.policy,
                     teardown_of(draft)};
    const auto name = longest_name(pattern, draft);
    if (!name) return;
    pattern.bridge = bridge_link(*name, draft);
    if (draft.mtu) pattern.bridge.mtu = draft.mtu->value;
    for (const auto& word : draft.ports) add_template_port(pattern, word);
    assembly_.topology.templates.push_back(std::move(pattern));
  }

  // The name for the largest id, the longest of all.
  std::optional<LinkName> longest_name(const Template& pattern, const BridgeDraft& draft) {
    if (pattern.vids.empty()) {
      complain_unexpected(wrong_, *draft.vids, "vids", "at least one VLAN id");
      return std::nullopt;
    }
    const auto text = name_of(pattern, pattern.vids.back().second);
    auto why_not = why_no_name_of_file(text);
    if (pattern.after.find(placeholder) != std::string::npos)
      why_not = "would have {vid} more than once";
    if (split_vlan_name(text)) why_not = "is the name of a VLAN link, LINK.VID";
    if (why_not.empty()) return LinkName::parse(text);
    complain(wrong_, draft, "makes the bridge " + text + ", which " + why_not);
    return std::nullopt;
  }

  void add_template_port(Template& pattern, const Word& word) {
    const std::string_view text = word.value;
    const auto at = text.find(placeholder);
    const bool right =
        at != text.npos && at >= 2 && text[at - 1] == '.' && at + placeholder.size() == text.size();
    if (!right)
      return complain_unexpected(wrong_, word, "ports of a template",
                                 "LINK.{vid}, for example \"bond1.{vid}\"");
    const auto longest = expand(text, pattern.vids.back().second);
    const auto why_not = why_no_name_of_file(longest);
    if (!why_not.empty())
      return complain(wrong_, word,
                      "its VLAN link " + longest + " " + why_not + "; rename " +
                          std::string(text.substr(0, at - 1)) + " (systemd.link(5))");
    if (const auto link = ensure(text.substr(0, at - 1), word)) {
      pattern.ports.push_back(word.value);
      assembly_.template_ports.push_back({assembly_.topology.templates.size(), *link, word});
    }
  }

  const Draft& draft_;
  Assembly& assembly_;
  Actual& links_;
  Diagnostics& wrong_;
};

}  // namespace

Assembly assemble(const Draft& draft, Diagnostics& wrong) {
  Assembly assembly;
  Assembler(draft, assembly, wrong).run();
  return assembly;
}

}  // namespace vifchain::inline core::inline config
