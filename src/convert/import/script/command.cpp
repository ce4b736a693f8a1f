// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/command.hpp"

#include <algorithm>

#include "convert/import/script/command_parts.hpp"

namespace vifchain::inline convert {
namespace {

struct Program {
  std::string_view names;
  void (*tell)(const ScriptCommand&, Telling&);
};

constexpr Program known[] = {
    {"ip", tell_ip},
    {"bridge", tell_bridge},
    {"brctl", tell_brctl},
    {"ifconfig", tell_ifconfig},
    {"route", tell_route},
    {"ifenslave ifenslave-2.6", tell_ifenslave},
    {"vconfig", tell_vconfig},
    {"modprobe insmod", tell_modprobe},
    {"echo printf", tell_echo},
};

// Programs with a good place of their own.
struct Elsewhere {
  std::string_view names;
  std::string_view why;
};

constexpr Elsewhere elsewhere[] = {
    {"sysctl", "kernel settings stay in sysctl.d"},
    {"ethtool mii-tool", "a NIC's own settings stay with ethtool"},
    {"iptables ip6tables iptables-restore ip6tables-restore ebtables arptables nft shorewall",
     "a firewall's rules stay where they are"},
    {"tc", "queueing rules stay where they are"},
    {"service systemctl invoke-rc.d networking network",
     "vifchain needs no restart of the network"},
    {"ovs-vsctl", "Open vSwitch is not set up by vifchain"},
    {"xm xl", "guests are the toolstack's"},
    {"arp", "entries of the neighbour table have no place in a vifchain.toml"},
    {"iwconfig wpa_supplicant", "wireless links are no ports of bridges"},
    {"nameif ifrename rename", "a NIC's name is udev's matter"},
    {"tunctl", "vifchain makes no tun or tap links"},
    {"openvpn", "vifchain makes no tunnels"},
    {"network-route", "routed guests have no bridge, and stay with Xen's vif-route"},
    {"network-nat", "guests behind NAT stay with Xen's vif-nat, or get a bridge without ports"},
    {"network-dummy", "makes no bridge"},
};

constexpr std::string_view looks_or_waits =
    "true false : sleep usleep logger cat grep egrep fgrep sed awk cut head tail tr sort uniq wc "
    "date hostname uname ls touch mkdir rm tee test [ [[ lsmod modinfo udevadm ping arping ifup "
    "ifdown ifquery ifreload pidof ps expr seq basename dirname which id sync xenstore-read "
    "xenstore-exists xargs find depmod udevsettle clear whoami";

constexpr std::string_view dhcp_clients = "dhclient dhcpcd udhcpc pump dhclient3";

// "network-bridge", and copies of it by other names; wrappers have names of their own.
constexpr std::string_view network_bridges =
    "network-bridge network-bridge-vlan network-chain network-bridge-xen network-bridge-orig "
    "network-bridge-real network-bridge.* xen-network-bridge";

bool looks(std::string_view program) {
  return program.empty() || is_one_of(program, looks_or_waits);
}

void tell_dhcp(const ScriptCommand& command, Telling& telling) {
  const auto said = told_apart(Words(command.words), {});
  if (said.has("-r -k -x --release")) return;
  const std::string& name = command.words.back();
  if (command.words.size() < 2 || name.starts_with("-"))
    return telling.draft.lose(command.at, "names no link that is to have an address");
  auto& link = telling.draft.link(name, command.at);
  link.dhcp = with(link.dhcp, said.has("-6"));
}

bool goes_nowhere(std::string_view file) {
  return is_one_of(file,
                   "/dev/null /dev/stderr /dev/stdout /dev/console /dev/tty* /tmp/* /var/log/* &*");
}

// One whose output is lost has none.
ScriptCommand with_its_file(ScriptCommand command) {
  if (goes_nowhere(command.into)) command.into.clear();
  return command;
}

// Where both are named, network-bridge takes nothing from vifnum= that matters here.
ScriptCommand without_unknown_vifnum(ScriptCommand command) {
  const auto says = [&](std::string_view key) {
    return std::ranges::any_of(command.words,
                               [&](const std::string& w) { return w.starts_with(key); });
  };
  if (says("netdev=") && says("bridge="))
    std::erase_if(command.words, [](const std::string& word) {
      return word.starts_with("vifnum=") && is_unknown(word);
    });
  return command;
}

void tell_known(const std::string& program, const ScriptCommand& command, Telling& telling) {
  const auto is_it = [&](const auto& row) { return is_one_of(program, row.names); };
  if (const auto* found = std::ranges::find_if(known, is_it); found != std::end(known))
    return found->tell(command, telling);
  if (const auto* found = std::ranges::find_if(elsewhere, is_it); found != std::end(elsewhere))
    return telling.draft.lose(command.at, std::string(found->why));
  telling.draft.lose(
      command.at, looks(program) ? "what is written to files has no place here"
                                 : "it is not known what \"" + program + "\" does: look yourself");
}

bool is_numbered(std::string_view name, std::string_view stem) {
  return name.starts_with(stem) && name.size() > stem.size() && name[stem.size()] >= '0' &&
         name[stem.size()] <= '9';
}

}  // namespace

bool is_unknown(std::string_view text) {
  return text.find(unknown_part) != text.npos;
}

std::string program_of(const ScriptCommand& command) {
  return std::string(last_part(command.words.front()));
}

bool begins(std::string_view whole, std::string_view word) {
  return !word.empty() && whole.starts_with(word);
}

std::string CommandWords::value(std::string_view names) const {
  std::string last;
  for (const auto& [name, value] : options)
    if (is_one_of(name, names)) last = value;
  return last;
}

bool CommandWords::has(std::string_view names) const {
  return std::ranges::any_of(options,
                             [&](const auto& option) { return is_one_of(option.first, names); });
}

std::string CommandWords::other(std::size_t number) const {
  return number < others.size() ? others[number] : std::string();
}

CommandWords told_apart(Words words, std::string_view with_value, std::string_view flags) {
  CommandWords said;
  while (!words.at_end()) {
    const std::string word(words.next());
    if (is_one_of(word, with_value))
      said.options.emplace_back(word, words.next());
    else if (is_one_of(word, flags) || word.starts_with("-"))
      said.options.emplace_back(word, "");
    else
      said.others.push_back(word);
  }
  return said;
}

bool does_nothing(const ScriptCommand& command) {
  const auto program = program_of(command);
  return with_its_file(command).into.empty() &&
         (looks(program) || program == "echo" || program == "printf");
}

void tell(const ScriptCommand& command, Telling& telling) {
  if (does_nothing(command)) return;
  const auto program = program_of(command);
  const bool is_network_bridge = is_one_of(program, network_bridges);
  auto plain = with_its_file(command);
  if (is_network_bridge) plain = without_unknown_vifnum(std::move(plain));
  if (is_unknown(program))
    return telling.draft.lose(command.at,
                              "only a run would tell which program this is: look yourself");
  if (is_unknown(plain.into) || std::ranges::any_of(plain.words, is_unknown))
    return telling.draft.lose(command.at, "only a run would tell what " + program +
                                              " is to do: write what it comes to on this host");
  if (is_network_bridge) return tell_network_bridge(plain, telling);
  if (is_one_of(program, dhcp_clients)) return tell_dhcp(plain, telling);
  tell_known(program, plain, telling);
}

bool only_undoes(const ScriptCommand& command) {
  const auto program = program_of(command);
  const auto has = [&](std::string_view words) {
    return std::ranges::any_of(command.words,
                               [&](const std::string& word) { return is_one_of(word, words); });
  };
  if (program == "ip" || program == "bridge") return has("del delete down nomaster flush d de");
  if (program == "brctl") return has("delbr delif");
  if (program == "ifenslave" || program == "ifenslave-2.6") return has("-d");
  if (program == "vconfig") return has("rem");
  if (program == "ifconfig") return has("down 0.0.0.0 del");
  if (program == "route") return has("del");
  if (program == "modprobe") return has("-r");
  if (program == "echo") return command.words.back().starts_with("-");
  if (is_one_of(program, dhcp_clients)) return has("-r -k -x --release");
  return is_one_of(program, "rmmod ifdown exit") || does_nothing(command);
}

DraftLink& controller_named(std::string_view name, const Said& at, Telling& telling) {
  DraftLink& link = telling.draft.link(name, at);
  if (link.kind == DraftKind::bond || link.kind == DraftKind::bridge) return link;
  return name.starts_with("bond") ? telling.draft.bond(name, at) : telling.draft.bridge(name, at);
}

void join(DraftLink& controller, std::string_view port, const Said& at, Telling& telling) {
  DraftConfig& draft = telling.draft;
  const std::string name(port);
  if (is_numbered(port, "dummy"))
    return draft.warn(
        at, name + " leads nowhere: a bridge for guests alone needs no port, and has none",
        controller.name);
  if (is_numbered(port, "vif") || is_numbered(port, "tap"))
    return draft.lose(at, "guests' ports join when the guests start", controller.name);
  if (!is_numbered(port, "peth")) return draft.add_port(controller, port, at);
  draft.warn(at,
             name + " is what network-bridge called " + name.substr(1) +
                 " while its bridge stood: a NIC keeps its name now",
             controller.name);
  draft.add_port(controller, port.substr(1), at);
}

void leave(std::string_view port, Telling& telling) {
  for (const auto* link : telling.draft.links())
    if (std::ranges::find(link->ports, port) != link->ports.end())
      telling.draft.remove_port(*telling.draft.find(link->name), port);
}

std::string_view link_of_label(std::string_view label) {
  return label.substr(0, label.find(':'));
}

}  // namespace vifchain::inline convert
