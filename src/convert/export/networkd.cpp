// SPDX-License-Identifier: Apache-2.0
// Files of systemd-networkd: a .netdev for each link that it is to make, a .network for each link.
#include <algorithm>

#include "convert/export/outline.hpp"
#include "convert/import/files/renderer_keys.hpp"
#include "core/text/glob.hpp"

namespace vifchain::inline convert {
namespace {

// "[Section]" with its lines; nothing where there are none.
std::string section(const std::string& name, const std::string& lines) {
  return lines.empty() ? std::string() : "\n[" + name + "]\n" + lines;
}

std::string line(std::string_view key, const std::string& value) {
  return std::string(key) + "=" + value + "\n";
}

class UnitsWriter {
 public:
  explicit UnitsWriter(const Topology& topology)
      : topology_(topology), lost_(topology, "systemd-networkd") {}

  Exported write() && {
    const auto links = in_order(topology_);
    const auto digits = std::to_string(links.size() + 10).size();
    for (std::size_t i = 0; i < links.size(); ++i) {
      auto number = std::to_string(i + 10);
      number.insert(0, digits - number.size(), '0');
      write(*links[i], "etc/systemd/network/" + number + "-" + links[i]->name.str());
    }
    if (!exported_.files.empty()) exported_.files.front().text.insert(0, comments(lost_.of_host()));
    exported_.lost = lost_.all();
    return std::move(exported_);
  }

 private:
  void write(const Link& link, const std::string& path) {
    const auto netdev = is_given(link) ? std::string() : netdev_of(link);
    const auto network = network_of(link);
    const auto head = comments(lost_.of(link.name));  // known only now
    if (!netdev.empty()) add(path + ".netdev", head + netdev);
    add(path + ".network", (netdev.empty() ? head : "") + network);
  }

  void add(const std::string& path, const std::string& text) {
    exported_.files.push_back({path, text});
  }

  std::string netdev_of(const Link& link) {
    std::string common = line("Name", link.name.str()) + line("Kind", kind_of(link));
    if (link.mtu) common += line("MTUBytes", std::to_string(*link.mtu));
    if (link.mac) common += line("MACAddress", link.mac->str());
    return "[NetDev]\n" + common + section(section_of(link), options_of(link));
  }

  static std::string kind_of(const Link& link) {
    if (std::holds_alternative<Bond>(link.kind)) return "bond";
    return std::holds_alternative<Vlan>(link.kind) ? "vlan" : "bridge";
  }

  static std::string section_of(const Link& link) {
    if (std::holds_alternative<Bond>(link.kind)) return "Bond";
    return std::holds_alternative<Vlan>(link.kind) ? "VLAN" : "Bridge";
  }

  std::string options_of(const Link& link) {
    std::string lines;
    if (const auto* vlan = std::get_if<Vlan>(&link.kind)) {
      lines += line("Id", std::to_string(vlan->id.number()));
      if (vlan->protocol == VlanProtocol::ieee_802_1ad) lines += line("Protocol", "802.1ad");
    }
    return lines + lines_of(link.name, all_options(link));
  }

  // The primary of a bond is said by its port.
  std::string lines_of(const LinkName& link, const Options& options) {
    std::string lines;
    for (const auto& [option, value] : options) {
      if (option == Option::bond_primary) continue;
      const auto* key = networkd_key(option);
      const auto text = key == nullptr ? std::nullopt : to_networkd(*key, value);
      if (text)
        lines += line(key->networkd, *text);
      else
        lost_.add(link, option, value);
    }
    return lines;
  }

  std::string network_of(const Link& link) {
    std::string text = "[Match]\n" + line("Name", glob_for(link.name.str()));
    text += section("Link", link_lines(link));
    text += section("Network", network_lines(link));
    text += section("Bridge", lines_of(link.name, link.port));
    text += vlans_of(link);
    for (const auto& route : hosting_of(topology_, link.name).routes)
      if (!is_gateway(route)) text += route_of(route);
    return text;
  }

  // A NIC's MTU; others have theirs from the .netdev. Booting waits for no link but those with
  // addresses.
  std::string link_lines(const Link& link) const {
    std::string lines;
    if (is_given(link) && link.mtu) lines += line("MTUBytes", std::to_string(*link.mtu));
    const bool waited_for = link.controller || !hosting_of(topology_, link.name).empty();
    if (!waited_for) lines += line("RequiredForOnline", "no");
    return lines;
  }

  std::string network_lines(const Link& link) const {
    const auto& hosting = hosting_of(topology_, link.name);
    std::string lines;
    if (link.controller) lines += controller_lines(link, topology_.links.at(*link.controller));
    for (const auto* vlan : vlans_on(topology_, link.name)) lines += line("VLAN", vlan->name.str());
    for (const auto& address : hosting.addresses) lines += line("Address", address.str());
    for (const auto& route : hosting.routes)
      if (is_gateway(route)) lines += line("Gateway", route.via->str());
    if (hosting.ra) lines += line("IPv6AcceptRA", *hosting.ra ? "yes" : "no");
    if (hosting.dhcp != Dhcp::off)
      lines += line("DHCP", hosting.dhcp == Dhcp::both   ? "yes"
                            : hosting.dhcp == Dhcp::ipv4 ? "ipv4"
                                                         : "ipv6");
    return lines;
  }

  static std::string controller_lines(const Link& port, const Link& controller) {
    if (std::holds_alternative<Bridge>(controller.kind))
      return line("Bridge", controller.name.str());
    std::string lines = line("Bond", controller.name.str());
    const auto primary = vifchain::options_of(controller).find(Option::bond_primary);
    if (primary != vifchain::options_of(controller).end() && primary->second == Value(port.name))
      lines += line("PrimarySlave", "yes");
    return lines;
  }

  static std::string vlans_of(const Link& port) {
    std::string text;
    for (const auto& range : tagged_vlans(port))
      text += section("BridgeVLAN", line("VLAN", text_of(range)));
    if (const auto pvid = pvid_of(port)) {
      const auto id = std::to_string(pvid->number());
      text +=
          section("BridgeVLAN", line("VLAN", id) + line("PVID", id) + line("EgressUntagged", id));
    }
    return text;
  }

  static std::string route_of(const Route& route) {
    std::string lines;
    const bool all = route.to.prefix == 0;
    lines +=
        line("Destination", all ? (route.to.address.v6 ? "::/0" : "0.0.0.0/0") : route.to.str());
    if (route.via) lines += line("Gateway", route.via->str());
    if (const auto metric = metric_of(route); !metric.empty()) lines += line("Metric", metric);
    if (route.onlink) lines += line("GatewayOnLink", "yes");
    return section("Route", lines);
  }

  const Topology& topology_;
  Lost lost_;
  Exported exported_;
};

}  // namespace

Exported export_networkd(const Topology& topology) {
  return UnitsWriter(topology).write();
}

}  // namespace vifchain::inline convert
