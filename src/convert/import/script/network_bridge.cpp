// SPDX-License-Identifier: Apache-2.0
// Xen's network-bridge, as it was called once per bridge: netdev= bridge= vifnum= vlan= antispoof=,
// with the meaning that xen-scripts/network-chain gives them. What it did by version is in its
// history in xen.git: vifnum a77149f8e4 (3.0), 3bd47fb5b6 (3.0.2), 06809a93ad (3.2); nothing once
// there is any bridge, edf9a6a284 (4.1); gone, 9fabe55939 (4.5).
#include <algorithm>
#include <optional>

#include "convert/import/script/command_parts.hpp"

namespace vifchain::inline convert {
namespace {

struct CallWords {
  std::string operation, netdev, bridge, vifnum, vlan, antispoof;
  bool twice = false;               // the operation is said twice
  bool blank_after_netdev = false;  // "netdev= eth2"
  std::vector<std::string> unknown;
};

bool is_operation(std::string_view word) {
  return word == "start" || word == "stop" || word == "status";
}

void take_bare_word(const std::string& word, bool after_netdev, CallWords& said) {
  if (is_operation(word)) {
    said.twice = said.twice || !said.operation.empty();
    if (said.operation.empty()) said.operation = word;
  } else if (after_netdev && said.netdev.empty()) {
    said.netdev = word;
    said.blank_after_netdev = true;
  } else {
    said.unknown.push_back(word);
  }
}

std::string* place_for(std::string_view key, CallWords& said) {
  if (key == "netdev") return &said.netdev;
  if (key == "bridge") return &said.bridge;
  if (key == "vifnum") return &said.vifnum;
  if (key == "vlan") return &said.vlan;
  return key == "antispoof" ? &said.antispoof : nullptr;
}

CallWords call_words(const std::vector<std::string>& words) {
  CallWords said;
  std::string before;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    const auto key = equals == std::string::npos ? std::string() : words[i].substr(0, equals);
    if (key.empty())
      take_bare_word(words[i], before == "netdev", said);
    else if (auto* place = place_for(key, said))
      *place = words[i].substr(equals + 1);
    else
      said.unknown.push_back(words[i]);
    before = key;
  }
  return said;
}

// What its sed, [a-z]+[0-9]+, found of the default route's device; nothing where that is no match.
std::optional<std::string> found_by_sed(std::string_view name) {
  const auto letters = std::min(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), name.size());
  const auto end = std::min(name.find_first_not_of("0123456789", letters), name.size());
  if (letters == 0 || end == letters) return std::nullopt;
  return std::string(name.substr(0, end));
}

std::string digits_at_the_end(std::string_view name) {
  const auto last = name.find_last_not_of("0123456789");
  return std::string(last == name.npos ? name : name.substr(last + 1));
}

// The link that the host talks to the world through, as far as it has been told.
std::string default_device(const DraftConfig& draft) {
  for (const auto* link : draft.links())
    if (std::ranges::any_of(link->routes, [](const Route& route) { return route.to.prefix == 0; }))
      return link->name;
  for (const auto* link : draft.links())
    if (link->dhcp != Dhcp::off) return link->name;
  return "eth0";
}

void warn_of_vifnum(const CallWords& said, const Said& at, DraftConfig& draft) {
  draft.warn(at,
             "vifnum=" + said.vifnum + " without netdev= meant eth" + said.vifnum +
                 " in Xen 3.0, the default route's device from 3.0.2 on, and nothing since 3.2: "
                 "taken as eth" +
                 said.vifnum,
             said.bridge);
}

void warn_of_detection(const std::string& found, const CallWords& said, const Said& at,
                       DraftConfig& draft) {
  std::string why = "without netdev= it is the default route's device, here taken as " + found;
  const auto by_sed = found_by_sed(found);
  if (!by_sed)
    why += "; network-bridge itself did not find that name, and took the route's whole line for it";
  else if (*by_sed != found)
    why += "; network-bridge itself cut that name down to \"" + *by_sed + "\"";
  draft.warn(at, why, said.bridge);
}

std::string usual_name(const CallWords& said) {
  if (!said.vlan.empty()) return "xenbr" + said.vlan;
  if (!said.vifnum.empty()) return "xenbr" + said.vifnum;
  const auto number = digits_at_the_end(said.netdev);
  return "xenbr" + (number.empty() ? std::string("0") : number);
}

void warn_of_name(const CallWords& said, const Said& at, DraftConfig& draft) {
  draft.warn(at,
             "without bridge= it was xenbr" + (said.vifnum.empty() ? "0" : said.vifnum) +
                 " up to Xen 3.1, and since 3.2 called like its NIC: here " + said.netdev +
                 " keeps its name, and guests that say bridge=" + said.netdev +
                 " are to say bridge=" + said.bridge,
             said.bridge);
}

void choose_names(CallWords& said, const Said& at, DraftConfig& draft) {
  const bool device_named = !said.netdev.empty(), bridge_named = !said.bridge.empty();
  if (!device_named)
    said.netdev = said.vifnum.empty() ? default_device(draft) : "eth" + said.vifnum;
  if (!bridge_named) said.bridge = usual_name(said);
  if (!device_named && said.vifnum.empty()) warn_of_detection(said.netdev, said, at, draft);
  if (!device_named && !said.vifnum.empty()) warn_of_vifnum(said, at, draft);
  if (!bridge_named) warn_of_name(said, at, draft);
}

// A NIC has its name already.
void free_the_name(CallWords& said, const Said& at, DraftConfig& draft) {
  if (said.bridge != said.netdev) return;
  const auto number = digits_at_the_end(said.netdev);
  const auto name = "xenbr" + (number.empty() ? std::string("0") : number);
  draft.warn(at,
             "the bridge is called " + name + ", as " + said.netdev +
                 " keeps its name: guests that say bridge=" + said.bridge +
                 " are to say bridge=" + name,
             name);
  said.bridge = name;
}

void warn_of_traps(const CallWords& said, const Said& at, Telling& telling) {
  DraftConfig& draft = telling.draft;
  if (said.twice)
    draft.warn(at,
               "\"start\" is said twice: xend gives one that is passed on; the second does nothing",
               said.bridge);
  if (said.blank_after_netdev)
    draft.warn(at,
               "the blank after netdev= left it empty, and the default route's device was taken; "
               "here it is " +
                   said.netdev + ", as it was meant",
               said.bridge);
  for (const auto& word : said.unknown)
    draft.warn(at, "\"" + word + "\" meant nothing to network-bridge", said.bridge);
}

std::optional<std::string> any_bridge(const DraftConfig& draft) {
  for (const auto* link : draft.links())
    if (link->kind == DraftKind::bridge) return link->name;
  return std::nullopt;
}

// Since 4.1 there must be no bridge at all on the host.
void warn_of_nothing_done(const CallWords& said, bool made, const Said& at, Telling& telling) {
  constexpr auto rule = "since Xen 4.1 network-bridge did nothing once there was any bridge";
  const auto before = [&](const std::string& bridge) {
    telling.draft.warn(
        at, std::string(rule) + ", and " + bridge + " was made before it: the call had no effect",
        said.bridge);
  };
  if (made) return before(said.bridge);
  if (telling.calls_of_network_bridge == 1)
    telling.draft.warn(at, std::string(rule) + ": neither this call nor any after it had an effect",
                       said.bridge);
  if (telling.calls_of_network_bridge > 0) return;
  if (const auto other = any_bridge(telling.draft)) before(*other);
}

void ask_for_antispoof(const CallWords& said, const Said& at, DraftConfig& draft) {
  if (said.antispoof != "yes" && said.antispoof != "on" && said.antispoof != "1") return;
  draft.warn(at,
             "antispoof=yes flushed the whole FORWARD chain of iptables and set its policy to "
             "DROP; in its place [vif] antispoof = \"mac\" filters each guest's own port",
             said.bridge);
  draft.antispoof = Antispoof::mac;
}

std::string port_of(const CallWords& said) {
  return said.vlan.empty() ? said.netdev : said.netdev + "." + said.vlan;
}

// Nobody needs the second NIC that a call would have brought to a bridge that stood.
bool has_other_ports(const DraftLink& bridge, const std::string& port) {
  return !bridge.ports.empty() && std::ranges::find(bridge.ports, port) == bridge.ports.end();
}

void start(CallWords said, const Said& at, Telling& telling) {
  DraftConfig& draft = telling.draft;
  choose_names(said, at, draft);
  free_the_name(said, at, draft);
  const auto* known = draft.find(said.bridge);
  const bool made = known != nullptr && known->kind == DraftKind::bridge;
  warn_of_traps(said, at, telling);
  warn_of_nothing_done(said, made, at, telling);
  ++telling.calls_of_network_bridge;
  auto& bridge = draft.bridge(said.bridge, at);
  ask_for_antispoof(said, at, draft);
  if (made && has_other_ports(bridge, port_of(said)))
    return draft.lose(at, said.bridge + " has a port already: " + port_of(said) + " is none of its",
                      said.bridge);
  if (!made) {
    draft.set(bridge, Owner::bridge, "stp", "0", at);
    draft.set(bridge, Owner::bridge, "forward_delay", "0", at);
    bridge.takes_over = true;
  }
  join(bridge, port_of(said), at, telling);
}

}  // namespace

void tell_network_bridge(const ScriptCommand& command, Telling& telling) {
  auto said = call_words(command.words);
  if (said.operation == "status" || said.operation == "stop" || said.bridge == "null") return;
  if (said.operation.empty())
    return telling.draft.warn(command.at,
                              "network-bridge is told neither start nor stop, and did nothing");
  start(std::move(said), command.at, telling);
}

}  // namespace vifchain::inline convert
