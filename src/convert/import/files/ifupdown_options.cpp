// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/ifupdown_options.hpp"

#include <algorithm>

#include "convert/import/lost_keys.hpp"
#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"
#include "core/model/vlan_name.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

constexpr std::string_view of_the_nic = "a NIC's own settings stay with ethtool";
constexpr std::string_view of_the_kernel = "kernel settings stay in sysctl.d";
constexpr LostKeys elsewhere[] = {
    {"dns-*", "name servers stay with resolvconf or /etc/resolv.conf"},
    {"accept-ra* autoconf* privext* dad-* ip-forward* ip6-forward* ip-rp-filter* rp-filter*",
     of_the_kernel},
    {"ipv6-addrgen*", "ports get no IPv6 addresses of their own"},
    {"hostname* client* vendor* leasetime* leasehours* request-prefix*",
     "the DHCP client's own settings stay with it"},
    {"wpa-* wireless-*", "wireless links are no ports of bridges"},
    {"ethernet-* link-* offload-* hardware-* driver-* ethtool* gro-* gso-* tso-* lro-*",
     of_the_nic},
    {"ovs-*", "Open vSwitch is not set up by vifchain"},
    {"vxlan-* tunnel-* ttl* endpoint* local*", "vifchain makes no tunnels"},
    {"vrf*", "vifchain has no VRFs"},
    {"address-virtual*", "vifchain has no second router to share an address with"},
    {"mstpctl-*", "MSTP stays with mstpd"},
    {"clag*", "multi-chassis bonds need Cumulus' own daemon"},
    {"pointopoint*", "an address has no peer in a vifchain.toml"},
    {"scope*", "an address has no scope in a vifchain.toml"},
    {"preferred-lifetime*", "addresses in a vifchain.toml have no lifetime"},
    {"mapping*", "a script chooses the stanza when the link comes up: name one"},
    {"alias*", "a link has no second name in a vifchain.toml"},
    {"description*", "a link has no description in a vifchain.toml: write a comment"},
    {"batman-*", "vifchain has no mesh links"},
    {"provider* ppp*", "vifchain dials nowhere"},
};

// In the stanza of a port they are that port's; in a bridge's, those of its ports by name.
constexpr std::string_view of_bridge_ports =
    "bridge-access bridge-vids bridge-pvid bridge-allow-untagged bridge-learning "
    "bridge-unicast-flood bridge-multicast-flood bridge-broadcast-flood bridge-arp-nd-suppress "
    "bridge-portmcfl bridge-portmcrouter bridge-pathcost bridge-pathcosts bridge-portprio "
    "bridge-portprios bridge-hairpin bridge-bpduguard bridge-guard bridge-l2protocol-tunnel "
    "bridge-vlan-vni-map";
constexpr std::string_view no_ports = "none noregex";
constexpr std::string_view ports_by_pattern = "all glob regex";

// One line, of the stanza of one link.
struct LinkLine {
  const InterfacesLine& line;
  const std::string& name;
  Telling& telling;

  [[nodiscard]] DraftLink& link() const { return telling.draft.link(name, line.at); }
  void lose(std::string why) const { telling.draft.lose(line.at, std::move(why), name); }
  void lose_key() const {
    lose(why_lost(elsewhere, line.key, "vifchain knows no option \"" + line.key + "\""));
  }
  // Adds the ports that the line lists; false when it lists none by name.
  template <typename Also>
  void join_ports(DraftLink& controller, Also also) const {
    for (const auto& word : words_of(line.value)) {
      if (is_one_of(word, no_ports)) continue;
      if (is_one_of(word, ports_by_pattern) || is_glob(word))
        return lose("ports by a pattern: a vifchain.toml names each");
      join(controller, word, line.at, telling);
      also(word);
    }
  }
};

// --- bonds ---

// "eth0:2", or in the stanza of a port "2"
void set_queue(const LinkLine& option) {
  auto& draft = option.telling.draft;
  for (const auto& word : words_of(option.line.value)) {
    const auto colon = word.find(':');
    const auto port = colon == word.npos ? option.name : word.substr(0, colon);
    draft.set(draft.link(port, option.line.at), Owner::bond_port, "queue_id",
              colon == word.npos ? word : word.substr(colon + 1), option.line.at);
  }
}

// The bond of that name, or that it is a port of by its own stanza.
DraftLink* bond_of(const std::string& name, DraftConfig& draft) {
  auto* own = draft.find(name);
  if (own != nullptr && own->kind == DraftKind::bond) return own;
  for (const auto* other : draft.links())
    if (other->kind == DraftKind::bond && std::ranges::count(other->ports, name) != 0)
      return draft.find(other->name);
  return nullptr;
}

void tell_bond(const LinkLine& option) {
  const auto& [line, name, telling] = option;
  auto& draft = telling.draft;
  if (is_one_of(line.key, "bond-slaves slaves bond-ports"))
    return option.join_ports(draft.bond(name, line.at), [](const auto&) {});
  if (line.key == "bond-master")
    return join(draft.bond(first_word(line.value), line.at), name, line.at, telling);
  const auto key = line.key.substr(5);
  if (key == "queue-id") return set_queue(option);
  auto* bond = bond_of(name, draft);
  if (bond == nullptr) return option.lose("an option of bonds, and this is none");
  const bool of_port = bond->name != name;
  if (key == "primary" && of_port && first_word(line.value) != name) return;
  if (key != "arp-ip-target") return set_bond_option(draft, *bond, key, line.value, line.at);
  for (const auto& word : words_of(line.value))
    set_bond_option(draft, *bond, key, word.starts_with("+") ? word : "+" + word, line.at);
}

// --- bridges ---

// A MAC, or the name of the port whose MAC it is, as it would be anyway.
void tell_bridge_mac(const LinkLine& option, DraftLink& bridge) {
  const auto& line = option.line;
  if (line.value.find(':') != std::string::npos)
    return option.telling.draft.set_mac(bridge, first_word(line.value), line.at);
  if (bridge.ports.empty() || bridge.ports.front() != line.value)
    option.lose("a bridge has its first NIC's MAC, or the one that mac says");
}

// "eth0 100" or "eth0=100 eth1=200"; one value alone is that of all ports, or in the stanza of a
// port, of that.
void tell_port_option(const LinkLine& option, std::string key, bool of_bridge) {
  const auto& line = option.line;
  const auto& name = option.name;
  auto& draft = option.telling.draft;
  const auto set = [&](const std::string& port, const std::string& value) {
    set_bridge_port_option(draft, draft.link(port, line.at), key, value, line.at);
  };
  if (is_one_of(key, "pathcosts portprios")) key.pop_back();
  const auto words = words_of(line.value);
  if (!of_bridge) return set(name, words.front());
  if (words.size() == 1 && words[0].find('=') == std::string::npos) {
    for (const auto& port : std::vector(draft.find(name)->ports)) set(port, words[0]);
    return;
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    const auto port = words[i].substr(0, equals);
    const bool pair = equals == std::string::npos;
    if (pair && i + 1 == words.size()) return option.lose("\"" + port + "\" has no value");
    set(port, pair ? words[++i] : words[i].substr(equals + 1));
  }
}

void tell_bridge(const LinkLine& option, const IfupStanza& stanza, IfupVlans& vlans) {
  const auto& line = option.line;
  const auto& name = option.name;
  auto& draft = option.telling.draft;
  auto& link = option.link();
  const bool own = link.kind == DraftKind::bridge;
  if (vlans.takes(line, name)) return;
  const auto key = line.key.substr(7);
  if (is_one_of(line.key, of_bridge_ports)) return tell_port_option(option, key, own);
  if (!own) return option.lose("an option of bridges, and this is none");
  if (key == "ports")
    return option.join_ports(link, [&](const auto& port) {
      tell_ifup_vlan({.name = port, .family = {}, .method = {}, .at = line.at}, port, draft);
    });
  if (is_one_of(key, "maxwait waitport")) {
    if (first_word(line.value) != "0") option.lose("vifchain waits for no port to forward");
  } else if (key == "hw") {
    tell_bridge_mac(option, link);
  } else if (is_one_of(key, "disabled ports-condone-regex")) {
    option.lose(std::string(nothing_of_the_kind));
  } else {
    set_bridge_option(draft, link, key, line.value, Times::seconds, line.at);
    if (key == "vlan-aware" && !stanza.has("bridge-default-pvid") && filters_vlans(link.options))
      draft.set(link, Owner::bridge, "vlan_default_pvid", "1", line.at);
  }
}

// --- VLAN links, and links of any kind ---

void tell_vlan_option(const LinkLine& option) {
  const auto& line = option.line;
  auto& vlan = option.link();
  auto key = line.key.substr(5);
  std::ranges::replace(key, '-', '_');
  if (key == "protocol")
    vlan.protocol = is_one_of(line.value, "802.1ad 802.1AD") ? VlanProtocol::ieee_802_1ad
                                                             : VlanProtocol::ieee_802_1q;
  else if (find_option(Owner::vlan, key) != nullptr && vlan.kind == DraftKind::vlan)
    option.telling.draft.set(vlan, Owner::vlan, key, line.value, line.at);
  else
    option.lose_key();
}

void tell_mac(const LinkLine& option) {
  const auto words = words_of(option.line.value);
  const bool with_class = words.size() > 1 && is_one_of(words[0], "ether infiniband");
  if (words.back() == "random") return option.lose("a vifchain.toml has MAC addresses that stay");
  option.telling.draft.set_mac(option.link(), words[with_class ? 1 : 0], option.line.at);
}

std::string without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return std::string(digits);
}

}  // namespace

std::string IfupStanza::value(std::string_view key) const {
  std::string found;
  for (const auto& line : lines)
    if (line.key == key) found = line.value;
  return found;
}

bool IfupStanza::has(std::string_view key) const {
  return std::ranges::find(lines, key, &InterfacesLine::key) != lines.end();
}

bool is_of_bond(const InterfacesLine& line) {
  return line.key == "slaves" ||
         (line.key.starts_with("bond-") &&
          !is_one_of(line.key, "bond-master bond-queue-id bond-give-a-chance"));
}

bool is_of_bridge(const InterfacesLine& line) {
  return line.key.starts_with("bridge-") && !is_one_of(line.key, of_bridge_ports);
}

IfupVlanName ifup_vlan_name(const std::string& name) {
  if (const auto parts = split_vlan_name(name))
    return {std::string(parts->link), without_zeros(parts->digits)};
  const bool numbered = name.starts_with("vlan") && name.size() > 4 &&
                        name.find_first_not_of("0123456789", 4) == name.npos;
  return {{}, numbered ? without_zeros(name.substr(4)) : ""};
}

void tell_ifup_vlan(const IfupStanza& stanza, const std::string& name, DraftConfig& draft) {
  const auto [parent, vid] = ifup_vlan_name(name);
  const auto raw = first_word(stanza.value("vlan-raw-device"));
  const auto id = first_word(stanza.value("vlan-id"));
  const auto& number = id.empty() ? vid : id;
  const auto& device = raw.empty() ? parent : raw;
  if (!raw.empty() && number.empty())
    return draft.warn(stanza.at,
                      "its name tells no VLAN id and there is no vlan-id: nothing makes it", name);
  if (number.empty() || device.empty()) return;
  const auto* known = draft.find(name);
  if (known == nullptr || known->kind == DraftKind::unknown)
    draft.vlan(name, device, number, stanza.at);
}

void tell_ifup_option(const InterfacesLine& line, const IfupStanza& stanza, const std::string& name,
                      IfupVlans& vlans, Telling& telling) {
  const LinkLine option{line, name, telling};
  if (line.value.empty()) return option.lose("says nothing");
  if (line.key.starts_with("bond-") || line.key == "slaves") return tell_bond(option);
  if (line.key.starts_with("bridge-")) return tell_bridge(option, stanza, vlans);
  if (line.key.starts_with("vlan-")) return tell_vlan_option(option);
  if (line.key == "accept-ra") {
    option.link().ra = line.value != "0";
    return;
  }
  if (line.key == "pointopoint" && line.value == stanza.value("gateway")) return;  // onlink
  if (line.key == "mtu") return telling.draft.set_mtu(option.link(), line.value, line.at);
  if (is_one_of(line.key, "hwaddress hw-mac-address")) return tell_mac(option);
  option.lose_key();
}

}  // namespace vifchain::inline convert
