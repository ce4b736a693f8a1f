// SPDX-License-Identifier: Apache-2.0
// A shell script of ip and bridge commands, for a host that has none of it yet.
#include <set>

#include "convert/export/ip_words.hpp"
#include "convert/export/outline.hpp"

namespace vifchain::inline convert {
namespace {

class ScriptWriter {
 public:
  explicit ScriptWriter(const Topology& topology)
      : topology_(topology), lost_(topology, "a script") {}

  Exported write() && {
    for (const auto* link : in_order(topology_)) make(*link);
    const std::string head =
        "#!/bin/sh\n"
        "# Makes what a vifchain.toml says, on a host that has nothing of it yet. As root.\n" +
        comments(lost_.of_host()) + "set -e\n";
    return {{{"vifchain.sh", head + text_}}, lost_.all()};
  }

 private:
  void say(const std::string& command) { text_ += command + "\n"; }

  // The link, once all that it stands on is there.
  void make(const Link& link) {
    if (!made_.insert(link.name).second) return;
    if (const auto* parent = parent_of(link)) make(topology_.links.at(*parent));
    for (const auto& port : ports_of(topology_, link.name)) make(topology_.links.at(port));
    const auto before = text_.size();
    text_ += "\n" + comments(lost_.of(link.name));
    if (is_given(link))
      take(link);
    else
      create(link);
    for (const auto& port : ports_of(topology_, link.name)) join(topology_.links.at(port), link);
    if (std::holds_alternative<Bridge>(link.kind) && link.mtu)
      say("ip link set " + name_word(link.name) + " mtu " + std::to_string(*link.mtu));
    if (!in_bond(topology_, link)) say("ip link set " + name_word(link.name) + " up");
    host(link.name, hosting_of(topology_, link.name));
    if (text_.size() == before + 1) text_.pop_back();  // a NIC that its bond does all for
  }

  void take(const Link& nic) {
    if (nic.mtu && !in_bond(topology_, nic))  // a bond gives its ports its own
      say("ip link set " + name_word(nic.name) + " mtu " + std::to_string(*nic.mtu));
  }

  void create(const Link& link) {
    std::string command = "ip link add";
    const auto* vlan = std::get_if<Vlan>(&link.kind);
    if (vlan != nullptr) command += " link " + name_word(vlan->parent);
    command += " name " + name_word(link.name);
    if (link.mac) command += " address " + link.mac->str();
    if (link.mtu && !std::holds_alternative<Bridge>(link.kind))
      command += " mtu " + std::to_string(*link.mtu);
    say(command + " type " + type_words(link, vlan) + ip_words(all_options(link)));
  }

  static std::string type_words(const Link& link, const Vlan* vlan) {
    if (std::holds_alternative<Bond>(link.kind)) return "bond";
    if (vlan == nullptr) return "bridge";
    const bool service = vlan->protocol == VlanProtocol::ieee_802_1ad;
    return "vlan id " + std::to_string(vlan->id.number()) + (service ? " protocol 802.1ad" : "");
  }

  // The kernel takes no port into a bond that is up.
  void join(const Link& port, const Link& controller) {
    const auto name = name_word(port.name);
    const bool bond = std::holds_alternative<Bond>(controller.kind);
    if (bond) say("ip link set " + name + " down");
    say("ip link set " + name + " master " + name_word(controller.name));
    if (!port.port.empty())
      say("ip link set " + name + " type " + (bond ? "bond_slave" : "bridge_slave") +
          ip_words(port.port));
    if (!port.vlans) return;
    for (const auto& command : vlan_commands(port, all_options(controller))) say(command);
  }

  void host(const LinkName& link, const Hosting& hosting) {
    const auto dev = " dev " + name_word(link);
    for (const auto& address : hosting.addresses) say("ip address add " + address.str() + dev);
    for (const auto& route : hosting.routes) say(route_command(route, link));
    if (hosting.ra)
      say("echo " + std::string(*hosting.ra ? "1" : "0") + " >/proc/sys/net/ipv6/conf/" +
          name_word(link) + "/accept_ra");
    if (wants(hosting.dhcp, false)) say("dhclient -4 " + name_word(link));
    if (wants(hosting.dhcp, true)) say("dhclient -6 " + name_word(link));
  }

  const Topology& topology_;
  Lost lost_;
  std::string text_;
  std::set<LinkName> made_;
};

}  // namespace

Exported export_script(const Topology& topology) {
  return ScriptWriter(topology).write();
}

}  // namespace vifchain::inline convert
