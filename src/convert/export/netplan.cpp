// SPDX-License-Identifier: Apache-2.0
// One file of netplan, for its renderer networkd.
#include <algorithm>

#include "convert/export/outline.hpp"
#include "convert/import/files/renderer_keys.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view in_words_letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

// As a scalar: in quotes, unless it is a plain word that no YAML reader takes for something else.
std::string scalar(const std::string& text) {
  const bool word = !text.empty() && letters.find(text.front()) != letters.npos &&
                    text.find_first_not_of(in_words_letters) == text.npos;
  const bool switch_word = text == "y" || text == "n" || text == "Y" || text == "N" ||
                           text == "yes" || text == "no" || text == "on" || text == "off" ||
                           text == "true" || text == "false" || text == "null";
  if (word && !switch_word) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

template <typename List, typename Text>
std::string flow_list(const List& list, Text text) {
  std::string all;
  for (const auto& element : list) all += (all.empty() ? "" : ", ") + text(element);
  return "[" + all + "]";
}

std::string indent(std::size_t depth) {
  return std::string(2 * depth, ' ');
}

std::string line(std::size_t depth, std::string_view key, const std::string& value) {
  return indent(depth) + std::string(key) + ": " + value + "\n";
}

// "key:" over lines that are deeper; nothing where there are none.
std::string block(std::size_t depth, const std::string& key, const std::string& lines) {
  return lines.empty() ? std::string() : indent(depth) + key + ":\n" + lines;
}

class NetplanWriter {
 public:
  explicit NetplanWriter(const Topology& topology)
      : topology_(topology), links_(in_order(topology)), lost_(topology, "netplan") {}

  Exported write() && {
    std::string text = block(1, "ethernets", all_of<Given>()) + block(1, "bonds", all_of<Bond>()) +
                       block(1, "vlans", all_of<Vlan>()) + block(1, "bridges", all_of<Bridge>());
    text = comments(lost_.of_host()) + "network:\n  version: 2\n  renderer: networkd\n" + text;
    return {{{"etc/netplan/60-vifchain.yaml", std::move(text)}}, lost_.all()};
  }

 private:
  template <typename OfKind>
  std::string all_of() {
    std::string text;
    for (const auto* link : links_)
      if (std::holds_alternative<OfKind>(link->kind)) text += one(*link);
    return text;
  }

  std::string one(const Link& link) {
    std::string lines;
    if (const auto* vlan = std::get_if<Vlan>(&link.kind)) lines += vlan_lines(link.name, *vlan);
    if (!is_given(link) && parent_of(link) == nullptr)
      lines += line(3, "interfaces", names(ports_of(topology_, link.name)));
    if (link.mtu) lines += line(3, "mtu", std::to_string(*link.mtu));
    if (link.mac) lines += line(3, "macaddress", scalar(link.mac->str()));
    lines += block(3, "parameters", parameters(link));
    lines += hosting_lines(hosting_of(topology_, link.name));
    note_port(link);
    const auto name = scalar(link.name.str());
    const auto head = comments(lost_.of(link.name), indent(2));
    return head + (lines.empty() ? line(2, name, "{}") : block(2, name, lines));
  }

  static std::string names(const std::vector<LinkName>& list) {
    return flow_list(list, [](const LinkName& name) { return scalar(name.str()); });
  }

  std::string vlan_lines(const LinkName& name, const Vlan& vlan) {
    if (vlan.protocol == VlanProtocol::ieee_802_1ad)
      lost_.add(name, "protocol = 802.1ad cannot be said in netplan.");
    return line(3, "id", std::to_string(vlan.id.number())) +
           line(3, "link", scalar(vlan.parent.str()));
  }

  std::string parameters(const Link& link) {
    std::string lines;
    for (const auto& [option, value] : all_options(link)) {
      const auto* key = netplan_key(option);
      const auto text = key == nullptr ? std::nullopt : text_of_value(*key, value);
      if (text)
        lines += line(4, key->netplan, *text);
      else if (options_of(link).contains(option))
        lost_.add(link.name, option, value);
    }
    if (std::holds_alternative<Bridge>(link.kind))
      lines += per_port(link, Option::port_cost) + per_port(link, Option::port_priority);
    return lines;
  }

  static std::optional<std::string> text_of_value(const RendererKey& key, const Value& value) {
    if (const auto* list = std::get_if<std::vector<IpAddress>>(&value)) {
      if (list->empty()) return std::nullopt;
      return flow_list(*list, [](const IpAddress& address) { return scalar(address.str()); });
    }
    auto text = to_netplan(key, value);
    const bool quotable = text && spec(key.option).form == Form::port;
    return quotable ? scalar(*text) : text;
  }

  std::string per_port(const Link& bridge, Option option) {
    const auto& key = *netplan_key(option);
    std::string lines;
    for (const auto& name : ports_of(topology_, bridge.name)) {
      const auto& port = topology_.links.at(name).port;
      const auto value = port.find(option);
      const auto text = value == port.end() ? std::nullopt : to_netplan(key, value->second);
      if (text) lines += line(5, scalar(name.str()), *text);
    }
    return block(4, std::string(key.netplan), lines);
  }

  // What of a port its bridge cannot say.
  void note_port(const Link& link) {
    for (const auto& [option, value] : link.port) {
      const auto* key = netplan_key(option);
      if (key == nullptr || !to_netplan(*key, value)) lost_.add(link.name, option, value);
    }
    if (link.vlans) lost_.add(link.name, "vlans and pvid of a port cannot be said in netplan.");
  }

  static std::string hosting_lines(const Hosting& hosting) {
    std::string lines;
    if (wants(hosting.dhcp, false)) lines += line(3, "dhcp4", "true");
    if (wants(hosting.dhcp, true)) lines += line(3, "dhcp6", "true");
    if (hosting.ra) lines += line(3, "accept-ra", *hosting.ra ? "true" : "false");
    if (!hosting.addresses.empty())
      lines += line(3, "addresses", flow_list(hosting.addresses, [](const LinkAddress& address) {
                      return scalar(address.str());
                    }));
    std::string routes;
    for (const auto& route : hosting.routes) routes += route_lines(route);
    return lines + block(3, "routes", routes);
  }

  static std::string route_lines(const Route& route) {
    const bool all = route.to.prefix == 0;
    std::string lines = indent(4) + "- to: " + (all ? "default" : scalar(route.to.str())) + "\n";
    if (route.via)
      lines += line(5, "via", scalar(route.via->str()));
    else
      lines += line(5, "scope", "link");
    if (const auto metric = metric_of(route); !metric.empty()) lines += line(5, "metric", metric);
    if (route.onlink) lines += line(5, "on-link", "true");
    return lines;
  }

  const Topology& topology_;
  const std::vector<const Link*> links_;
  Lost lost_;
};

}  // namespace

Exported export_netplan(const Topology& topology) {
  return NetplanWriter(topology).write();
}

}  // namespace vifchain::inline convert
