// SPDX-License-Identifier: Apache-2.0
// Xen's network-bridge, as it was called once per bridge: netdev= bridge=
// vifnum= vlan= antispoof=, with the meaning that xen-scripts/network-chain
// gives them. What it did by version is in its history in xen.git: vifnum
// a77149f8e4 (3.0), 3bd47fb5b6 (3.0.2), 06809a93ad (3.2); nothing once there is
// any bridge, edf9a6a284 (4.1); gone, 9fabe55939 (4.5).
#include <algorithm>
#include <optional>

#include "convert/import/script/command_parts.hpp"

namespace vifchain::inline convert {
namespace {

// A call of it, and who is told of it.
struct Call {
  const Said& at;
  Telling& telling;
  DraftConfig& draft;
  std::string operation = {}, netdev = {}, bridge = {}, vifnum = {}, vlan = {}, antispoof = {};
  bool twice = false;               // the operation is said twice
  bool blank_after_netdev = false;  // "netdev= eth2"
  std::vector<std::string> unknown = {};

  void warn(const std::string& why) const { draft.warn(at, why, bridge); }
  [[nodiscard]] std::string port() const { return vlan.empty() ? netdev : netdev + "." + vlan; }
};

std::string* place_for(std::string_view key, Call& call) {
  if (key == "netdev") return &call.netdev;
  if (key == "bridge") return &call.bridge;
  if (key == "vifnum") return &call.vifnum;
  if (key == "vlan") return &call.vlan;
  return key == "antispoof" ? &call.antispoof : nullptr;
}

void take_words(Words words, Call& call) {
  std::string before;
  while (!words.at_end()) {
    const std::string word(words.next());
    const auto equals = word.find('=');
    const auto key = equals == word.npos ? std::string() : word.substr(0, equals);
    if (is_one_of(word, "start stop status")) {
      call.twice = call.twice || !call.operation.empty();
      if (call.operation.empty()) call.operation = word;
    } else if (auto* place = place_for(key, call)) {
      *place = word.substr(equals + 1);
    } else if (key.empty() && before == "netdev" && call.netdev.empty()) {
      call.netdev = word;
      call.blank_after_netdev = true;
    } else {
      call.unknown.push_back(word);
    }
    before = key;
  }
}

// What its sed, [a-z]+[0-9]+, found of the default route's device; nothing
// where that is no match.
std::optional<std::string> found_by_sed(std::string_view name) {
  const auto letters = std::min(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"), name.size());
  const auto end = std::min(name.find_first_not_of("0123456789", letters), name.size());
  if (letters == 0 || end == letters) return std::nullopt;
  return std::string(name.substr(0, end));
}

// "xenbr3" of eth3, "xenbr0" of a name without a number.
std::string bridge_for(std::string_view name) {
  const auto last = name.find_last_not_of("0123456789");
  const auto number = last == name.npos ? name : name.substr(last + 1);
  return "xenbr" + (number.empty() ? std::string("0") : std::string(number));
}

// The link that the host talks to the world through, as far as it has been
// told.
std::string default_device(const DraftConfig& draft) {
  for (const auto* link : draft.links())
    if (std::ranges::any_of(link->routes, [](const Route& route) { return route.to.prefix == 0; }))
      return link->name;
  for (const auto* link : draft.links())
    if (link->dhcp != Dhcp::off) return link->name;
  return "eth0";
}

void warn_of_device(const Call& call) {
  if (!call.vifnum.empty())
    return call.warn("vifnum=" + call.vifnum + " without netdev= meant eth" + call.vifnum +
                     " in Xen 3.0, the default route's device from 3.0.2 on, "
                     "and nothing since "
                     "3.2: taken as eth" +
                     call.vifnum);
  std::string why =
      "without netdev= it is the default route's device, here taken as " + call.netdev;
  const auto by_sed = found_by_sed(call.netdev);
  if (!by_sed)
    why +=
        "; network-bridge itself did not find that name, and took the "
        "route's whole line for it";
  else if (*by_sed != call.netdev)
    why += "; network-bridge itself cut that name down to \"" + *by_sed + "\"";
  call.warn(why);
}

void choose_names(Call& call) {
  const bool device_named = !call.netdev.empty(), bridge_named = !call.bridge.empty();
  const auto& number = call.vlan.empty() ? call.vifnum : call.vlan;
  if (!device_named)
    call.netdev = call.vifnum.empty() ? default_device(call.draft) : "eth" + call.vifnum;
  if (!bridge_named) call.bridge = number.empty() ? bridge_for(call.netdev) : "xenbr" + number;
  if (!device_named) warn_of_device(call);
  if (bridge_named) return;
  call.warn("without bridge= it was xenbr" + (call.vifnum.empty() ? "0" : call.vifnum) +
            " up to Xen 3.1, and since 3.2 called like its NIC: here " + call.netdev +
            " keeps its name, and guests that say bridge=" + call.netdev +
            " are to say bridge=" + call.bridge);
}

// A NIC has its name already.
void free_the_name(Call& call) {
  if (call.bridge != call.netdev) return;
  call.bridge = bridge_for(call.netdev);
  call.warn("the bridge is called " + call.bridge + ", as " + call.netdev +
            " keeps its name: guests that say bridge=" + call.netdev +
            " are to say bridge=" + call.bridge);
}

void warn_of_traps(const Call& call) {
  if (call.twice)
    call.warn(
        "\"start\" is said twice: xend gives one that is passed on; the "
        "second does nothing");
  if (call.blank_after_netdev)
    call.warn(
        "the blank after netdev= left it empty, and the default route's "
        "device was taken; here it "
        "is " +
        call.netdev + ", as it was meant");
  for (const auto& word : call.unknown)
    call.warn("\"" + word + "\" meant nothing to network-bridge");
}

// Since 4.1 there must be no bridge at all on the host.
void warn_of_nothing_done(const Call& call, bool made) {
  const std::string rule = "since Xen 4.1 network-bridge did nothing once there was any bridge";
  const auto before = [&](const std::string& bridge) {
    call.warn(rule + ", and " + bridge + " was made before it: the call had no effect");
  };
  if (made) return before(call.bridge);
  if (call.telling.calls_of_network_bridge == 1)
    call.warn(rule + ": neither this call nor any after it had an effect");
  if (call.telling.calls_of_network_bridge > 0) return;
  const auto links = call.draft.links();
  const auto other = std::ranges::find_if(
      links, [](const DraftLink* link) { return link->kind == DraftKind::bridge; });
  if (other != links.end()) before((*other)->name);
}

void ask_for_antispoof(const Call& call) {
  if (!is_one_of(call.antispoof, "yes on 1")) return;
  call.warn(
      "antispoof=yes flushed the whole FORWARD chain of iptables and set its "
      "policy to DROP; in "
      "its place [vif] antispoof = \"mac\" filters each guest's own port");
  call.draft.antispoof = Antispoof::mac;
}

// Nobody needs the second NIC that a call would have brought to a bridge that
// stood.
bool has_other_ports(const DraftLink& bridge, const std::string& port) {
  return !bridge.ports.empty() && std::ranges::find(bridge.ports, port) == bridge.ports.end();
}

void start(Call& call) {
  DraftConfig& draft = call.draft;
  choose_names(call);
  free_the_name(call);
  const auto* known = draft.find(call.bridge);
  const bool made = known != nullptr && known->kind == DraftKind::bridge;
  warn_of_traps(call);
  warn_of_nothing_done(call, made);
  ++call.telling.calls_of_network_bridge;
  auto& bridge = draft.bridge(call.bridge, call.at);
  ask_for_antispoof(call);
  if (made && has_other_ports(bridge, call.port()))
    return draft.lose(call.at,
                      bridge.name + " has a port already: " + call.port() + " is none of its",
                      bridge.name);
  if (!made) {
    draft.set(bridge, Owner::bridge, "stp", "0", call.at);
    draft.set(bridge, Owner::bridge, "forward_delay", "0", call.at);
    bridge.takes_over = true;
  }
  join(bridge, call.port(), call.at, call.telling);
}

}  // namespace

void tell_network_bridge(const ScriptCommand& command, Telling& telling) {
  Call call{.at = command.at, .telling = telling, .draft = telling.draft};
  take_words(Words(command.words), call);
  if (is_one_of(call.operation, "status stop") || call.bridge == "null") return;
  if (!call.operation.empty()) return start(call);
  telling.draft.warn(command.at, "network-bridge is told neither start nor stop, and did nothing");
}

}  // namespace vifchain::inline convert
