// SPDX-License-Identifier: Apache-2.0
// /etc/network/interfaces, for Debian's ifupdown with ifenslave, vlan and bridge-utils, or for
// ifupdown2.
#include <algorithm>
#include <set>
#include <utility>

#include "convert/export/ip_words.hpp"
#include "convert/export/outline.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

using enum Option;

enum class Dialect : std::uint8_t { classic, ifupdown2 };

// What the hook of ifenslave has an option for (its if-pre-up.d/ifenslave).
const std::set<Option> of_ifenslave{bond_mode,           bond_miimon,
                                    bond_updelay,        bond_downdelay,
                                    bond_use_carrier,    bond_arp_interval,
                                    bond_arp_ip_target,  bond_arp_validate,
                                    bond_primary,        bond_primary_reselect,
                                    bond_fail_over_mac,  bond_xmit_hash_policy,
                                    bond_num_peer_notif, bond_packets_per_slave,
                                    bond_lacp_rate,      bond_ad_select,
                                    bond_tlb_dynamic_lb};
// The same for ifupdown2 (addons/bond.py).
const std::set<Option> of_ifupdown2{
    bond_mode,           bond_miimon,    bond_updelay,          bond_downdelay,
    bond_use_carrier,    bond_primary,   bond_primary_reselect, bond_xmit_hash_policy,
    bond_num_peer_notif, bond_min_links, bond_lacp_rate,        bond_ad_actor_sys_prio,
    bond_ad_actor_system};

std::string value_text(Option option, const Value& value) {
  if (const auto* list = std::get_if<std::vector<IpAddress>>(&value)) {
    std::string text;
    for (const auto& address : *list) text += (text.empty() ? "" : " ") + address.str();
    return text;
  }
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number != nullptr && spec(option).form == Form::flag) return std::to_string(*number);
  return show(option, value);
}

class InterfacesWriter {
 public:
  InterfacesWriter(const Topology& topology, Dialect dialect)
      : topology_(topology),
        dialect_(dialect),
        lost_(topology, dialect == Dialect::classic ? "ifupdown" : "ifupdown2") {}

  Exported write() && {
    for (const auto* link : in_order(topology_)) make(*link);
    const std::string head = comments(lost_.of_host());
    return {{{"etc/network/interfaces",
              head + (head.empty() ? "" : "\n") + "auto lo\niface lo inet loopback\n" + text_}},
            lost_.all()};
  }

 private:
  // Every stanza after those of the links that it needs.
  void make(const Link& link) {
    if (!made_.insert(link.name).second) return;
    if (const auto* parent = parent_of(link)) make(topology_.links.at(*parent));
    for (const auto& port : ports_of(topology_, link.name)) make(topology_.links.at(port));
    lines_.clear();
    if (is_given(link)) describe_nic(link);
    if (std::holds_alternative<Bond>(link.kind)) describe_bond(link);
    if (const auto* vlan = std::get_if<Vlan>(&link.kind)) describe_vlan(link, *vlan);
    if (std::holds_alternative<Bridge>(link.kind)) describe_bridge(link);
    if (dialect_ == Dialect::ifupdown2) say_vlans(link);
    if (is_given(link) && lines_.empty() && !is_needed(link)) return;
    finish(link);
  }

  // A NIC that nothing else brings up.
  [[nodiscard]] bool is_needed(const Link& nic) const { return !nic.controller; }

  void say(std::string_view key, const std::string& value) {
    lines_.push_back(spelt(key) + " " + value);
  }
  void run(const std::string& phase, const std::string& command) {
    lines_.push_back(phase + " " + command);
  }

  // bridge-utils has bridge_ports, ifupdown2 bridge-ports.
  [[nodiscard]] std::string spelt(std::string_view key) const {
    std::string text(key);
    if (dialect_ == Dialect::ifupdown2) std::ranges::replace(text, '_', '-');
    return text;
  }

  void describe_nic(const Link& nic) {
    // A bond gives its ports its own MTU.
    if (nic.mtu && !in_bond(topology_, nic)) say("mtu", std::to_string(*nic.mtu));
  }

  void describe_common(const Link& link) {
    if (link.mac) say("hwaddress", link.mac->str());
    if (link.mtu) say("mtu", std::to_string(*link.mtu));
  }

  // --- bonds ---

  void describe_bond(const Link& bond) {
    say("bond-slaves", names(ports_of(topology_, bond.name)));
    const auto& known = dialect_ == Dialect::classic ? of_ifenslave : of_ifupdown2;
    Options others;
    for (const auto& [option, value] : all_options(bond)) {
      if (known.contains(option))
        say(bond_key(option), value_text(option, value));
      else if (!value_text(option, value).empty())
        others[option] = value;
    }
    describe_common(bond);
    say_bond_extras(bond, others);
    for (const auto& port : ports_of(topology_, bond.name)) {
      const auto& options = topology_.links.at(port).port;
      if (!options.empty())
        run("up", "ip link set dev " + name_word(port) + " type bond_slave" + ip_words(options));
    }
  }

  static std::string bond_key(Option option) {
    std::string key(ip_key(spec(option)));
    std::ranges::replace(key, '_', '-');
    return "bond-" + key;
  }

  // The hook takes a bond that is there already; ifupdown2 makes its own before any command runs.
  void say_bond_extras(const Link& bond, Options others) {
    if (others.empty()) return;
    if (dialect_ == Dialect::classic) {
      const auto mode = options_of(bond).find(bond_mode);
      if (mode != options_of(bond).end()) others[bond_mode] = mode->second;
      lines_.insert(lines_.begin(), "pre-up ip link add dev " + name_word(bond.name) +
                                        " type bond" + ip_words(others));
      return;
    }
    const auto words = ip_words(while_up(bond.name, others));
    if (!words.empty())
      run("post-up", "ip link set dev " + name_word(bond.name) + " type bond" + words);
  }

  // Those that a link with ports can be given while it is up.
  Options while_up(const LinkName& link, const Options& options) {
    Options fine;
    for (const auto& [option, value] : options) {
      if (spec(option).when == When::any)
        fine[option] = value;
      else
        lost_.add(link, option, value);
    }
    return fine;
  }

  static std::string names(const std::vector<LinkName>& list) {
    std::string text;
    for (const auto& name : list) text += (text.empty() ? "" : " ") + name.str();
    return text.empty() ? "none" : text;
  }

  // --- VLAN links ---

  void describe_vlan(const Link& link, const Vlan& vlan) {
    const auto id = std::to_string(vlan.id.number());
    const bool named = link.name.str() == vlan.parent.str() + "." + id;
    const bool service = vlan.protocol == VlanProtocol::ieee_802_1ad;
    if (dialect_ == Dialect::ifupdown2) {
      say("vlan-raw-device", vlan.parent.str());
      if (!named) say("vlan-id", id);
      if (service) say("vlan-protocol", "802.1ad");
      describe_common(link);
      const auto words = ip_words(vlan.options);
      if (!words.empty())
        run("post-up", "ip link set dev " + name_word(link.name) + " type vlan" + words);
      return;
    }
    if (named && !service && vlan.options.empty()) {
      say("vlan-raw-device", vlan.parent.str());
    } else {
      run("pre-up", "ip link add link " + name_word(vlan.parent) + " name " + name_word(link.name) +
                        " type vlan id " + id + (service ? " protocol 802.1ad" : "") +
                        ip_words(vlan.options));
      run("post-down", "ip link delete " + name_word(link.name));
    }
    describe_common(link);
  }

  // --- bridges ---

  void describe_bridge(const Link& bridge) {
    say("bridge_ports", names(ports_of(topology_, bridge.name)));
    const auto options = all_options(bridge);
    for (const auto& [option, value] : options)
      if (const auto key = hook_key(spec(option)); !key.empty())
        say("bridge_" + std::string(key), bridge_text(option, value));
    for (const auto option : {port_cost, port_priority})
      for (const auto& port : ports_of(topology_, bridge.name)) say_port(option, port);
    describe_common(bridge);
    const auto words = ip_words(while_up(bridge.name, others_of(options)));
    if (!words.empty())
      run("up", "ip link set dev " + name_word(bridge.name) + " type bridge" + words);
    for (const auto& port : ports_of(topology_, bridge.name))
      run_for(topology_.links.at(port), options);
  }

  // Switches of bridge-utils are words.
  static std::string bridge_text(Option option, const Value& value) {
    if (option == bridge_stp) return value == Value(1) ? "on" : "off";
    if (option == bridge_vlan_filtering) return value == Value(1) ? "yes" : "no";
    return value_text(option, value);
  }

  void say_port(Option option, const LinkName& name) {
    const auto& port = topology_.links.at(name).port;
    const auto found = port.find(option);
    if (found == port.end()) return;
    const char between = dialect_ == Dialect::classic ? ' ' : '=';
    say("bridge_" + std::string(hook_key(spec(option))),
        name.str() + between + value_text(option, found->second));
  }

  // Those that the hooks do not know.
  static Options others_of(const Options& options) {
    Options others;
    for (const auto& [option, value] : options)
      if (hook_key(spec(option)).empty()) others[option] = value;
    return others;
  }

  void run_for(const Link& port, const Options& of_bridge) {
    const auto others = others_of(port.port);
    if (!others.empty())
      run("up",
          "ip link set dev " + name_word(port.name) + " type bridge_slave" + ip_words(others));
    if (dialect_ != Dialect::classic || !port.vlans) return;
    for (const auto& command : vlan_commands(port, of_bridge)) run("up", command);
  }

  // In the port's own stanza (ifupdown-addons-interfaces(5)).
  void say_vlans(const Link& port) {
    if (!port.vlans) return;
    std::string vids;
    for (const auto& range : tagged_vlans(port)) vids += (vids.empty() ? "" : " ") + text_of(range);
    if (!vids.empty()) say("bridge-vids", vids);
    if (const auto pvid = pvid_of(port))
      say("bridge-pvid", std::to_string(pvid->number()));
    else
      say("bridge-allow-untagged", "no");
  }

  // --- stanzas ---

  struct Family {
    std::vector<const LinkAddress*> addresses;
    std::vector<const Route*> routes;
    bool dhcp = false;
    bool ra = false;
    [[nodiscard]] bool empty() const { return addresses.empty() && routes.empty() && !dhcp && !ra; }
  };

  static Family family_of(const Hosting& hosting, bool v6) {
    Family family;
    for (const auto& address : hosting.addresses)
      if (address.address.v6 == v6) family.addresses.push_back(&address);
    for (const auto& route : hosting.routes)
      if (route.to.address.v6 == v6) family.routes.push_back(&route);
    family.dhcp = wants(hosting.dhcp, v6);
    family.ra = v6 && hosting.ra == true;
    return family;
  }

  // What belongs to the link goes into the first of its stanzas.
  void finish(const Link& link) {
    const auto& hosting = hosting_of(topology_, link.name);
    const auto v4 = family_of(hosting, false), v6 = family_of(hosting, true);
    text_ += "\n" + comments(lost_.of(link.name)) + "auto " + link.name.str() + "\n";
    if (!v4.empty() || v6.empty()) stanza(link, v4, false);
    if (!v6.empty()) stanza(link, v6, true);
  }

  void stanza(const Link& link, const Family& family, bool v6) {
    const bool fixed = !family.dhcp && !family.addresses.empty();
    text_ += "iface " + link.name.str() + (v6 ? " inet6 " : " inet ") +
             (family.dhcp ? "dhcp"
              : fixed     ? "static"
              : family.ra ? "auto"
                          : "manual") +
             "\n";
    if (family.ra && fixed) text_ += line("accept_ra 1");
    if (fixed) text_ += line("address " + family.addresses.front()->str());
    if (fixed && dialect_ == Dialect::ifupdown2) more_addresses(family, "address ", "");
    const auto* gateway = fixed ? gateway_in(family) : nullptr;
    if (gateway != nullptr) text_ += line("gateway " + gateway->via->str());
    for (const auto& one : std::exchange(lines_, {})) text_ += line(one);
    const auto dev = " dev " + name_word(link.name);
    if (!fixed && !family.addresses.empty())
      text_ += line("up ip address add " + family.addresses.front()->str() + dev);
    if (!fixed || dialect_ == Dialect::classic) more_addresses(family, "up ip address add ", dev);
    for (const auto* route : family.routes)
      if (route != gateway) text_ += line("up " + route_command(*route, link.name));
  }

  static std::string line(const std::string& text) { return "    " + text + "\n"; }

  static const Route* gateway_in(const Family& family) {
    for (const auto* route : family.routes)
      if (is_gateway(*route)) return route;
    return nullptr;
  }

  // All but the first.
  void more_addresses(const Family& family, const std::string& before, const std::string& behind) {
    for (std::size_t i = 1; i < family.addresses.size(); ++i)
      text_ += line(before + family.addresses[i]->str() + behind);
  }

  const Topology& topology_;
  const Dialect dialect_;
  Lost lost_;
  std::vector<std::string> lines_;  // of the stanza that is being written
  std::string text_;
  std::set<LinkName> made_;
};

}  // namespace

Exported export_ifupdown(const Topology& topology) {
  return InterfacesWriter(topology, Dialect::classic).write();
}

Exported export_ifupdown2(const Topology& topology) {
  return InterfacesWriter(topology, Dialect::ifupdown2).write();
}

}  // namespace vifchain::inline convert
