// SPDX-License-Identifier: Apache-2.0
// /etc/network/interfaces: the stanzas of links with what they inherit, and what they say of kinds,
// addresses and commands in pre-up and its like.
#include <algorithm>
#include <map>
#include <set>

#include "convert/import/files/ifupdown_options.hpp"
#include "convert/import/readers.hpp"
#include "convert/import/script/command_parts.hpp"
#include "convert/import/script/shell.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline convert {
namespace {

// --- stanzas of links ---

constexpr std::size_t deepest = 16;         // stanzas that inherit from stanzas
constexpr std::size_t most_lines = 20'000;  // that stanzas inherit

struct Stanzas {
  std::vector<IfupStanza> all = {};
  std::map<std::string, std::string> links = {};  // by the name of a stanza
  std::set<std::string> brought_up = {};          // links that are named by auto or allow-
};

bool is_pattern(const std::string& name) {
  return is_glob(name) || name.starts_with('/');
}

void add_stanza(InterfacesStanza read, Stanzas& stanzas, DraftConfig& draft) {
  const auto& words = read.words;
  if (words.size() < 2) return draft.lose(read.at, "names no link");
  if (is_pattern(words[1]))
    return draft.lose(read.at, "a vifchain.toml names each link: write a stanza for each");
  IfupStanza stanza{.name = words[1], .family = {}, .method = {}, .at = read.at};
  const auto inherits = std::ranges::find(words, "inherits");
  if (inherits != words.end()) stanza.inherits.assign(inherits + 1, words.end());
  const auto own = static_cast<std::size_t>(inherits - words.begin());
  if (own > 2) stanza.family = words[2];
  if (own > 3) stanza.method = words[3];
  stanza.lines = std::move(read.lines);
  stanzas.all.push_back(std::move(stanza));
}

// "auto eth0=work": the stanza "work" is that of eth0.
void remember_links(const std::vector<std::string>& words, Stanzas& stanzas) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    stanzas.brought_up.insert(words[i].substr(0, equals));
    if (equals == std::string::npos || is_pattern(words[i])) continue;
    stanzas.links.insert_or_assign(words[i].substr(equals + 1), words[i].substr(0, equals));
  }
}

void take(InterfacesStanza read, Stanzas& stanzas, DraftConfig& draft) {
  if (read.words.empty())
    return read.trap ? draft.warn(read.at, read.why_not) : draft.lose(read.at, read.why_not);
  const std::string key = read.words.front();
  if (key == "iface") return add_stanza(std::move(read), stanzas, draft);
  if (key == "mapping")
    draft.lose(read.at, "a script chooses the stanza when the link comes up: name one");
  else if (key == "rename")
    draft.lose(read.at, "a NIC's name is udev's matter");
  else if (key == "template")
    draft.lose(read.at, "templates of ifupdown2 are not read: write out what they come to");
  else
    remember_links(read.words, stanzas);
}

// Nobody brings it up: it is there for others to inherit from.
bool only_inherited(const std::string& name, const Stanzas& stanzas) {
  return !stanzas.brought_up.contains(name) &&
         std::ranges::any_of(stanzas.all, [&](const IfupStanza& stanza) {
           return stanza.name != name &&
                  std::ranges::find(stanza.inherits, name) != stanza.inherits.end();
         });
}

// Puts stanzas before those that inherit from them.
class Inheritance {
 public:
  Inheritance(const std::vector<IfupStanza>& stanzas, DraftConfig& draft)
      : stanzas_(stanzas), draft_(draft) {}

  IfupStanza whole(const IfupStanza& stanza) {
    IfupStanza whole = stanza;
    if (stanza.inherits.empty()) return whole;
    whole.lines.clear();
    inherit(stanza, {stanza.name}, whole);
    // What is said here as well has the last word.
    std::erase_if(whole.lines, [&](const InterfacesLine& line) {
      return stanza.has(line.key) && line.key != "up" && line.key != "pre-up";
    });
    whole.lines.insert(whole.lines.end(), stanza.lines.begin(), stanza.lines.end());
    return whole;
  }

 private:
  // The lines of what it inherits, and of what that inherits, before its own.
  void inherit(const IfupStanza& stanza, std::set<std::string> above, IfupStanza& whole) {
    for (const auto& name : stanza.inherits) {
      const auto other = std::ranges::find(stanzas_, name, &IfupStanza::name);
      if (other == stanzas_.end()) {
        draft_.lose(stanza.at, "there is no stanza \"" + name + "\" to inherit from");
      } else if (!above.insert(name).second || above.size() > deepest || inherited_ > most_lines) {
        draft_.warn(stanza.at, "inherits from itself: \"" + name + "\" is read once");
      } else {
        inherit(*other, above, whole);
        whole.lines.insert(whole.lines.end(), other->lines.begin(), other->lines.end());
        inherited_ += 1 + other->lines.size();
      }
    }
  }

  const std::vector<IfupStanza>& stanzas_;
  DraftConfig& draft_;
  std::size_t inherited_ = 0;
};

// In the order in which they are read, with the lines of those that they inherit before their own
// and by the name of the link that they are used for. What is no stanza of a link is a remark.
std::vector<IfupStanza> read_stanzas(const std::vector<SourceFile>& files, const Include& include,
                                     DraftConfig& draft) {
  Stanzas stanzas;
  for (auto& read : read_interfaces(files, include)) take(std::move(read), stanzas, draft);
  for (auto& stanza : stanzas.all)
    if (const auto link = stanzas.links.find(stanza.name); link != stanzas.links.end())
      stanza.name = link->second;
  std::vector<IfupStanza> whole;
  Inheritance inheritance(stanzas.all, draft);
  for (const auto& stanza : stanzas.all)
    if (!only_inherited(stanza.name, stanzas)) whole.push_back(inheritance.whole(stanza));
  return whole;
}

// --- kinds ---

std::string link_name(const IfupStanza& stanza) {
  return std::string(link_of_label(stanza.name));
}

bool is_bridge(const IfupStanza& stanza) {
  return std::ranges::any_of(stanza.lines, is_of_bridge);
}

void tell_kind(const IfupStanza& stanza, DraftConfig& draft) {
  const auto name = link_name(stanza);
  if (name == "lo") return;
  if (!stanza.has("bond-master") && std::ranges::any_of(stanza.lines, is_of_bond))
    draft.bond(name, stanza.at);
  if (is_bridge(stanza)) draft.bridge(name, stanza.at);
  tell_ifup_vlan(stanza, name, draft);
}

// False for one that has nothing for a vifchain.toml.
bool tell_method(const IfupStanza& stanza, const std::string& name, DraftConfig& draft) {
  const auto& family = stanza.family;
  const auto& method = stanza.method;
  if (method == "loopback") return true;
  if (!family.empty() && !is_one_of(family, "inet inet6")) {
    draft.lose(stanza.at, "vifchain knows nothing of \"" + family + "\"", name);
    return false;
  }
  if (method == "dhcp") {
    auto& link = draft.link(name, stanza.at);
    link.dhcp = with(link.dhcp, family == "inet6");
  } else if (method == "auto" && family == "inet6") {
    draft.link(name, stanza.at).ra = true;
  } else if (!method.empty() && !is_one_of(method, "static manual")) {
    draft.lose(stanza.at, "vifchain has nothing for the method \"" + method + "\"", name);
    return false;
  }
  return true;
}

// --- addresses ---

// The last address of the network is what everybody has.
void check_broadcast(const InterfacesLine& line, const std::string& name, DraftConfig& draft) {
  const auto given = IpAddress::parse(first_word(line.value));
  const auto* link = draft.find(name);
  if (!given || given->v6 || link == nullptr) return;
  const bool usual = std::ranges::any_of(link->addresses, [&](const LinkAddress& address) {
    auto last = network_of(address);
    for (unsigned bit = address.prefix; bit < 32 && !last.v6; ++bit)
      last.bytes[bit / 8] = static_cast<std::uint8_t>(last.bytes[bit / 8] | 0x80U >> bit % 8);
    return last == *given;
  });
  if (!usual) draft.lose(line.at, "a broadcast address is that of the network", name);
}

void lose_addresses(const IfupStanza& stanza, const std::string& name, DraftConfig& draft) {
  for (const auto& line : stanza.lines)
    if (is_one_of(line.key, "address gateway") || (line.key == "metric" && stanza.method == "dhcp"))
      draft.lose(line.at, "has no effect in a stanza of the method " + stanza.method, name);
}

void tell_addresses(const IfupStanza& stanza, const std::string& name, DraftConfig& draft) {
  if (is_one_of(stanza.method, "dhcp manual auto")) return lose_addresses(stanza, name, draft);
  if (stanza.method == "static" && !stanza.has("address"))
    draft.warn(stanza.at, "is static, and has no address", name);
  for (const auto& line : stanza.lines) {
    if (line.key == "address") {
      const bool whole = line.value.find('/') != std::string::npos;
      draft.add_address(draft.link(name, line.at), first_word(line.value),
                        whole ? "" : stanza.value("netmask"), line.at);
    } else if (line.key == "gateway") {
      for (const auto& word : words_of(line.value))
        draft.add_gateway(draft.link(name, line.at), word, line.at, stanza.value("metric"));
    } else if (line.key == "broadcast") {
      check_broadcast(line, name, draft);
    }
  }
  // ifup adds it with onlink.
  if (stanza.has("gateway")) DraftConfig::have_gateways_on_link(draft.link(name, stanza.at));
}

// --- commands ---

constexpr std::string_view when_down = "down pre-down post-down";

ShellRead shell_of(const InterfacesLine& line, const IfupStanza& stanza) {
  ShellText script{.at = line.at, .text = line.value};
  script.variables = {
      {"IFACE", stanza.name},     {"LOGICAL", stanza.name},
      {"ADDRFAM", stanza.family}, {"METHOD", stanza.method},
      {"PHASE", line.key},        {"MODE", is_one_of(line.key, when_down) ? "stop" : "start"},
      {"VERBOSITY", "0"}};
  for (const auto& option : stanza.lines) {
    std::string key = "IF_";
    for (const char c : option.key)
      key += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    script.variables.insert_or_assign(key, option.value);
  }
  return read_shell(script);
}

void run(const InterfacesLine& line, const IfupStanza& stanza, Telling& telling) {
  const auto read = shell_of(line, stanza);
  for (const auto& command : read.commands) tell(command, telling);
  for (const auto& remark : read.remarks) telling.draft.lose(remark.at, remark.why);
}

void run_down(const InterfacesLine& line, const IfupStanza& stanza, DraftConfig& draft) {
  const auto read = shell_of(line, stanza);
  if (!std::ranges::all_of(read.commands, only_undoes) || !read.remarks.empty())
    draft.lose(line.at, "vifchain runs nothing when a link goes", link_name(stanza));
}

void run_after(const IfupStanza& stanza, Telling& telling) {
  for (const auto& line : stanza.lines) {
    if (is_one_of(line.key, "up post-up")) run(line, stanza, telling);
    if (is_one_of(line.key, when_down)) run_down(line, stanza, telling.draft);
  }
}

// --- what does not work as it stands ---

// A port that is called like a VLAN link, and of which nothing else is said that would make it
// one of somebody else's.
bool seems_to_be_vlan(const IfupStanza& stanza, const std::string& name, const DraftConfig& draft) {
  const auto [parent, vid] = ifup_vlan_name(name);
  return parent.empty() && !vid.empty() && stanza.lines.empty() &&
         draft.controller_of(name) != nullptr;
}

void warn_of_what_is_missing(const IfupStanza& stanza, DraftConfig& draft) {
  const auto name = link_name(stanza);
  const auto* link = draft.find(name);
  if (link == nullptr) return;
  if (link->kind == DraftKind::unknown && seems_to_be_vlan(stanza, name, draft))
    draft.warn(stanza.at,
               "without vlan-raw-device nothing makes it: add vlan-raw-device and "
               "import again",
               name);
  if (link->kind == DraftKind::bridge && is_bridge(stanza) && !stanza.has("bridge-ports") &&
      link->ports.empty())
    draft.warn(stanza.at,
               "without bridge_ports the hook of bridge-utils makes no bridge: none is said "
               "with bridge_ports none",
               name);
}

// --- the whole ---

constexpr std::string_view told_elsewhere =
    "address netmask network broadcast gateway metric up post-up pre-up down pre-down post-down "
    "vlan-raw-device vlan-id";

void tell_stanza(const IfupStanza& stanza, IfupVlans& vlans, Telling& telling) {
  const auto name = link_name(stanza);
  for (const auto& line : stanza.lines)
    if (line.key == "pre-up") run(line, stanza, telling);
  if (!tell_method(stanza, name, telling.draft)) return;
  for (const auto& line : stanza.lines)
    if (!is_one_of(line.key, told_elsewhere)) tell_ifup_option(line, stanza, name, vlans, telling);
  tell_addresses(stanza, name, telling.draft);
}

}  // namespace

void read_ifupdown(const std::vector<SourceFile>& files, const Include& include,
                   DraftConfig& draft) {
  const auto stanzas = read_stanzas(files, include, draft);
  Telling telling{draft};
  IfupVlans vlans;
  for (const auto& stanza : stanzas) tell_kind(stanza, draft);
  for (const auto& stanza : stanzas) tell_stanza(stanza, vlans, telling);
  for (const auto& stanza : stanzas) run_after(stanza, telling);
  vlans.give_to_ports(draft);
  for (const auto& stanza : stanzas) warn_of_what_is_missing(stanza, draft);
}

}  // namespace vifchain::inline convert
