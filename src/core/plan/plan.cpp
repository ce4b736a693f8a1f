// SPDX-License-Identifier: Apache-2.0
#include "core/plan/plan.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/compare.hpp"
#include "core/plan/completed_desired.hpp"
#include "core/plan/effect.hpp"
#include "core/plan/in_words.hpp"
#include "core/plan/obstacles.hpp"

namespace vifchain::inline core::inline plan {
namespace {

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
  using Entries = std::vector<FdbEntry>;

  // Who stands on whom: the desired state, and below and between its links those that it does not
  // name or takes as they are.
  [[nodiscard]] Footings footings() const {
    Footings links = footings_of(wanted_);
    for (const auto& [name, have] : before_) {
      if (going_.contains(name)) continue;
      const Footing found = footing_of(have);
      Footing& footing = links.emplace(name, found).first->second;
      if (is<Given>(link_in(wanted_, name))) footing.parent = found.parent;
    }
    return links;
  }

  // A bond of ours that stays but loses every port it has gets a random MAC (__bond_release_one).
  [[nodiscard]] bool loses_all_ports(const LinkName& bond) const {
    const Link* have = link_in(before_, bond);
    if (!is<Bond>(have) || !have->ours || going_.contains(bond)) return false;
    bool had_ports = false;
    for (const auto& [name, link] : before_) {
      if (link.controller != bond) continue;
      had_ports = true;
      const Link* want = link_in(wanted_, name);
      if (!emptied_.contains(bond) && !going_.contains(name) &&
          (want == nullptr || want->controller == bond))
        return false;
    }
    return had_ports;
  }

  void say(Op op, std::string because, Impact impact = Impact::hot) {
    if (!changed_) changed_ = before_;
    take_effect(*changed_, op);
    plan_.steps.push_back({std::move(op), std::move(because), impact});
  }

  [[nodiscard]] Impact if_it_was_up(const LinkName& name) const {
    const Link* have = link_in(before_, name);
    return have != nullptr && have->up == true && have->ours ? Impact::link_down : Impact::hot;
  }

  void let_go() {
    for (const auto& [name, want] : wanted_) {
      const Link* have = link_in(now(), name);
      if (have == nullptr || going_.contains(name) || !have->controller) continue;
      const LinkName controller = *have->controller;
      if (going_.contains(controller)) continue;  // deletion frees it
      if (!want.keep_controller && want.controller != controller) {
        // Its filter may be another one by the time that it is up again.
        if (is_filtered(*have) && have->up != false)
          say(SetDown{name}, "its filter changes only while it is down", Impact::ports_removed);
        say(Leave{name},
            want.controller ? "moves from " + controller.str() + " to " + want.controller->str()
                            : "no longer a port of " + controller.str(),
            Impact::ports_removed);
      } else if (emptied_.contains(controller)) {
        say(Leave{name}, controller.str() + " changes an option that it only takes without ports",
            Impact::ports_removed);
      }
    }
  }

  void take_away() {
    if (going_.empty()) return;
    auto order = lower_first(footings_of(now()));
    std::ranges::reverse(order);
    for (const auto& name : order) {
      if (!going_.contains(name)) continue;
      drop_rules(name);
      free_ports_that_change_ipv6(name);
      say(Delete{name},
          wanted_.contains(name) ? "recreated with the new settings" : no_longer_needed,
          Impact::recreates);
    }
  }

  // A port that leaves its bond gains or loses IPv6 by its own MTU. One whose bond is deleted gets
  // that MTU too, and nobody hears of it (__dev_set_mtu in __bond_release_one).
  void free_ports_that_change_ipv6(const LinkName& bond) {
    if (!is<Bond>(now().at(bond))) return;
    std::vector<LinkName> ports;
    for (const auto& [name, link] : now()) {
      const Link* want = link_in(wanted_, name);
      const bool narrow = !has_mtu6(link) || (want != nullptr && !has_mtu6(*want));
      if (link.controller == bond && narrow) ports.push_back(name);
    }
    for (const auto& port : ports)
      say(Leave{port}, "its own MTU decides on IPv6", Impact::recreates);
  }

  // They would outlive their bond. Until it is gone no frame passes it without them.
  void drop_rules(const LinkName& bond) {
    const Link& have = now().at(bond);
    if (!have.slb || *have.slb == SlbRules{}) return;
    if (have.up != false)
      say(SetDown{bond}, "deleted after its balance-slb rules", Impact::recreates);
    say(SetSlb{bond, {}}, bond.str() + " is deleted");
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
      say(SetDown{want.name}, "restored, was down before vifchain used it",
          if_it_was_up(want.name));
  }

  [[nodiscard]] const Actual& now() const { return changed_ ? *changed_ : before_; }
  [[nodiscard]] const Link& now(const Link& want) const { return now().at(want.name); }

  void make(const Link& want) {
    Link link = want;
    options_of(link) = writable_options(want, nullptr);
    if (is<Bond>(link)) options_of(link) = first_of(options_of(link));
    const bool more_first =
        want.addr_gen || want.apart == true || want.vlans || want.fdb || !want.port.empty();
    link.up = want.up == true && has_ground(want) && !more_first;
    const bool remade = going_.contains(want.name);
    if (!link.birth.mac && remade && parent_of(want) == nullptr)
      link.birth.mac = before_.at(want.name).mac;
    say(Create{std::move(link)}, remade ? "recreated with the new settings" : missing,
        remade ? Impact::recreates : Impact::hot);
  }

  void settle_options(const Link& want) {
    // Some options change others (a mode resets arp_validate, miimon scales the delays), so what
    // still differs is set again.
    for (int round = 0; round < 3; ++round) {
      Options options = lacking(writable_options(want, &now(want)), options_of(now(want)));
      if (options.empty()) return;
      const auto offline = offline_keys(options);
      if (!offline.empty() && now(want).up != false)
        say(SetDown{want.name}, offline + " changes only while " + want.name.str() + " is down",
            if_it_was_up(want.name));
      options = first_of(std::move(options));
      auto because = from_to(options, options_of(now(want)));
      say(SetOptions{want.name, std::move(options)}, std::move(because));
    }
  }

  // What of the options goes into the first message. The kernel takes forward_delay before stp and
  // then refuses a delay that is only legal without STP (br_changelink): STP goes off in a message
  // of its own. A bond may have miimon and arp_validate, but not by one message (bond_changelink).
  static Options first_of(Options options) {
    const auto off = [&](Option option) { return integer(options, option).value_or(0) == 0; };
    if (options.contains(Option::bridge_stp) && off(Option::bridge_stp))
      return {*options.find(Option::bridge_stp)};
    if (!off(Option::bond_miimon) && !off(Option::bond_arp_validate))
      options.erase(Option::bond_arp_validate);
    return options;
  }

  // In place before the ports join. A bond that is to have none loses them before it is told to do
  // without, so that whoever finds it half done sees by its options whether to look for rules.
  void settle_rules(const Link& want) {
    if (auto ports = slb_change(want, now(want)))
      say(SetSlb{want.name, *ports},
          from_to("balance-slb rules", show_rules(*now(want).slb), show_names(*ports)));
  }

  // In place before the port joins, and changed where it has left (let_go); also where the kernel
  // does not say what there is, so that nothing joins that cannot be filtered.
  void settle_filter(const Link& want) {
    if (auto filter = filter_change(want, now(want)))
      say(SetFilter{want.name, *filter}, filter_in_words(*now(want).filter, *filter));
    else if (is_filtered(want) && !now(want).filter && want.controller &&
             now(want).controller != want.controller)
      say(SetFilter{want.name, *want.filter}, "its present filter is unknown");
  }

  // What waits in a queue depends on the MTU.
  void settle_rate(const Link& want) {
    if (const auto rate = rate_change(want, now(want)))
      say(SetRate{want.name, *rate},
          now(want).rate ? from_to("receive_rate", show_limit(*now(want).rate), show_limit(*rate))
                         : "its queue was for another MTU");
  }

  // An IPv6 address that has an end gets the route to its network only where the link is up
  // (addrconf_permanent_addr makes up for the others when that comes).
  void settle_addresses(const Link& want, bool last = false) {
    auto change = address_change(want, now(want));
    if (!last && now(want).up != true && want.up == true)
      std::erase_if(change.add, [](const LinkAddress& a) { return is_v6(a) && a.traits.valid; });
    if (change.empty()) return;
    auto why = why_changed(want.name, change, before_, wanted_, addresses_of);
    say(SetAddresses{want.name, std::move(change.add), std::move(change.remove)}, std::move(why));
  }

  // Routes want their link up, and the addresses that lead to their gateways.
  void settle_routes(const Link& want) {
    if (now(want).up != true) return;
    auto change = route_change(want, now(want));
    if (change.empty()) return;
    auto why = why_changed(want.name, change, before_, wanted_, routes_of);
    say(SetRoutes{want.name, std::move(change.add), std::move(change.remove)}, std::move(why));
  }

  // Before the link is up for the first time, and before it has ports.
  void settle_ipv6(const Link& want) {
    const Link& have = now(want);
    const std::string name = want.name.str();
    if (apart_differs(want, have))
      say(SetApart{want.name, *want.apart},
          "this host has " + std::string(*want.apart ? "no" : "an") + " address on " + name);
    if (addr_gen_differs(want, now(want)))
      say(SetAddrGen{want.name, *want.addr_gen, link_local_now(want), want.secret},
          want.addr_gen != AddrGen::none ? why_ipv6(want)
          : want.controller              ? "a port has no IPv6 address of its own"
                                         : "this host has no IPv6 address on " + name);
    if (ra_differs(want, now(want)))
      say(SetRa{want.name, *want.ra}, "this host gets " +
                                          std::string(*want.ra ? "its IPv6" : "nothing") +
                                          " from routers on " + name);
  }

  [[nodiscard]] std::string why_ipv6(const Link& want) const {
    const Link* have = link_in(before_, want.name);
    return have != nullptr && have->controller && !want.controller
               ? "no longer a port: IPv6 link-local address enabled again"
               : "this host has IPv6 on " + want.name.str();
  }

  void settle_mac(const Link& want) {
    if (want.mac && now(want).mac != want.mac && takes_mac(want, now(want)))
      say(SetMac{want.name, *want.mac},
          from_to("MAC", now(want).mac ? now(want).mac->str() : "unknown", want.mac->str()));
  }

  // A port of a bond takes the bond's MTU when it joins.
  [[nodiscard]] bool bond_gives_mtu(const Link& want) const {
    if (!want.controller || now(want).controller == want.controller) return false;
    const Link* bond = link_in(wanted_, *want.controller);
    return is<Bond>(bond) && bond->mtu == want.mtu;
  }

  // A VLAN link is at most as wide as what carries it.
  void settle_mtu(const Link& want) {
    if (const auto* parent = parent_of(want); parent != nullptr && wanted_.contains(*parent))
      settle_mtu(wanted_.at(*parent));
    if (!want.mtu || now(want).mtu == want.mtu || bond_gives_mtu(want)) return;
    say(SetMtu{want.name, *want.mtu},
        from_to("mtu", now(want).mtu ? std::to_string(*now(want).mtu) : "unknown",
                std::to_string(*want.mtu)));
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
      say(SetDown{want.name}, "joins only while it is down");
    say(Join{want.name, *want.controller}, "not yet a port of " + want.controller->str());
  }

  // Entries go before their VLANs do, and come after them.
  void settle_port(const Link& want) {
    if (auto surplus = want.fdb ? fdb_surplus(*want.fdb, now(want)) : Entries{}; !surplus.empty())
      say(SetFdb{want.name, {}, std::move(surplus)}, no_longer_needed);
    settle_vlans(want);
    if (auto lack = want.fdb ? fdb_lack(*want.fdb, now(want)) : Entries{}; !lack.empty())
      say(SetFdb{want.name, std::move(lack), {}}, missing);
    const auto& controller = now(want).controller;
    const Link* above = controller ? link_in(now(), *controller) : nullptr;
    Options options = lacking(writable_port_options(want, above), now(want).port);
    const bool raise = want.up == true && now(want).up != true && can_be_up(want);
    if (!options.empty()) {
      auto because = from_to(options, now(want).port);
      say(SetPort{want.name, std::move(options), raise}, std::move(because));
    } else if (raise) {
      say(SetUp{want.name}, "down");
    }
  }

  // What carries the link is up, or need not be.
  [[nodiscard]] bool has_ground(const Link& want) const {
    const Link* have = link_in(now(), want.name);
    const auto* parent = parent_of(have != nullptr ? *have : want);
    const Link* below = parent == nullptr ? nullptr : link_in(now(), *parent);
    return below == nullptr || below->up == true;
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
        from_to("VLANs", show_vlans(have), show_vlans(*want.vlans)));
  }

  [[nodiscard]] std::vector<PortVlan> default_membership(const Link& want) const {
    const Link* bridge = want.controller ? link_in(now(), *want.controller) : nullptr;
    if (bridge == nullptr) return {};
    const auto pvid = integer(options_of(*bridge), Option::bridge_vlan_default_pvid).value_or(1);
    const auto id = VlanId::from(pvid);
    return id ? std::vector{PortVlan{*id, true, true}} : std::vector<PortVlan>{};
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
