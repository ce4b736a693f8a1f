// SPDX-License-Identifier: Apache-2.0
#include "core/plan/desired.hpp"

#include <algorithm>

#include "core/plan/compare.hpp"
#include "core/text/hash.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// What of a desired bridge says that this host has no place on it. A port's way to make
// addresses is another matter.
void leave_host_as_it_is(Link& bridge, std::optional<bool> apart) {
  bridge.apart = apart;
  if (bridge.ra == false) bridge.ra.reset();
  if (!bridge.controller) bridge.addr_gen.reset();
}

class Composer {
 public:
  Composer(const Actual& links, const std::map<LinkName, std::vector<LinkName>>& ports,
           const Actual& actual, const std::function<std::string()>& machine_id)
      : links_(links), ports_(ports), actual_(actual), machine_id_(machine_id) {}

  DesiredChain compose() {
    for (const auto& [name, link] : links_) desired_.links.emplace(name, link);
    for (auto& [name, link] : desired_.links)
      if (std::holds_alternative<Given>(link->kind) && !link->controller)
        link->keep_controller = true;
    for (const auto& [name, ports] : ports_)
      if (std::holds_alternative<Bond>(links_.at(name).kind)) drop_missing_ports(name, ports);
    for (auto& [name, link] : desired_.links) give_mac(*link);
    for (auto& [name, link] : desired_.links)
      if (std::holds_alternative<Bond>(link->kind) && !link->slb) link->slb.emplace();
    for (auto& [name, link] : desired_.links) leave_ports_of_others(*link);
    for (auto& [name, link] : desired_.links) want_no_guest(*link);
    for (auto& [name, link] : desired_.links) leave_bridges_of_others(*link);
    return std::move(desired_);
  }

 private:
  // The hardware has another address than netback, and whoever attaches a tap, gives to guests'
  // ports: a NIC of the file is none of these.
  void want_no_guest(Link& link) const {
    const auto have = actual_.find(link.name);
    if (have == actual_.end() || !is_given(link) || link.mac) return;
    if (std::holds_alternative<Given>(have->second.kind) && have->second.mac == vif_mac)
      link.permanent_mac = Mac{};
  }

  void drop_missing_ports(const LinkName& bond, const std::vector<LinkName>& ports) {
    const auto here = [&](const LinkName& port) {
      return actual_.contains(port) || !std::holds_alternative<Given>(links_.at(port).kind);
    };
    if (std::ranges::none_of(ports, here)) return;  // the planner will say that they are missing
    for (const auto& port : ports)
      if (!here(port)) drop_port(bond, port);
  }

  void drop_port(const LinkName& bond, const LinkName& port) {
    desired_.links.erase(port);
    desired_.notes.push_back(port.str() + " is not on this host; " + bond.str() +
                             " goes without it");
    auto& options = options_of(*desired_.links.at(bond));
    if (auto& slb = desired_.links.at(bond)->slb) std::erase(slb->ports, port);
    const auto primary = options.find(Option::bond_primary);
    if (primary != options.end() && primary->second == Value{port}) options.erase(primary);
  }

  // A port that stands where somebody else put it keeps its way to make IPv6 addresses.
  void leave_ports_of_others(Link& link) const {
    const auto have = actual_.find(link.name);
    if (have == actual_.end() || !link.controller || have->second.controller != link.controller)
      return;
    const auto controller = actual_.find(*link.controller);
    if (controller != actual_.end() && !controller->second.ours) link.addr_gen.reset();
  }

  // Nor does anybody but the file say who lives on a bridge that somebody else made; and one of
  // ours to which others gave addresses has this host on it.
  void leave_bridges_of_others(Link& link) const {
    const auto have = actual_.find(link.name);
    if (have == actual_.end() || !std::holds_alternative<Bridge>(link.kind)) return;
    const auto addresses = have->second.addresses.value_or(std::vector<LinkAddress>{});
    if (!have->second.ours)
      leave_host_as_it_is(link, std::nullopt);
    else if (!std::ranges::all_of(addresses, [](const LinkAddress& a) { return is_ours(a); }))
      leave_host_as_it_is(link, false);
  }

  void give_mac(Link& link) {
    const bool bond_or_bridge =
        std::holds_alternative<Bond>(link.kind) || std::holds_alternative<Bridge>(link.kind);
    if (!bond_or_bridge || link.birth.mac || link.mac || actual_.contains(link.name)) return;
    link.birth.mac = mac_from_below(link.name);
    if (!link.birth.mac) link.birth.mac = stable_mac(machine_id_(), link.name);
  }

  // The MAC of the first NIC at the foot of the link, nothing when no NIC is below it.
  [[nodiscard]] std::optional<Mac> mac_from_below(const LinkName& name) const {
    const auto wanted = links_.find(name);
    if (wanted == links_.end()) return std::nullopt;
    if (std::holds_alternative<Given>(wanted->second.kind)) return mac_of_given(name);
    if (const auto* parent = parent_of(wanted->second)) return mac_from_below(*parent);
    const auto ports = ports_.find(name);
    if (ports == ports_.end()) return std::nullopt;
    for (const auto& port : ports->second)
      if (const auto mac = mac_from_below(port)) return mac;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Mac> mac_of_given(const LinkName& name) const {
    const auto here = actual_.find(name);
    if (here == actual_.end()) return std::nullopt;
    return here->second.permanent_mac ? here->second.permanent_mac : here->second.mac;
  }

  const Actual& links_;
  const std::map<LinkName, std::vector<LinkName>>& ports_;
  const Actual& actual_;
  const std::function<std::string()>& machine_id_;
  DesiredChain desired_;
};

// With a last mixing step, so that one letter changes all bytes.
std::uint64_t mixed_hash(const std::string& text) {
  std::uint64_t h = hash(text);
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  return h ^ (h >> 33);
}

bool decides_which_frames_pass(Option option) {
  switch (option) {
    case Option::bridge_stp:
    case Option::bridge_vlan_filtering:
    case Option::bridge_vlan_protocol:
    case Option::bridge_vlan_default_pvid:
    case Option::vlan_reorder_hdr:
      return true;
    default:
      return false;
  }
}

}  // namespace

DesiredChain desired_for(const Chain& chain, const Actual& actual,
                         const std::function<std::string()>& machine_id) {
  return Composer(chain.links, chain.ports, actual, machine_id).compose();
}

DesiredChain desired_for(const Stack& stack, const Actual& actual,
                         const std::function<std::string()>& machine_id) {
  return Composer(stack.links, stack.ports, actual, machine_id).compose();
}

void keep_traffic(DesiredChain& desired, const Actual& actual) {
  for (auto& [name, want] : desired.links) {
    const auto have = actual.find(name);
    if (!want || have == actual.end() || !have->second.ours || must_be_remade(*want, have->second))
      continue;
    // One that is down carries nobody, and may be what a run that was killed has left.
    if (std::holds_alternative<Bridge>(want->kind) && have->second.up.value_or(true))
      leave_host_as_it_is(*want, std::nullopt);
    const auto& found = options_of(have->second);
    for (const auto& [option, value] : lacking(writable_options(*want, &have->second), found)) {
      if (spec(option).when == When::any && !decides_which_frames_pass(option)) continue;
      const std::string key(spec(option).key);
      const std::string is = found.contains(option) ? show(option, found.at(option)) : "unset";
      desired.notes.push_back(name.str() + " keeps " + key + " " + is + ", " + show(option, value) +
                              " is wanted: to change it could interrupt other guests");
      options_of(*want).erase(option);
      if (option == Option::bond_mode) want->slb.reset();  // the rules are those of another mode
    }
  }
}

Mac stable_mac(const std::string& machine_id, const LinkName& name) {
  const std::uint64_t h = mixed_hash(machine_id + "/" + name.str());
  Mac mac;
  for (std::size_t i = 0; i < mac.bytes.size(); ++i)
    mac.bytes[i] = static_cast<std::uint8_t>(h >> (8 * i));
  mac.bytes[0] = static_cast<std::uint8_t>((mac.bytes[0] & 0xfc) | 0x02);
  return mac;
}

}  // namespace vifchain::inline core::inline plan
