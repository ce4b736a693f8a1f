// SPDX-License-Identifier: Apache-2.0
#include "core/plan/plan.hpp"

#include <algorithm>

#include "core/plan/compare.hpp"
#include "core/plan/completed_desired.hpp"
#include "core/plan/effect.hpp"
#include "core/plan/obstacles.hpp"

namespace vifchain::inline core::inline plan {
namespace {

bool needs(When when, const Options& options) {
  return std::ranges::any_of(options, [&](const auto& entry) {
    const When required = spec(entry.first).when;
    return required == when || required == When::down_without_ports;
  });
}

// Walks the desired state from the lowest link up. Each step is let take effect on `now()` at once,
// so a later decision sees what the kernel did besides what it was told.
class Planner {
 public:
  Planner(const Desired& desired, const Actual& actual)
      : desired_(desired), before_(actual), going_(links_to_delete(desired, actual)) {
    wanted_ = completed_desired(desired, actual, going_);
    emptied_ = bonds_to_empty(desired, actual);
    for (auto& [name, want] : wanted_)
      if (loses_all_ports(name) && !want.mac) want.mac = before_.at(name).mac;
  }

  Plan run() && {
    let_go();
    take_away();
    const auto order = lower_first(footings());
    // What one link does to another (MTUs pushed and dragged, VLAN links raised with their parent)
    // is put right in a second round; a third would only repeat a contradiction in the desired
    // state.
    for (int round = 0; round < 3; ++round) {
      const auto steps = plan_.steps.size();
      for (const auto& name : order)
        if (wanted_.contains(name)) settle(wanted_.at(name));
      if (plan_.steps.size() == steps) break;
    }
    return std::move(plan_);
  }

 private:
  // Who stands on whom: the desired state, and below and between its links those that it does not
  // name or takes as they are.
  [[nodiscard]] Footings footings() const {
    Footings links = footings_of(wanted_);
    for (const auto& [name, have] : before_) {
      if (going_.contains(name)) continue;
      const Footing found = footing_of(have);
      Footing& footing = links.emplace(name, found).first->second;
      const auto want = wanted_.find(name);
      if (want != wanted_.end() && is_given(want->second)) footing.parent = found.parent;
    }
    return links;
  }

  // A bond of ours that stays but loses every port it has gets a random MAC (__bond_release_one).
  [[nodiscard]] bool loses_all_ports(const LinkName& bond) const {
    const auto have = before_.find(bond);
    if (have == before_.end() || !have->second.ours || going_.contains(bond) ||
        !std::holds_alternative<Bond>(have->second.kind))
      return false;
    bool had_ports = false;
    for (const auto& [name, link] : before_) {
      if (link.controller != bond) continue;
      had_ports = true;
      if (!emptied_.contains(bond) && !going_.contains(name) && stays_port(name, bond))
        return false;
    }
    return had_ports;
  }

  [[nodiscard]] bool stays_port(const LinkName& port, const LinkName& bond) const {
    const auto want = wanted_.find(port);
    return want == wanted_.end() || want->second.controller == bond;
  }

  void say(Op op, std::string because, Impact impact = Impact::hot) {
    if (!changed_) changed_ = before_;
    take_effect(*changed_, op);
    plan_.steps.push_back({std::move(op), std::move(because), impact});
  }

  [[nodiscard]] Impact if_it_was_up(const LinkName& name) const {
    const auto have = before_.find(name);
    const bool served = have != before_.end() && have->second.up == true && have->second.ours;
    return served ? Impact::link_down : Impact::hot;
  }

  void let_go() {
    for (const auto& [name, want] : wanted_) {
      const auto have = now().find(name);
      if (have == now().end() || going_.contains(name) || !have->second.controller) continue;
      const LinkName controller = *have->second.controller;
      if (going_.contains(controller)) continue;  // deletion frees it
      if (!want.keep_controller && want.controller != controller) {
        go_down_behind_filter(have->second);
        say(Leave{name}, "it is no port of " + controller.str(), Impact::ports_removed);
      } else if (emptied_.contains(controller))
        say(Leave{name}, controller.str() + " changes an option that it only takes without ports",
            Impact::ports_removed);
    }
  }

  // Its filter may be another one by the time that it is up again.
  void go_down_behind_filter(const Link& port) {
    if (is_filtered(port) && port.up != false)
      say(SetDown{port.name}, "it changes places behind its filter", Impact::ports_removed);
  }

  void take_away() {
    if (going_.empty()) return;
    auto order = lower_first(footings_of(now()));
    std::ranges::reverse(order);
    for (const auto& name : order) {
      if (!going_.contains(name)) continue;
      const std::string because =
          wanted_.contains(name) ? "it must be made anew" : "it is not wanted";
      drop_rules(name);
      free_ports_that_change_ipv6(name);
      say(Delete{name}, because, Impact::recreates);
    }
  }

  // A port that leaves its bond gains or loses IPv6 by its own MTU. One whose bond is deleted gets
  // that MTU too, and nobody hears of it (__dev_set_mtu in __bond_release_one).
  void free_ports_that_change_ipv6(const LinkName& bond) {
    if (!std::holds_alternative<Bond>(now().at(bond).kind)) return;
    std::vector<LinkName> ports;
    for (const auto& [name, link] : now()) {
      const auto want = wanted_.find(name);
      const bool narrow = !has_mtu6(link) || (want != wanted_.end() && !has_mtu6(want->second));
      if (link.controller == bond && narrow) ports.push_back(name);
    }
    for (const auto& port : ports)
      say(Leave{port}, "its own MTU decides whether it has IPv6", Impact::recreates);
  }

  // They would outlive their bond. Until it is gone no frame passes it without them.
  void drop_rules(const LinkName& bond) {
    const Link& have = now().at(bond);
    if (!have.slb || *have.slb == SlbRules{}) return;
    if (have.up != false) say(SetDown{bond}, "its rules go before it does", Impact::recreates);
    say(SetSlb{bond, {}}, "it goes");
  }

  void settle(const Link& want) {
    if (!now().contains(want.name)) make(want);
    if (want.slb && want.slb->ports.empty()) settle_rules(want);
    settle_options(want);
    settle_rules(want);
    settle_filter(want);
    settle_addresses(want);
    settle_mac(want);
    settle_mtu(want);
    settle_rate(want);
    settle_ipv6(want);
    settle_controller(want);
    settle_port(want);
    settle_addresses(want, true);
    settle_routes(want);
    if (want.up == false && now(want).up != false)
      say(SetDown{want.name}, "it is wanted down", if_it_was_up(want.name));
  }

  [[nodiscard]] const Actual& now() const { return changed_ ? *changed_ : before_; }
  [[nodiscard]] const Link& now(const Link& want) const { return now().at(want.name); }

  void make(const Link& want) {
    Link link = want;
    options_of(link) = writable_options(want, nullptr);
    if (std::holds_alternative<Bond>(link.kind)) options_of(link) = first_of(options_of(link));
    const bool more_first =
        want.addr_gen || want.apart == true || want.vlans || want.fdb || !want.port.empty();
    link.up = want.up == true && has_ground(want) && !more_first;
    const bool remade = going_.contains(want.name);
    if (!link.birth.mac && remade && parent_of(want) == nullptr)
      link.birth.mac = before_.at(want.name).mac;
    say(Create{std::move(link)}, remade ? "it is wanted otherwise than it was" : "it is missing",
        remade ? Impact::recreates : Impact::hot);
  }

  void settle_options(const Link& want) {
    // Some options change others (a mode resets arp_validate, miimon scales the delays), so what
    // still differs is set again.
    for (int round = 0; round < 3; ++round) {
      Options options = lacking(writable_options(want, &now(want)), options_of(now(want)));
      if (options.empty()) return;
      if (needs(When::down, options) && now(want).up != false)
        say(SetDown{want.name}, "some of its options only change while it is down",
            if_it_was_up(want.name));
      say(SetOptions{want.name, first_of(std::move(options))}, "they differ from what is wanted");
    }
  }

  // What of the options goes into the first message. The kernel takes forward_delay before stp and
  // then refuses a delay that is only legal without STP (br_changelink): STP goes off in a message
  // of its own. A bond may have miimon and arp_validate, but not by one message (bond_changelink).
  static Options first_of(Options options) {
    const auto off = [&](Option option) {
      const auto found = options.find(option);
      return found == options.end() || found->second == Value{std::int64_t{0}};
    };
    if (options.contains(Option::bridge_stp) && off(Option::bridge_stp))
      return {*options.find(Option::bridge_stp)};
    if (!off(Option::bond_miimon) && !off(Option::bond_arp_validate))
      options.erase(Option::bond_arp_validate);
    return options;
  }

  // In place before the ports join. A bond that is to have none loses them before it is told to do
  // without, so that whoever finds it half done sees by its options whether to look for rules.
  void settle_rules(const Link& want) {
    auto ports = slb_change(want, now(want));
    if (!ports) return;
    say(SetSlb{want.name, std::move(*ports)}, "they differ from what is wanted");
  }

  // In place before the port joins, and changed where it has left (let_go); also where the kernel
  // does not say what there is, so that nothing joins that cannot be filtered.
  void settle_filter(const Link& want) {
    if (auto filter = filter_change(want, now(want)))
      say(SetFilter{want.name, *filter}, filter_in_words(*now(want).filter, *filter));
    else if (is_filtered(want) && !now(want).filter && want.controller &&
             now(want).controller != want.controller)
      say(SetFilter{want.name, *want.filter}, "whether it is there cannot be told");
  }

  // What waits in a queue depends on the MTU.
  void settle_rate(const Link& want) {
    if (const auto rate = rate_change(want, now(want)))
      say(SetRate{want.name, *rate},
          now(want).rate ? "it is limited otherwise than wanted" : "its queue is for another MTU");
  }

  // An IPv6 address that has an end gets the route to its network only where the link is up
  // (addrconf_permanent_addr makes up for the others when that comes).
  void settle_addresses(const Link& want, bool last = false) {
    auto change = address_change(want, now(want));
    if (!last && now(want).up != true && want.up == true)
      std::erase_if(change.add,
                    [](const LinkAddress& a) { return a.address.v6 && a.traits.valid; });
    if (change.empty()) return;
    say(SetAddresses{want.name, std::move(change.add), std::move(change.remove)},
        "its addresses differ from what is wanted");
  }

  // Before the link is up for the first time, and before it has ports.
  void settle_ipv6(const Link& want) {
    if (apart_differs(want, now(want)))
      say(SetApart{want.name, *want.apart},
          *want.apart ? "the file gives this host no address on it" : "this host lives on it");
    if (addr_gen_differs(want, now(want)))
      say(SetAddrGen{want.name, *want.addr_gen, link_local_now(want), want.secret},
          *want.addr_gen != AddrGen::none ? "it is to have IPv6 addresses of its own"
          : want.controller               ? "a port has no IPv6 address of its own"
                                          : "it is to have no IPv6 address of its own");
    if (ra_differs(want, now(want)))
      say(SetRa{want.name, *want.ra}, *want.ra ? "this host takes its IPv6 from them there"
                                               : "nobody there configures this host");
  }

  // Routes want their link up, and the addresses that lead to their gateways.
  void settle_routes(const Link& want) {
    if (now(want).up != true) return;
    auto change = route_change(want, now(want));
    if (change.empty()) return;
    say(SetRoutes{want.name, std::move(change.add), std::move(change.remove)},
        "they differ from what is wanted");
  }

  void settle_mac(const Link& want) {
    if (want.mac && now(want).mac != want.mac && takes_mac(want, now(want)))
      say(SetMac{want.name, *want.mac}, "its MAC is not the wanted one");
  }

  // A port of a bond takes the bond's MTU when it joins.
  [[nodiscard]] bool bond_gives_mtu(const Link& want) const {
    if (!want.controller || now(want).controller == want.controller) return false;
    const auto bond = wanted_.find(*want.controller);
    return bond != wanted_.end() && std::holds_alternative<Bond>(bond->second.kind) &&
           bond->second.mtu == want.mtu;
  }

  // A VLAN link is at most as wide as what carries it.
  void settle_mtu(const Link& want) {
    if (const auto* parent = parent_of(want); parent != nullptr && wanted_.contains(*parent))
      settle_mtu(wanted_.at(*parent));
    if (!want.mtu || now(want).mtu == want.mtu || bond_gives_mtu(want)) return;
    say(SetMtu{want.name, *want.mtu},
        now(want).mtu ? "its MTU is " + std::to_string(*now(want).mtu) : "its MTU was let go");
  }

  // The one of its MAC, which is there while the link is up.
  [[nodiscard]] std::optional<IpAddress> link_local_now(const Link& want) const {
    const Link& have = now(want);
    const bool plain = want.addr_gen == AddrGen::none || want.addr_gen == AddrGen::eui64;
    return plain && have.up == true && have.mac ? std::optional(link_local_of(*have.mac))
                                                : std::nullopt;
  }

  // A bond takes no link that is up, and into a bridge no frame may pass before its port is as it
  // is wanted. Where nothing of that matters the link stays up: at a switch that runs STP it would
  // be deaf for half a minute.
  [[nodiscard]] bool joins_down(const Link& want) const {
    const bool to_bond = want.controller &&
                         (is_bond(wanted_, *want.controller) || is_bond(before_, *want.controller));
    return to_bond || !want.port.empty() || want.vlans || want.fdb || want.mac;
  }

  void settle_controller(const Link& want) {
    if (want.keep_controller || !want.controller || now(want).controller == want.controller) return;
    if (now(want).up != false && joins_down(want))
      say(SetDown{want.name}, "a link joins while it is down");
    say(Join{want.name, *want.controller}, "it is a port of " + want.controller->str());
  }

  // Entries go before their VLANs do, and come after them.
  void settle_port(const Link& want) {
    remove_fdb_surplus(want);
    settle_vlans(want);
    add_fdb_lack(want);
    const auto& controller = now(want).controller;
    const auto found = controller ? now().find(*controller) : now().end();
    const Link* above = found == now().end() ? nullptr : &found->second;
    Options options = lacking(writable_port_options(want, above), now(want).port);
    const bool raise = want.up == true && now(want).up != true && can_be_up(want);
    if (!options.empty())
      say(SetPort{want.name, std::move(options), raise}, "its port options differ");
    else if (raise)
      say(SetUp{want.name}, "it is down");
  }

  // What carries the link is up, or need not be.
  [[nodiscard]] bool has_ground(const Link& want) const {
    const auto have = now().find(want.name);
    const auto* parent = parent_of(have != now().end() ? have->second : want);
    return parent == nullptr || !now().contains(*parent) || now().at(*parent).up == true;
  }

  // Where the desired state itself says up, obstacles() has seen that it can be; where it only was
  // up before, it is up again if what carries it is.
  [[nodiscard]] bool can_be_up(const Link& want) const {
    return desired_.at(want.name)->up == true || has_ground(want);
  }

  void settle_vlans(const Link& want) {
    if (!want.vlans) return;
    // A fresh port's membership comes from the bridge's default PVID, which is VLAN 1 unless the
    // bridge says otherwise: taken away before anything is added.
    const auto have = now(want).vlans.value_or(default_membership(want));
    auto change = vlan_change(*want.vlans, have);
    if (change.empty()) return;
    say(SetVlans{want.name, std::move(change.add), std::move(change.remove)},
        "its VLANs differ from what is wanted");
  }

  void remove_fdb_surplus(const Link& want) {
    if (!want.fdb) return;
    auto surplus = fdb_surplus(*want.fdb, now(want));
    if (surplus.empty()) return;
    say(SetFdb{want.name, {}, std::move(surplus)}, "they are not wanted");
  }

  void add_fdb_lack(const Link& want) {
    if (!want.fdb) return;
    auto lack = fdb_lack(*want.fdb, now(want));
    if (lack.empty()) return;
    say(SetFdb{want.name, std::move(lack), {}}, "they are missing");
  }

  [[nodiscard]] std::vector<PortVlan> default_membership(const Link& want) const {
    if (!want.controller || !now().contains(*want.controller)) return {};
    const auto& options = options_of(now().at(*want.controller));
    const auto pvid = options.find(Option::bridge_vlan_default_pvid);
    const auto number = pvid == options.end() ? 1 : std::get<std::int64_t>(pvid->second);
    const auto id = VlanId::from(number);
    if (!id) return {};
    return {PortVlan{*id, true, true}};
  }

  const Desired& desired_;
  const Actual& before_;
  std::optional<Actual> changed_;  // since the first step; where nothing differs nothing is copied
  std::set<LinkName> going_;
  std::set<LinkName> emptied_;
  Actual wanted_;
  Plan plan_;
};

}  // namespace

Plan make_plan(const Desired& desired, const Actual& actual) {
  if (auto conflicts = obstacles(desired, actual); !conflicts.empty())
    return {.steps = {}, .conflicts = std::move(conflicts)};
  return Planner(desired, actual).run();
}

}  // namespace vifchain::inline core::inline plan
