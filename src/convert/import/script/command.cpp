// SPDX-License-Identifier: Apache-2.0
#include "convert/import/script/command.hpp"

#include <algorithm>
#include <array>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/script/shell_words.hpp"
#include "core/model/route.hpp"

namespace vifchain::inline convert {
namespace {

struct Program {
  std::string_view name;
  void (*tell)(const ScriptCommand&, Telling&);
};

constexpr Program known[] = {
    {"ip", tell_ip},
    {"bridge", tell_bridge},
    {"brctl", tell_brctl},
    {"ifconfig", tell_ifconfig},
    {"route", tell_route},
    {"ifenslave", tell_ifenslave},
    {"ifenslave-2.6", tell_ifenslave},
    {"vconfig", tell_vconfig},
    {"modprobe", tell_modprobe},
    {"insmod", tell_modprobe},
    {"echo", tell_echo},
    {"printf", tell_echo},
};

// Programs with a good place of their own.
struct Elsewhere {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view firewall = "a firewall's rules stay where they are";
constexpr std::string_view of_the_nic = "a NIC's own settings stay with ethtool";
constexpr std::string_view other_guests = "guests are the toolstack's";
constexpr std::string_view no_restart = "vifchain needs no restart of the network";

constexpr Elsewhere elsewhere[] = {
    {"sysctl", "kernel settings stay in sysctl.d"},
    {"ethtool", of_the_nic},
    {"mii-tool", of_the_nic},
    {"iptables", firewall},
    {"ip6tables", firewall},
    {"iptables-restore", firewall},
    {"ip6tables-restore", firewall},
    {"ebtables", firewall},
    {"arptables", firewall},
    {"nft", firewall},
    {"shorewall", firewall},
    {"tc", "queueing rules stay where they are"},
    {"service", no_restart},
    {"systemctl", no_restart},
    {"invoke-rc.d", no_restart},
    {"networking", no_restart},
    {"network", no_restart},
    {"ovs-vsctl", "Open vSwitch is not set up by vifchain"},
    {"xm", other_guests},
    {"xl", other_guests},
    {"arp", "entries of the neighbour table have no place in a vifchain.toml"},
    {"iwconfig", "wireless links are no ports of bridges"},
    {"wpa_supplicant", "wireless links are no ports of bridges"},
    {"nameif", "a NIC's name is udev's matter"},
    {"ifrename", "a NIC's name is udev's matter"},
    {"rename", "a NIC's name is udev's matter"},
    {"tunctl", "vifchain makes no tun or tap links"},
    {"openvpn", "vifchain makes no tunnels"},
    {"network-route", "routed guests have no bridge, and stay with Xen's vif-route"},
    {"network-nat", "guests behind NAT stay with Xen's vif-nat, or get a bridge without ports"},
    {"network-dummy", "makes no bridge"},
};

constexpr std::array<std::string_view, 57> looks_or_waits{"",
                                                          "true",
                                                          "false",
                                                          ":",
                                                          "sleep",
                                                          "usleep",
                                                          "logger",
                                                          "cat",
                                                          "grep",
                                                          "egrep",
                                                          "fgrep",
                                                          "sed",
                                                          "awk",
                                                          "cut",
                                                          "head",
                                                          "tail",
                                                          "tr",
                                                          "sort",
                                                          "uniq",
                                                          "wc",
                                                          "date",
                                                          "hostname",
                                                          "uname",
                                                          "ls",
                                                          "touch",
                                                          "mkdir",
                                                          "rm",
                                                          "tee",
                                                          "test",
                                                          "[",
                                                          "[[",
                                                          "lsmod",
                                                          "modinfo",
                                                          "udevadm",
                                                          "ping",
                                                          "arping",
                                                          "ifup",
                                                          "ifdown",
                                                          "ifquery",
                                                          "ifreload",
                                                          "pidof",
                                                          "ps",
                                                          "expr",
                                                          "seq",
                                                          "basename",
                                                          "dirname",
                                                          "which",
                                                          "id",
                                                          "sync",
                                                          "xenstore-read",
                                                          "xenstore-exists",
                                                          "xargs",
                                                          "find",
                                                          "depmod",
                                                          "udevsettle",
                                                          "clear",
                                                          "whoami"};

bool is_dhcp_client(std::string_view program) {
  return program == "dhclient" || program == "dhcpcd" || program == "udhcpc" || program == "pump" ||
         program == "dhclient3";
}

void tell_dhcp(const ScriptCommand& command, Telling& telling) {
  const bool v6 = std::ranges::find(command.words, "-6") != command.words.end();
  const std::string& name = command.words.back();
  if (command.words.size() < 2 || name.starts_with("-"))
    return telling.draft.lose(command.at, "names no link that is to have an address");
  auto& link = telling.draft.link(name, command.at);
  link.dhcp = with(link.dhcp, v6);
}

bool ends_a_client(const ScriptCommand& command) {
  return std::ranges::any_of(command.words, [](const std::string& word) {
    return word == "-r" || word == "-k" || word == "-x" || word == "--release";
  });
}

// "network-bridge", and copies of it by other names; wrappers have names of their own.
bool is_network_bridge(std::string_view program) {
  return program == "network-bridge" || program == "network-bridge-vlan" ||
         program == "network-chain" || program.starts_with("network-bridge.") ||
         program == "network-bridge-xen" || program == "network-bridge-orig" ||
         program == "network-bridge-real" || program == "xen-network-bridge";
}

// Only its name counts, and then nothing that it is told.
bool has_unknown_words(const ScriptCommand& command) {
  return std::any_of(command.words.begin() + 1, command.words.end(), is_unknown) ||
         is_unknown(command.into);
}

bool is_harmless(const std::string& program, const ScriptCommand& command) {
  return command.into.empty() &&
         (std::ranges::find(looks_or_waits, program) != looks_or_waits.end() || program == "echo" ||
          program == "printf");
}

bool goes_nowhere(const std::string& file) {
  return file == "/dev/null" || file == "/dev/stderr" || file == "/dev/stdout" ||
         file == "/dev/console" || file.starts_with("/dev/tty") || file.starts_with("/tmp/") ||
         file.starts_with("/var/log/") || file.starts_with("&");
}

void tell_unknown_words(const std::string& program, const ScriptCommand& command,
                        DraftConfig& draft) {
  const bool is_named = !is_unknown(program);
  draft.lose(command.at, is_named ? "only a run would tell what " + program +
                                        " is to do: write what it comes to on this host"
                                  : "only a run would tell which program this is: look yourself");
}

}  // namespace

std::string program_of(const ScriptCommand& command) {
  const std::string& path = command.words.front();
  return path.substr(path.rfind('/') + 1);
}

bool does_nothing(const ScriptCommand& command) {
  ScriptCommand plain = command;
  if (goes_nowhere(plain.into)) plain.into.clear();
  return is_harmless(program_of(command), plain);
}

void tell(const ScriptCommand& command, Telling& telling) {
  if (does_nothing(command)) return;
  const auto program = program_of(command);
  ScriptCommand plain = command;
  if (goes_nowhere(plain.into)) plain.into.clear();
  if (is_unknown(program) || has_unknown_words(plain))
    return tell_unknown_words(program, command, telling.draft);
  if (is_network_bridge(program)) return tell_network_bridge(plain, telling);
  if (is_dhcp_client(program)) return ends_a_client(plain) ? void() : tell_dhcp(plain, telling);
  if (const auto found = std::ranges::find(known, program, &Program::name);
      found != std::end(known))
    return found->tell(plain, telling);
  if (const auto found = std::ranges::find(elsewhere, program, &Elsewhere::name);
      found != std::end(elsewhere))
    return telling.draft.lose(command.at, std::string(found->why));
  if (std::ranges::find(looks_or_waits, program) != looks_or_waits.end())
    return telling.draft.lose(command.at, "what is written to files has no place here");
  telling.draft.lose(command.at, "it is not known what \"" + program + "\" does: look yourself");
}

bool only_undoes(const ScriptCommand& command) {
  const auto program = program_of(command);
  const auto has = [&](std::string_view word) {
    return std::ranges::find(command.words, word) != command.words.end();
  };
  if (program == "ip" || program == "bridge")
    return has("del") || has("delete") || has("down") || has("nomaster") || has("flush") ||
           has("d") || has("de");
  if (program == "brctl") return has("delbr") || has("delif");
  if (program == "ifenslave" || program == "ifenslave-2.6") return has("-d");
  if (program == "vconfig") return has("rem");
  if (program == "ifconfig") return has("down") || has("0.0.0.0") || has("del");
  if (program == "route") return has("del");
  if (program == "modprobe") return has("-r");
  if (program == "echo") return command.words.back().starts_with("-");
  return program == "rmmod" || program == "ifdown" || program == "exit" ||
         (is_dhcp_client(program) && ends_a_client(command)) || does_nothing(command);
}

DraftLink& controller_named(std::string_view name, const Said& at, Telling& telling) {
  DraftLink& link = telling.draft.link(name, at);
  if (link.kind == DraftKind::bond || link.kind == DraftKind::bridge) return link;
  return name.starts_with("bond") ? telling.draft.bond(name, at) : telling.draft.bridge(name, at);
}

namespace {

bool is_numbered(std::string_view name, std::string_view stem) {
  if (!name.starts_with(stem) || name.size() == stem.size()) return false;
  return name[stem.size()] >= '0' && name[stem.size()] <= '9';
}

}  // namespace

void join(DraftLink& controller, std::string_view port, const Said& at, Telling& telling) {
  DraftConfig& draft = telling.draft;
  if (is_numbered(port, "dummy"))
    return draft.warn(
        at,
        std::string(port) + " leads nowhere: a bridge for guests alone needs no port, and has none",
        controller.name);
  if (is_numbered(port, "vif") || is_numbered(port, "tap"))
    return draft.lose(at, "guests' ports join when the guests start", controller.name);
  if (!is_numbered(port, "peth")) return draft.add_port(controller, port, at);
  draft.warn(at,
             std::string(port) + " is what network-bridge called " + std::string(port.substr(1)) +
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

DraftLink* link_towards(std::string_view address, DraftConfig& draft) {
  const auto wanted = IpAddress::parse(address);
  if (!wanted) return nullptr;
  const LinkAddress single{*wanted, wanted->bits()};
  for (const auto* link : draft.links())
    for (const auto& own : link->addresses)
      if (own.address.v6 == wanted->v6 && contains(own, single)) return draft.find(link->name);
  return nullptr;
}

}  // namespace vifchain::inline convert
