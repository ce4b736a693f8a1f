// SPDX-License-Identifier: Apache-2.0
#include "core/plan/desired.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/compare.hpp"
#include "core/plan/leave_out.hpp"
#include "core/plan/obstacles.hpp"
#include "core/text/find.hpp"
#include "core/text/hash.hpp"
#include "core/text/problem.hpp"

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
    for (const auto& [name, link] : links_) {
      auto& want = desired_.links.emplace(name, link).first->second;
      if (is_given(link) && !link.controller) want->keep_controller = true;
    }
    for (const auto& [name, ports] : ports_)
      if (is<Bond>(links_.at(name))) drop_missing_ports(name, ports);
    for (auto& [name, link] : desired_.links) {
      give_mac(*link);
      if (is<Bond>(*link) && !link->slb) link->slb.emplace();
      leave_ports_of_others(*link);
      want_no_guest(*link);
      leave_bridges_of_others(*link);
    }
    return std::move(desired_);
  }

 private:
  // The hardware has another address than netback, and whoever attaches a tap, gives to guests'
  // ports: a NIC of the file is none of these.
  void want_no_guest(Link& link) const {
    const Link* have = link_in(actual_, link.name);
    if (is<Given>(have) && have->mac == vif_mac && is_given(link) && !link.mac)
      link.permanent_mac = Mac{};
  }

  void drop_missing_ports(const LinkName& bond, const std::vector<LinkName>& ports) {
    const auto here = [&](const LinkName& port) {
      return actual_.contains(port) || !is<Given>(links_.at(port));
    };
    if (std::ranges::none_of(ports, here)) return;  // the planner will say that they are missing
    for (const auto& port : ports)
      if (!here(port)) drop_port(bond, port);
  }

  void drop_port(const LinkName& bond, const LinkName& port) {
    desired_.links.erase(port);
    desired_.notes.push_back(in_words({port, no_such_link, bond}));
    forget_port(*desired_.links.at(bond), port);
  }

  // A port that stands where somebody else put it keeps its way to make IPv6 addresses.
  void leave_ports_of_others(Link& link) const {
    const Link* have = link_in(actual_, link.name);
    if (have == nullptr || !link.controller || have->controller != link.controller) return;
    const Link* controller = link_in(actual_, *link.controller);
    if (controller != nullptr && !controller->ours) link.addr_gen.reset();
  }

  // Nor does anybody but the file say who lives on a bridge that somebody else made; and one of
  // ours to which others gave addresses has this host on it.
  void leave_bridges_of_others(Link& link) const {
    const Link* have = link_in(actual_, link.name);
    if (have == nullptr || !is<Bridge>(link)) return;
    const auto is_own = [](const LinkAddress& a) { return is_ours(a); };
    if (!have->ours)
      leave_host_as_it_is(link, std::nullopt);
    else if (!std::ranges::all_of(addresses_of(*have), is_own))
      leave_host_as_it_is(link, false);
  }

  void give_mac(Link& link) {
    if (!(is<Bond>(link) || is<Bridge>(link)) || link.birth.mac || link.mac ||
        actual_.contains(link.name))
      return;
    link.birth.mac = mac_from_below(link.name);
    if (!link.birth.mac) link.birth.mac = stable_mac(machine_id_(), link.name);
  }

  // The MAC of the first NIC at the foot of the link, nothing when no NIC is below it.
  [[nodiscard]] std::optional<Mac> mac_from_below(const LinkName& name) const {
    const Link* wanted = link_in(links_, name);
    if (wanted == nullptr) return std::nullopt;
    if (is_given(*wanted)) return mac_of_given(name);
    if (const auto* parent = parent_of(*wanted)) return mac_from_below(*parent);
    for (const auto& port : value_in(ports_, name))
      if (const auto mac = mac_from_below(port)) return mac;
    return std::nullopt;
  }

  [[nodiscard]] std::optional<Mac> mac_of_given(const LinkName& name) const {
    const Link* here = link_in(actual_, name);
    if (here == nullptr) return std::nullopt;
    return here->permanent_mac ? here->permanent_mac : here->mac;
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
  return option == Option::bridge_stp || option == Option::bridge_vlan_filtering ||
         option == Option::bridge_vlan_protocol || option == Option::bridge_vlan_default_pvid ||
         option == Option::vlan_reorder_hdr;
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
    const Link* have = link_in(actual, name);
    if (!want || have == nullptr || !have->ours || must_be_remade(*want, *have)) continue;
    // One that is down carries nobody, and may be what a run that was killed has left.
    if (is<Bridge>(*want) && have->up.value_or(true)) leave_host_as_it_is(*want, std::nullopt);
    const auto& found = options_of(*have);
    for (const auto& [option, value] : lacking(writable_options(*want, have), found)) {
      if (spec(option).when == When::any && !decides_which_frames_pass(option)) continue;
      const auto* old = find_in(found, option);
      desired.notes.push_back(
          problem(name.str() + ": " + std::string(spec(option).key) + " stays " +
                      (old == nullptr ? "unset" : show(option, *old)) + " (file has " +
                      show(option, value) + "), changing it could interrupt guests",
                  "vifchain apply"));
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
