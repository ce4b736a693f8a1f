// SPDX-License-Identifier: Apache-2.0
// What stanzas of ifupdown and ifupdown2 say of links: the hooks of ifenslave, vlan and
// bridge-utils, addresses, and commands in pre-up and its like.
#include <algorithm>
#include <array>
#include <span>

#include "convert/import/files/ifupdown_elsewhere.hpp"
#include "convert/import/files/ifupdown_stanzas.hpp"
#include "convert/import/files/ifupdown_vlans.hpp"
#include "convert/import/readers.hpp"
#include "convert/import/script/command_parts.hpp"
#include "convert/import/script/shell.hpp"
#include "convert/import/tool_options.hpp"
#include "core/text/decimal.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

bool is_one_of(std::string_view key, std::span<const std::string_view> keys) {
  return std::ranges::find(keys, key) != keys.end();
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

// --- bonds ---------------------------------------------------------------------------------------

constexpr std::string_view lists_of_ports[] = {"bond-slaves", "slaves", "bond-ports"};
constexpr std::string_view of_bond_ports[] = {"bond-master", "bond-queue-id", "bond-give-a-chance"};

bool is_bond(const IfupStanza& stanza) {
  if (stanza.has("bond-master")) return false;
  return std::ranges::any_of(stanza.lines, [](const IfupLine& line) {
    const bool of_bond = line.key.starts_with("bond-") && !is_one_of(line.key, of_bond_ports);
    return of_bond || line.key == "slaves";
  });
}

// --- bridges -------------------------------------------------------------------------------------

// In the stanza of a port they are that port's; in a bridge's, those of its ports by name.
constexpr std::string_view of_bridge_ports[] = {"bridge-access",
                                                "bridge-vids",
                                                "bridge-pvid",
                                                "bridge-allow-untagged",
                                                "bridge-learning",
                                                "bridge-unicast-flood",
                                                "bridge-multicast-flood",
                                                "bridge-broadcast-flood",
                                                "bridge-arp-nd-suppress",
                                                "bridge-portmcfl",
                                                "bridge-portmcrouter",
                                                "bridge-pathcost",
                                                "bridge-pathcosts",
                                                "bridge-portprio",
                                                "bridge-portprios",
                                                "bridge-hairpin",
                                                "bridge-bpduguard",
                                                "bridge-guard",
                                                "bridge-l2protocol-tunnel",
                                                "bridge-vlan-vni-map"};

bool is_bridge(const IfupStanza& stanza) {
  return std::ranges::any_of(stanza.lines, [](const IfupLine& line) {
    return line.key.starts_with("bridge-") && !is_one_of(line.key, of_bridge_ports);
  });
}

// --- VLAN links ----------------------------------------------------------------------------------

std::string without_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return std::string(digits);
}

struct VlanName {
  std::string parent, vid;  // empty where the name does not tell
};

// "bond1.3", "eth0.0003", "vlan3", "vlan0003"
VlanName vlan_name(const std::string& name) {
  const auto dot = name.rfind('.');
  if (dot != std::string::npos && dot > 0 && is_number(name.substr(dot + 1)))
    return {name.substr(0, dot), without_zeros(name.substr(dot + 1))};
  if (name.starts_with("vlan") && is_number(name.substr(4)))
    return {{}, without_zeros(name.substr(4))};
  return {};
}

bool is_zero(const std::string& text) {
  return first_word(text) == "0";
}

// --- the whole -----------------------------------------------------------------------------------

enum class Phase : std::uint8_t { before, after };

class Teller {
 public:
  explicit Teller(DraftConfig& draft) : draft_(draft), telling_{draft} {}

  void tell_all(const std::vector<IfupStanza>& stanzas) {
    for (const auto& stanza : stanzas) tell_kind(stanza);
    for (const auto& stanza : stanzas) tell_stanza(stanza);
    for (const auto& stanza : stanzas) run_lines(stanza, Phase::after);
    vlans_.give_to_ports(draft_);
    for (const auto& stanza : stanzas) warn_of_what_is_missing(stanza);
  }

 private:
  static std::string link_name(const IfupStanza& stanza) {
    return std::string(link_of_label(stanza.name));
  }

  void tell_kind(const IfupStanza& stanza) {
    const auto name = link_name(stanza);
    if (name == "lo") return;
    if (is_bond(stanza)) draft_.bond(name, stanza.at);
    if (is_bridge(stanza)) draft_.bridge(name, stanza.at);
    tell_vlan(stanza, name);
  }

  void tell_vlan(const IfupStanza& stanza, const std::string& name) {
    const auto [parent, vid] = vlan_name(name);
    const auto raw = first_word(stanza.value("vlan-raw-device"));
    const auto id = first_word(stanza.value("vlan-id"));
    const auto& number = id.empty() ? vid : id;
    const auto& device = raw.empty() ? parent : raw;
    if (!raw.empty() && number.empty())
      return draft_.warn(
          stanza.at, "its name tells no VLAN id and there is no vlan-id: nothing makes it", name);
    if (number.empty() || device.empty()) return;
    const auto* known = draft_.find(name);
    if (known != nullptr && known->kind != DraftKind::unknown) return;
    draft_.vlan(name, device, number, stanza.at);
  }

  void tell_stanza(const IfupStanza& stanza) {
    const auto name = link_name(stanza);
    run_lines(stanza, Phase::before);
    if (!tell_method(stanza, name)) return;
    for (const auto& line : stanza.lines) tell_line(line, stanza, name);
    tell_addresses(stanza, name);
  }

  // False for one that has nothing for a vifchain.toml.
  bool tell_method(const IfupStanza& stanza, const std::string& name) {
    const auto& family = stanza.family;
    const auto& method = stanza.method;
    if (method == "loopback") return true;
    if (!family.empty() && family != "inet" && family != "inet6") {
      draft_.lose(stanza.at, "vifchain knows nothing of \"" + family + "\"", name);
      return false;
    }
    constexpr std::string_view plain[] = {"", "static", "manual", "loopback"};
    if (is_one_of(method, plain)) return true;
    if (method == "dhcp") {
      auto& link = draft_.link(name, stanza.at);
      link.dhcp = with(link.dhcp, family == "inet6");
      return true;
    }
    if (method == "auto" && family == "inet6") {
      draft_.link(name, stanza.at).ra = true;
      return true;
    }
    draft_.lose(stanza.at, "vifchain has nothing for the method \"" + method + "\"", name);
    return false;
  }

  void tell_line(const IfupLine& line, const IfupStanza& stanza, const std::string& name) {
    constexpr std::string_view elsewhere_told[] = {
        "address", "netmask", "network", "broadcast", "gateway",   "metric",          "up",
        "post-up", "pre-up",  "down",    "pre-down",  "post-down", "vlan-raw-device", "vlan-id"};
    if (is_one_of(line.key, elsewhere_told)) return;
    if (line.value.empty()) return draft_.lose(line.at, "says nothing", name);
    if (line.key.starts_with("bond-") || line.key == "slaves") return tell_bond(line, name);
    if (line.key.starts_with("bridge-")) return tell_bridge(line, stanza, name);
    if (line.key.starts_with("vlan-")) return tell_vlan_option(line, name);
    if (line.key == "accept-ra" || line.key == "accept_ra") {
      link(name, line).ra = line.value != "0";
      return;
    }
    if (line.key == "pointopoint" && line.value == stanza.value("gateway")) return;  // onlink
    if (line.key == "mtu") return draft_.set_mtu(link(name, line), line.value, line.at);
    if (line.key == "hwaddress" || line.key == "hw-mac-address") return tell_mac(line, name);
    lose_line(line, name, draft_);
  }

  DraftLink& link(const std::string& name, const IfupLine& line) {
    return draft_.link(name, line.at);
  }

  void tell_mac(const IfupLine& line, const std::string& name) {
    const auto words = words_of(line.value);
    const bool with_class = words.size() > 1 && (words[0] == "ether" || words[0] == "infiniband");
    if (words.back() == "random")
      return draft_.lose(line.at, "a vifchain.toml has MAC addresses that stay", name);
    draft_.set_mac(link(name, line), words[with_class ? 1 : 0], line.at);
  }

  void tell_vlan_option(const IfupLine& line, const std::string& name) {
    auto& vlan = link(name, line);
    auto key = line.key.substr(5);
    std::ranges::replace(key, '-', '_');
    if (key == "protocol") {
      const bool service = line.value == "802.1ad" || line.value == "802.1AD";
      vlan.protocol = service ? VlanProtocol::ieee_802_1ad : VlanProtocol::ieee_802_1q;
    } else if (find_option(Owner::vlan, key) != nullptr && vlan.kind == DraftKind::vlan) {
      draft_.set(vlan, Owner::vlan, key, line.value, line.at);
    } else {
      lose_line(line, name, draft_);
    }
  }

  // --- bonds ---

  void tell_bond(const IfupLine& line, const std::string& name) {
    if (is_one_of(line.key, lists_of_ports)) return add_bond_ports(line, name);
    if (line.key == "bond-master")
      return join(draft_.bond(first_word(line.value), line.at), name, line.at, telling_);
    const auto key = line.key.substr(5);
    if (key == "queue-id") return set_queue(line, name);
    auto* bond = bond_of(name);
    if (bond == nullptr) return draft_.lose(line.at, "an option of bonds, and this is none", name);
    if (key == "primary" && bond->name != name) {  // in the stanza of a port
      if (first_word(line.value) != name) return;
    }
    if (key == "arp-ip-target") {
      for (const auto& word : words_of(line.value))
        set_bond_option(draft_, *bond, key, word.starts_with("+") ? word : "+" + word, line.at);
      return;
    }
    set_bond_option(draft_, *bond, key, line.value, line.at);
  }

  // The bond of that name, or that it is a port of by its own stanza.
  DraftLink* bond_of(const std::string& name) {
    auto* own = draft_.find(name);
    if (own != nullptr && own->kind == DraftKind::bond) return own;
    for (const auto* other : draft_.links())
      if (other->kind == DraftKind::bond &&
          std::ranges::find(other->ports, name) != other->ports.end())
        return draft_.find(other->name);
    return nullptr;
  }

  void add_bond_ports(const IfupLine& line, const std::string& name) {
    auto& bond = draft_.bond(name, line.at);
    for (const auto& word : words_of(line.value)) {
      if (word == "none") continue;
      if (word == "all" || word == "glob" || word == "regex" || is_glob(word))
        return draft_.lose(line.at, "ports by a pattern: a vifchain.toml names each", name);
      join(bond, word, line.at, telling_);
    }
  }

  // "eth0:2", or in the stanza of a port "2"
  void set_queue(const IfupLine& line, const std::string& name) {
    for (const auto& word : words_of(line.value)) {
      const auto colon = word.find(':');
      const auto port = colon == word.npos ? name : word.substr(0, colon);
      draft_.set(draft_.link(port, line.at), Owner::bond_port, "queue_id",
                 colon == word.npos ? word : word.substr(colon + 1), line.at);
    }
  }

  // --- bridges ---

  void tell_bridge(const IfupLine& line, const IfupStanza& stanza, const std::string& name) {
    auto& link = draft_.link(name, line.at);
    const bool own = link.kind == DraftKind::bridge;
    if (vlans_.takes(line, name)) return;
    const auto key = line.key.substr(7);
    if (is_one_of(line.key, of_bridge_ports)) return tell_port_option(line, key, name, own);
    if (!own) return draft_.lose(line.at, "an option of bridges, and this is none", name);
    if (key == "ports") return add_bridge_ports(line, link);
    if (key == "maxwait" || key == "waitport") {
      if (!is_zero(line.value)) draft_.lose(line.at, "vifchain waits for no port to forward", name);
    } else if (key == "hw") {
      tell_bridge_mac(line, link);
    } else if (key == "disabled" || key == "ports-condone-regex") {
      draft_.lose(line.at, "vifchain has nothing of the kind", name);
    } else {
      set_bridge_option(draft_, link, key, line.value, Times::seconds, line.at);
      if (key == "vlan-aware" && !stanza.has("bridge-default-pvid") && filters_vlans(link.options))
        draft_.set(link, Owner::bridge, "vlan_default_pvid", "1", line.at);
    }
  }

  // A MAC, or the name of the port whose MAC it is, as it would be anyway.
  void tell_bridge_mac(const IfupLine& line, DraftLink& bridge) {
    if (line.value.find(':') != std::string::npos)
      return draft_.set_mac(bridge, first_word(line.value), line.at);
    if (bridge.ports.empty() || bridge.ports.front() != line.value)
      draft_.lose(line.at, "a bridge has its first NIC's MAC, or the one that mac says",
                  bridge.name);
  }

  void add_bridge_ports(const IfupLine& line, DraftLink& bridge) {
    for (const auto& word : words_of(line.value)) {
      if (word == "none" || word == "noregex") continue;
      if (word == "all" || word == "glob" || word == "regex" || is_glob(word))
        return draft_.lose(line.at, "ports by a pattern: a vifchain.toml names each", bridge.name);
      join(bridge, word, line.at, telling_);
      tell_vlan({.name = word, .family = {}, .method = {}, .at = line.at}, word);
    }
  }

  // "eth0 100" or "eth0=100 eth1=200"; in the stanza of a port the value alone.
  void tell_port_option(const IfupLine& line, std::string key, const std::string& name,
                        bool of_bridge) {
    if (key == "pathcosts" || key == "portprios") key.pop_back();
    const auto words = words_of(line.value);
    if (!of_bridge)
      return set_bridge_port_option(draft_, draft_.link(name, line.at), key, words.front(),
                                    line.at);
    if (words.size() == 1 && words[0].find('=') == std::string::npos) {
      for (const auto& port : std::vector(draft_.find(name)->ports))
        set_bridge_port_option(draft_, draft_.link(port, line.at), key, words[0], line.at);
      return;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      const auto equals = words[i].find('=');
      const auto port = words[i].substr(0, equals);
      const bool pair = equals == std::string::npos;
      if (pair && i + 1 == words.size())
        return draft_.lose(line.at, "\"" + port + "\" has no value", name);
      const auto value = pair ? words[++i] : words[i].substr(equals + 1);
      set_bridge_port_option(draft_, draft_.link(port, line.at), key, value, line.at);
    }
  }

  // --- addresses ---

  void tell_addresses(const IfupStanza& stanza, const std::string& name) {
    constexpr std::string_view without[] = {"dhcp", "manual", "auto"};
    if (is_one_of(stanza.method, without)) return lose_addresses(stanza, name);
    if (stanza.method == "static" && !stanza.has("address"))
      draft_.warn(stanza.at, "is static, and has no address", name);
    const auto netmask = stanza.value("netmask");
    for (const auto& line : stanza.lines) {
      if (line.key == "address") {
        const bool whole = line.value.find('/') != std::string::npos;
        draft_.add_address(link(name, line), first_word(line.value), whole ? "" : netmask, line.at);
      } else if (line.key == "gateway") {
        for (const auto& word : words_of(line.value))
          draft_.add_gateway(link(name, line), word, line.at, stanza.value("metric"));
      } else if (line.key == "broadcast") {
        check_broadcast(line, name);
      }
    }
    // ifup adds it with onlink.
    if (stanza.has("gateway")) DraftConfig::have_gateways_on_link(draft_.link(name, stanza.at));
  }

  void lose_addresses(const IfupStanza& stanza, const std::string& name) {
    for (const auto& line : stanza.lines)
      if (line.key == "address" || line.key == "gateway" ||
          (line.key == "metric" && stanza.method == "dhcp"))
        draft_.lose(line.at, "has no effect in a stanza of the method " + stanza.method, name);
  }

  // The last address of the network is what everybody has.
  void check_broadcast(const IfupLine& line, const std::string& name) {
    const auto given = IpAddress::parse(first_word(line.value));
    const auto* link = draft_.find(name);
    if (!given || given->v6 || link == nullptr) return;
    const bool usual = std::ranges::any_of(link->addresses, [&](const LinkAddress& address) {
      auto last = network_of(address);
      for (unsigned bit = address.prefix; bit < 32 && !last.v6; ++bit)
        last.bytes[bit / 8] = static_cast<std::uint8_t>(last.bytes[bit / 8] | 0x80U >> bit % 8);
      return last == *given;
    });
    if (!usual) draft_.lose(line.at, "a broadcast address is that of the network", name);
  }

  // --- commands ---

  static Phase phase_of(const std::string& key) {
    return key == "pre-up" ? Phase::before : Phase::after;
  }

  void run_lines(const IfupStanza& stanza, Phase phase) {
    for (const auto& line : stanza.lines) {
      if (line.key == "pre-up" || line.key == "up" || line.key == "post-up") {
        if (phase_of(line.key) == phase) run(line, stanza);
      } else if (phase == Phase::after &&
                 (line.key == "down" || line.key == "pre-down" || line.key == "post-down")) {
        run_down(line, stanza);
      }
    }
  }

  [[nodiscard]] static ShellRead shell_of(const IfupLine& line, const IfupStanza& stanza) {
    ShellText script{.at = line.at, .text = line.value};
    const bool goes = line.key.find("down") != std::string::npos;
    script.variables = {{"IFACE", stanza.name},     {"LOGICAL", stanza.name},
                        {"ADDRFAM", stanza.family}, {"METHOD", stanza.method},
                        {"PHASE", line.key},        {"MODE", goes ? "stop" : "start"},
                        {"VERBOSITY", "0"}};
    for (const auto& option : stanza.lines) {
      std::string key = "IF_";
      for (const char c : option.key)
        key += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      script.variables.insert_or_assign(key, option.value);
    }
    return read_shell(script);
  }

  void run(const IfupLine& line, const IfupStanza& stanza) {
    const auto read = shell_of(line, stanza);
    for (const auto& command : read.commands) tell(command, telling_);
    for (const auto& remark : read.remarks) draft_.lose(remark.at, remark.why);
  }

  void run_down(const IfupLine& line, const IfupStanza& stanza) {
    const auto read = shell_of(line, stanza);
    if (std::ranges::all_of(read.commands, only_undoes) && read.remarks.empty()) return;
    draft_.lose(line.at, "vifchain runs nothing when a link goes", link_name(stanza));
  }

  // --- what does not work as it stands ---

  // A port that is called like a VLAN link, and of which nothing else is said that would make it
  // one of somebody else's.
  [[nodiscard]] bool seems_to_be_vlan(const IfupStanza& stanza, const std::string& name) const {
    const auto [parent, vid] = vlan_name(name);
    return parent.empty() && !vid.empty() && stanza.lines.empty() &&
           draft_.controller_of(name) != nullptr;
  }

  void warn_of_what_is_missing(const IfupStanza& stanza) {
    const auto name = link_name(stanza);
    const auto* link = draft_.find(name);
    if (link != nullptr && link->kind == DraftKind::unknown && seems_to_be_vlan(stanza, name))
      draft_.warn(stanza.at,
                  "without vlan-raw-device nothing makes it: add vlan-raw-device and "
                  "import again",
                  name);
    if (link != nullptr && link->kind == DraftKind::bridge && is_bridge(stanza) &&
        !stanza.has("bridge-ports") && link->ports.empty())
      draft_.warn(stanza.at,
                  "without bridge_ports the hook of bridge-utils makes no bridge: none is said "
                  "with bridge_ports none",
                  name);
  }

  DraftConfig& draft_;
  Telling telling_;
  IfupVlans vlans_;
};

}  // namespace

void read_ifupdown(const std::vector<SourceFile>& files, const Include& include,
                   DraftConfig& draft) {
  Teller(draft).tell_all(read_stanzas(files, include, draft));
}

}  // namespace vifchain::inline convert
