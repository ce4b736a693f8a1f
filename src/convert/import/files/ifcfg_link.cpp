// SPDX-License-Identifier: Apache-2.0
// What one ifcfg-LINK says of its link.
#include <algorithm>

#include "convert/import/files/ifcfg_files.hpp"
#include "convert/import/lost_keys.hpp"
#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"
#include "core/text/decimal.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

// Read where they belong, or about the network scripts' own work.
constexpr std::string_view read_elsewhere =
    "DEVICE NAME UUID TYPE USERCTL HWADDR BOOTPROTO NETWORK BROADCAST SLAVE VLAN VLAN_ID PHYSDEV "
    "NM_UUID IPV6INIT DEFROUTE METRIC IPV6_DEFROUTE HOTPLUG ARPCHECK ARPUPDATE "
    "IPV4_FAILURE_FATAL IPV6_FAILURE_FATAL BONDING_MASTER PROXY_METHOD BROWSER_ONLY PEERROUTES "
    "IPV6_PEERROUTES AUTOCONNECT_PRIORITY ISALIAS NETBOOT VLAN_NAME_TYPE LAST_CONNECT ONPARENT "
    "DEVICETYPE DHCPV6C";

constexpr LostKeys lost_of_ifcfg[] = {
    {"DNS* DOMAIN* SEARCH* PEERDNS* IPV6_PEERDNS* PEERNTP* RES_OPTIONS*", name_servers},
    {"ETHTOOL*", of_nics},
    {"DHCP_* DHCPV6C_OPTIONS* PERSISTENT_DHCLIENT* DHCLIENT* DHCPRELEASE*", of_dhcp_client},
    {"IPV6_PRIVACY* IPV6_ADDR_GEN_MODE* IPV6_ROUTER* IPV6FORWARDING* IPV6_MTU* IPV4_DAD* ARP* "
     "MULTICAST* PROMISC* ACCEPT_ALL_MAC*",
     "a setting of the kernel's, which vifchain leaves alone: sysctl.conf(5), ip-link(8)"},
    {"ZONE*", "firewalls are no part of a vifchain.toml"},
    {"TEAM*", "vifchain makes no teams: a bond of mode 802.3ad or active-backup takes the place"},
    {"OVS*", "Open vSwitch makes this link, and vifchain makes the kernel's alone"},
    {"SRCADDR* SCOPE* WINDOW* LINKDELAY* DELAY* IPADDR_START* IPADDR_END* CLONENUM_START*",
     nothing_of_the_kind},
};

// Options of a bridge and of a VLAN link by keys of their own.
struct OptionKey {
  Owner owner;
  std::string_view theirs, ours;
};
constexpr OptionKey option_keys[] = {
    {Owner::bridge, "STP", "stp"},
    {Owner::bridge, "DELAY", "forward_delay"},
    {Owner::bridge, "AGEING", "ageing_time"},
    {Owner::vlan, "GVRP", "gvrp"},
    {Owner::vlan, "MVRP", "mvrp"},
    {Owner::vlan, "REORDER_HDR", "reorder_hdr"},
    {Owner::vlan, "LOOSE_BINDING", "loose_binding"},
    {Owner::vlan, "VLAN_EGRESS_PRIORITY_MAP", "egress_qos_map"},
    {Owner::vlan, "VLAN_INGRESS_PRIORITY_MAP", "ingress_qos_map"},
};

bool is_no(const std::string& word) {
  return !word.empty() && !is_yes(word);
}

// "eth0.0003", "vlan3"
std::string id_in_name(const std::string& name) {
  const auto begin = name.find_last_not_of("0123456789");
  const auto digits = begin == name.npos ? std::string() : name.substr(begin + 1);
  const auto first = digits.find_first_not_of('0');
  return first == digits.npos ? digits : digits.substr(first);
}

std::string parent_in_name(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == name.npos ? std::string() : name.substr(0, dot);
}

bool is_vlan(const Ifcfg& file) {
  return file.is_yes("VLAN") || file.value("TYPE") == "Vlan";
}

bool is_bond(const Ifcfg& file) {
  return file.value("TYPE") == "Bond" || file.is_yes("BONDING_MASTER") ||
         file.find("BONDING_OPTS") != nullptr;
}

bool is_other_kind(const Ifcfg& file) {
  const auto type = file.value("TYPE");
  return is_one_of(type, "OVS* Team TeamPort Tunnel GRE IPIP Wireless InfiniBand sit");
}

// IPADDR, IPADDR0 and on, with the keys of the same number beside it.
bool is_numbered(std::string_view key, std::string_view beginning) {
  return key.starts_with(beginning) &&
         key.find_first_not_of("0123456789", beginning.size()) == key.npos;
}

class Teller {
 public:
  Teller(const Ifcfg& file, DraftLink& link, std::string gateway_link, DraftConfig& draft)
      : file_(file), link_(link), gateway_link_(std::move(gateway_link)), draft_(draft) {}

  void tell() {
    for (const auto& line : file_.lines) take(line);
    if (is_one_of(file_.value("BOOTPROTO"), "dhcp bootp")) link_.dhcp = with(link_.dhcp, false);
    if (file_.is_yes("DHCPV6C")) link_.dhcp = with(link_.dhcp, true);
    if (file_.is_yes("IPV6_AUTOCONF")) link_.ra = true;
    DraftConfig::have_gateways_on_link(link_);  // NetworkManager adds them so
  }

 private:
  void lose(const Assignment& line, std::string_view why) {
    draft_.lose(line.at, std::string(why), link_.name);
  }

  void take(const Assignment& line) {
    if (line.value.empty() || take_place(line) || take_option(line) || take_address(line)) return;
    if (line.key == "MTU") return draft_.set_mtu(link_, line.value, line.at);
    if (line.key == "MACADDR") return take_mac(line);
    if (line.key == "ONBOOT") return check_onboot(line);
    if (line.key == "NM_CONTROLLED") return check_manager(line);
    if (!is_one_of(line.key, read_elsewhere))
      lose(line, why_lost(lost_of_ifcfg, line.key, "is no key that vifchain knows"));
  }

  void check_onboot(const Assignment& line) {
    if (!is_no(line.value)) return;
    draft_.warn(line.at, "is not brought up at boot today; vifchain brings up all of its file",
                link_.name);
  }

  void check_manager(const Assignment& line) {
    if (is_yes(line.value))
      lose(line,
           "NetworkManager must leave the link alone from now on: vifchain-moving(7) says how");
  }

  void take_mac(const Assignment& line) {
    if (link_.kind == DraftKind::bond || link_.kind == DraftKind::bridge)
      return draft_.set_mac(link_, line.value, line.at);
    lose(line,
         "vifchain gives MACs to bonds and bridges alone: a .link file of udev does it for a "
         "NIC");
  }

  // --- what it is a port of ---

  bool take_place(const Assignment& line) {
    if (line.key == "MASTER") {
      draft_.add_port(draft_.bond(line.value, line.at), link_.name, line.at);
    } else if (line.key == "BRIDGE") {
      draft_.add_port(draft_.bridge(line.value, line.at), link_.name, line.at);
    } else if (line.key == "MASTER_UUID" || line.key == "BRIDGE_UUID") {
      const bool named = file_.find(line.key.substr(0, line.key.find('_'))) != nullptr;
      if (!named)
        lose(line,
             "NetworkManager's name for a link: add its kernel name to the ports of that link");
    } else {
      return false;
    }
    return true;
  }

  // --- options ---

  bool take_option(const Assignment& line) {
    if (line.key == "BONDING_OPTS") return take_bonding(line), true;
    if (line.key == "BRIDGING_OPTS") return take_bridging(line), true;
    return take_option_key(line);
  }

  void take_bonding(const Assignment& line) {
    for (const auto& [key, value] : pairs_in(line)) {
      if (key != "arp_ip_target") {
        set_bond_option(draft_, link_, key, value, line.at);
        continue;
      }
      std::string targets = value;
      std::erase(targets, '+');
      set_bond_option(draft_, link_, key, targets, line.at);
    }
  }

  std::vector<std::pair<std::string, std::string>> pairs_in(const Assignment& line) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& word : words_of(line.value)) {
      const auto sign = word.find('=');
      if (sign == word.npos || sign == 0)
        lose(line, "\"" + word + "\" is no OPTION=VALUE");
      else
        pairs.emplace_back(word.substr(0, sign), word.substr(sign + 1));
    }
    return pairs;
  }

  void take_bridging(const Assignment& line) {
    for (const auto& [key, value] : pairs_in(line)) {
      if (link_.kind == DraftKind::bridge)
        set_bridge_option(draft_, link_, key, value, times_of(key, value, line), line.at);
      else
        set_bridge_port_option(draft_, link_, key, value, line.at);
    }
  }

  // The network scripts write the kernel's hundredths into sysfs, NetworkManager takes seconds.
  Times times_of(const std::string& key, const std::string& value, const Assignment& line) {
    if (!is_one_of(key, "hello_time max_age forward_delay ageing_time")) return Times::seconds;
    const bool large = decimal(value).value_or(0) >= 100;
    if (is_no(file_.value("NM_CONTROLLED"))) return Times::hundredths;
    draft_.warn(line.at,
                large ? key +
                            " is taken for hundredths of seconds, as the network scripts have "
                            "it: NetworkManager has seconds"
                      : key +
                            " is taken for seconds, as NetworkManager has it: the network "
                            "scripts have hundredths",
                link_.name);
    return large ? Times::hundredths : Times::seconds;
  }

  bool take_option_key(const Assignment& line) {
    const bool vlan = link_.kind == DraftKind::vlan;
    if (vlan && line.key == "VLAN_FLAGS") return take_vlan_flags(line), true;
    const auto owner = vlan ? Owner::vlan : Owner::bridge;
    const auto key = std::ranges::find_if(option_keys, [&](const OptionKey& one) {
      return one.owner == owner && one.theirs == line.key;
    });
    const bool takes = (vlan || link_.kind == DraftKind::bridge) && key != std::end(option_keys);
    if (takes) draft_.set(link_, owner, key->ours, line.value, line.at);
    return takes;
  }

  // "GVRP,LOOSE_BINDING,NO_REORDER_HDR"
  void take_vlan_flags(const Assignment& line) {
    std::string list = line.value;
    std::ranges::replace(list, ',', ' ');
    for (auto flag : words_of(list)) {
      std::ranges::transform(flag, flag.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      const bool off = flag.starts_with("no_");
      draft_.set(link_, Owner::vlan, off ? flag.substr(3) : flag, off ? "no" : "yes", line.at);
    }
  }

  // --- addresses ---

  bool take_address(const Assignment& line) {
    const auto& key = line.key;
    if (is_numbered(key, "IPADDR")) return take_ipv4(line), true;
    if (is_numbered(key, "GATEWAY")) return take_gateway(line), true;
    if (key.starts_with("IPV6ADDR") || key.starts_with("IPV6_DEFAULTGW"))
      return take_ipv6(line), true;
    return is_numbered(key, "PREFIX") || is_numbered(key, "NETMASK");  // with its address
  }

  void take_ipv4(const Assignment& line) {
    const auto number = line.key.substr(std::string_view("IPADDR").size());
    const auto prefix = file_.value("PREFIX" + number);
    const auto mask = prefix.empty() ? file_.value("NETMASK" + number) : prefix;
    if (mask.empty() && line.value.find('/') == line.value.npos)
      return lose(line, "has neither PREFIX nor NETMASK: write it with its prefix length");
    draft_.add_address(link_, line.value, mask, line.at);
  }

  void take_gateway(const Assignment& line) {
    if (is_no(file_.value("DEFROUTE")))
      return lose(line, "is of no use with DEFROUTE=no but for routes, which name it themselves");
    if (!gateway_link_.empty() && gateway_link_ != link_.name)
      return lose(line, "is of no use: GATEWAYDEV is " + gateway_link_);
    draft_.add_gateway(link_, line.value, line.at, file_.value("METRIC"));
  }

  void take_ipv6(const Assignment& line) {
    if (is_no(file_.value("IPV6INIT"))) return lose(line, "is of no use with IPV6INIT=no");
    if (line.key == "IPV6_DEFAULTGW")
      return draft_.add_gateway(link_, line.value.substr(0, line.value.find('%')), line.at);
    if (line.key != "IPV6ADDR" && line.key != "IPV6ADDR_SECONDARIES")
      return lose(line, "is no key that vifchain knows");
    for (const auto& address : words_of(line.value)) {
      const bool whole = address.find('/') != address.npos;
      draft_.add_address(link_, address, whole ? "" : "64", line.at);
    }
  }

  const Ifcfg& file_;
  DraftLink& link_;
  const std::string gateway_link_;
  DraftConfig& draft_;
};

}  // namespace

void tell_ifcfg_kind(const Ifcfg& file, DraftConfig& draft) {
  if (is_other_kind(file)) return;
  if (is_bond(file)) draft.bond(file.name, file.at);
  if (file.value("TYPE") == "Bridge") draft.bridge(file.name, file.at);
  if (!is_vlan(file)) return;
  const auto* physical = file.find("PHYSDEV");
  const auto* id = file.find("VLAN_ID");
  const auto parent = physical != nullptr ? physical->value : parent_in_name(file.name);
  const auto vid = id != nullptr ? id->value : id_in_name(file.name);
  if (parent.empty())
    draft.lose(file.at, "tells no link that the VLAN is on: PHYSDEV, or a name of LINK.VID",
               file.name);
  else
    draft.vlan(file.name, parent, vid, file.at);
}

void tell_ifcfg(const Ifcfg& file, const std::string& gateway_link, DraftConfig& draft) {
  if (is_other_kind(file))
    return draft.lose(file.at,
                      file.name + " is of TYPE " + file.value("TYPE") +
                          ": vifchain makes bonds, VLAN links and bridges of the kernel's",
                      file.name);
  Teller(file, draft.link(link_of_label(file.name), file.at), gateway_link, draft).tell();
}

}  // namespace vifchain::inline convert
