// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "core/plan/rehome.hpp"
#include "link_text.hpp"
#include "random_links.hpp"

namespace vifchain {
namespace {

using enum Option;

bool is_bond(const Actual& links, const LinkName& name) {
  const auto found = links.find(name);
  return found != links.end() && std::holds_alternative<Bond>(found->second.kind);
}

// Every link after the one it is stacked on and after its own ports.
std::vector<LinkName> ground_up(const Actual& links) {
  std::vector<LinkName> order;
  std::set<LinkName> seen;
  const auto visit = [&](const auto& self, const LinkName& name) -> void {
    const auto found = links.find(name);
    if (found == links.end() || !seen.insert(name).second) return;
    if (const auto* parent = parent_of(found->second)) self(self, *parent);
    for (const auto& [port, link] : links)
      if (link.controller == name) self(self, port);
    order.push_back(name);
  };
  for (const auto& [name, link] : links) visit(visit, name);
  return order;
}

Options without_primary(Options options) {
  options.erase(bond_primary);
  return options;
}

class Script {
 public:
  explicit Script(const Actual& desired) : desired_(desired), order_(ground_up(desired)) {}

  std::vector<Op> write() && {
    for (const auto& [name, link] : desired_)
      if (is_given(link) && link.mtu && !in_bond(link)) say(SetMtu{name, *link.mtu});
    for (const auto& name : order_)
      if (!is_given(desired_.at(name))) make(desired_.at(name));
    for (const auto& name : order_) join(desired_.at(name));
    for (const auto& name : order_) settle(desired_.at(name));
    // What is to be down goes last: a link that is raised takes the VLANs on it along.
    for (const auto& name : order_)
      if (desired_.at(name).up == true) say(SetUp{name});
    for (const auto& name : order_)
      if (desired_.at(name).up == false) say(SetDown{name});
    return std::move(script_);
  }

 private:
  void say(Op op) { script_.push_back(std::move(op)); }

  [[nodiscard]] bool in_bond(const Link& link) const {
    return link.controller && is_bond(desired_, *link.controller);
  }

  void make(Link link) {
    link.up.reset();
    link.controller.reset();
    if (std::holds_alternative<Bond>(link.kind))
      options_of(link) = without_primary(options_of(link));
    if (const auto mtu = link.mtu; mtu && std::holds_alternative<Bond>(link.kind))
      link.birth.mtu = mtu;
    say(Create{link});
  }

  void join(const Link& link) {
    if (!link.controller) return;
    if (in_bond(link)) say(SetDown{link.name});
    say(Join{link.name, *link.controller});
  }

  void settle(const Link& link) {
    if (link.mtu) say(SetMtu{link.name, *link.mtu});
    if (link.mac) say(SetMac{link.name, *link.mac});
    const bool has_ipv6 = !link.mtu || *link.mtu >= least_mtu6;
    if (link.addr_gen && has_ipv6) say(SetAddrGen{link.name, *link.addr_gen});
    if (link.ra && has_ipv6) say(SetRa{link.name, *link.ra});
    if (link.apart) say(SetApart{link.name, *link.apart});
    if (!link.port.empty()) say(SetPort{link.name, link.port});
    if (link.vlans) say(SetVlans{link.name, *link.vlans, other_vlans(*link.vlans)});
    if (link.fdb) say(SetFdb{link.name, *link.fdb, {}});
    if (link.slb && !link.slb->ports.empty()) say(SetSlb{link.name, link.slb->ports});
    if (link.filter) say(SetFilter{link.name, *link.filter});
    if (link.rate) say(SetRate{link.name, *link.rate});
    const auto primary = options_of(link).find(bond_primary);
    if (primary != options_of(link).end()) say(SetOptions{link.name, {*primary}});
  }

  // The low ids, among which is whatever the bridge gave the port when it joined.
  static std::vector<VlanId> other_vlans(const std::vector<PortVlan>& wanted) {
    std::vector<VlanId> others;
    for (std::int64_t number = 1; number < 10; ++number) {
      const auto id = VlanId::from(number).value();
      if (std::ranges::find(wanted, id, &PortVlan::id) == wanted.end()) others.push_back(id);
    }
    return others;
  }

  const Actual& desired_;
  std::vector<LinkName> order_;
  std::vector<Op> script_;
};

// One option with a value that may be good or bad.
Options random_options(Dice& dice, Owner owner, const std::vector<LinkName>& names) {
  std::vector<Option> mine;
  // A bridge with room for few groups stops snooping with the first frame that brings one too many
  // (br_multicast_new_group).
  for (const OptionSpec& row : all_options())
    if (row.owner == owner && row.id != bridge_mcast_hash_max) mine.push_back(row.id);
  Options options;
  for (std::size_t count = 1 + dice.roll(3); count > 0; --count) {
    const OptionSpec& row = spec(dice.pick(mine));
    switch (row.form) {
      case Form::flag:
        options[row.id] = dice.one_of({0, 1});
        break;
      case Form::number:
        options[row.id] = dice.one_of<std::int64_t>({row.min, row.max, 1, 2, 5});
        break;
      case Form::seconds:
        options[row.id] = dice.one_of({0, 100, 151, 200, 1001, 3000, 4000});
        break;
      case Form::choice:
        options[row.id] = dice.pick(std::vector(row.choices.begin(), row.choices.end())).number;
        break;
      case Form::mac:
        options[row.id] = Mac{{2, 0, 0, 0, 9, 9}};
        break;
      case Form::port:
        options[row.id] = dice.pick(names);
        break;
      case Form::addresses:
        options[row.id] = std::vector<IpAddress>{};
        break;
      case Form::qos_map:
        options[row.id] = QosMap{{1, 3}};
        break;
    }
  }
  return options;
}

Owner owner_of(const Link& link) {
  if (std::holds_alternative<Bond>(link.kind)) return Owner::bond;
  if (std::holds_alternative<Bridge>(link.kind)) return Owner::bridge;
  return Owner::vlan;
}

Link random_link(Dice& dice, const std::vector<LinkName>& names) {
  Link link{.name = LinkName::parse("new" + std::to_string(dice.roll(3))).value()};
  const auto kind = dice.roll(5);
  if (kind == 0)
    link.kind = Bond{};
  else if (kind == 1)
    link.kind = Bridge{};
  else
    link.kind =
        Vlan{.parent = dice.pick(names), .id = VlanId::from(dice.one_of({1, 2, 3, 9})).value()};
  if (kind < 2) options_of(link) = random_options(dice, owner_of(link), names);
  if (kind < 2) link.birth.mac = Mac{{2, 0, 0, 0, 8, static_cast<std::uint8_t>(dice.roll(3))}};
  if (dice.chance(20)) link.birth.mtu = static_cast<unsigned>(dice.one_of({1400, 1500, 9000}));
  if (dice.chance(50)) link.up = dice.chance(70);
  if (dice.chance(25)) link.controller = dice.pick(names);
  return link;
}

// Somebody else's link is used as it is: what is wanted of it is at most that it be up and a port.
Link as_given(const Link& link) {
  return {.name = link.name,
          .controller = link.controller,
          .keep_controller = !link.controller,
          .up = link.up == true ? link.up : std::nullopt};
}

}  // namespace

std::vector<Op> script_for(const Actual& desired) {
  return Script(desired).write();
}

Op random_op(Dice& dice, const Actual& links) {
  std::vector<LinkName> names, made;
  for (const auto& [name, link] : links) {
    names.push_back(name);
    if (!is_given(link)) made.push_back(name);
  }
  const LinkName& name = !made.empty() && dice.chance(50) ? dice.pick(made) : dice.pick(names);
  const Link& link = links.at(name);
  switch (dice.roll(15)) {
    case 0:
      return Create{random_link(dice, names)};
    case 1:
      if (!is_given(link)) return Delete{name};
      return SetDown{name};
    case 2:
      return SetDown{name};
    case 3:
      return SetUp{name};
    case 4:
      return Join{name, dice.pick(names)};
    case 5:
      return Leave{name};
    case 6:
    case 12:
    case 13:
      return SetOptions{name, random_options(dice, owner_of(link), names)};
    case 7: {
      const bool in_bond = link.controller && is_bond(links, *link.controller);
      const auto owner = in_bond ? Owner::bond_port : Owner::bridge_port;
      return SetPort{name, random_options(dice, owner, names), dice.chance(50)};
    }
    case 8:
      return SetMtu{name, static_cast<unsigned>(dice.one_of({1280, 1400, 1500, 9000, 9001}))};
    case 9:
      return SetMac{name, Mac{{2, 0, 0, 0, 7, static_cast<std::uint8_t>(dice.roll(4))}}};
    case 10: {
      const auto vid = [&] {
        return VlanId::from(1 + static_cast<std::int64_t>(dice.roll(6))).value();
      };
      return SetVlans{
          name, {{.id = vid(), .pvid = dice.chance(30), .untagged = dice.chance(30)}}, {vid()}};
    }
    case 14: {
      const auto entry = [&] {
        const Mac guest{{2, 0, 0, 0, 10, static_cast<std::uint8_t>(dice.roll(3))}};
        FdbEntry drawn{guest};
        if (dice.chance(50)) drawn.vlan = VlanId::from(1 + static_cast<std::int64_t>(dice.roll(6)));
        return drawn;
      };
      if (dice.chance(50)) return SetFdb{name, {entry()}, {}};
      return SetFdb{name, {entry()}, {entry()}};
    }
    default:
      return SetAddrGen{name, dice.chance(50) ? AddrGen::none : AddrGen::eui64};
  }
}

namespace {

// Some of the links that a case begins with are somebody else's.
void write_history(Case& scene, const Actual& first, Dice& dice) {
  std::set<LinkName> of_others;
  const bool alone = dice.chance(60);
  for (const auto& [name, link] : first)
    if (!alone && !is_given(link) && dice.chance(30)) of_others.insert(name);
  for (auto& op : script_for(first)) {
    const bool by_us = !of_others.contains(target_of(op));
    scene.history.push_back({std::move(op), by_us});
  }
}

// A VLAN on the port of a bond keeps the bond's MTU when the bond is deleted, though its link gets
// a smaller one back (__dev_set_mtu tells nobody): nobody can ask for that.
bool puts_vlan_on_port(const Op& op, const Actual& links) {
  const auto in_bond = [&](const LinkName& name) {
    const auto found = links.find(name);
    return found != links.end() && found->second.controller &&
           is_bond(links, *found->second.controller);
  };
  const auto carries_vlan = [&](const LinkName& name) {
    return std::any_of(links.begin(), links.end(), [&](const auto& entry) {
      const auto* parent = parent_of(entry.second);
      return parent != nullptr && *parent == name;
    });
  };
  if (const auto* create = std::get_if<Create>(&op)) {
    const auto* parent = parent_of(create->link);
    return parent != nullptr && in_bond(*parent);
  }
  const auto* join = std::get_if<Join>(&op);
  return join != nullptr && is_bond(links, join->controller) && carries_vlan(join->port);
}

bool puts_vlan_into_bond(const Op& op, const Actual& links) {
  const auto* create = std::get_if<Create>(&op);
  if (create != nullptr) return create->link.controller && is_bond(links, *create->link.controller);
  const auto* join = std::get_if<Join>(&op);
  return join != nullptr && is_bond(links, join->controller) && !is_given(links.at(join->port));
}

// What else may have happened to the host since, but never a stolen port: vifchain finds those, it
// does not make them.
void let_drift(Case& scene, Dice& dice) {
  FakeKernel host = host_of(scene);
  for (auto count = dice.roll(4); count > 0; --count) {
    const Actual links = host.everything();
    Op op = random_op(dice, links);
    const auto* join = std::get_if<Join>(&op);
    if (join != nullptr && links.at(join->port).controller) continue;
    // A bond opens its ports, so a VLAN in it could not come back while what carries it is down.
    if (puts_vlan_into_bond(op, links) || puts_vlan_on_port(op, links)) continue;
    // A port whose MAC was changed behind its bond's back gets the bond's with the bond's next one.
    if (std::holds_alternative<SetMac>(op) && links.at(target_of(op)).controller) continue;
    // A VLAN that is up over a link that is down, because it was loosely bound once, cannot be made
    // so again by one step.
    const auto* options = std::get_if<SetOptions>(&op);
    if (options != nullptr && options->options.contains(vlan_loose_binding)) continue;
    // The delays, multiples of miimon, would be beyond what they can be set to.
    if (options != nullptr && options->options.contains(bond_miimon) &&
        number(options->options, bond_miimon) > 1000)
      continue;
    // No NIC refuses an MTU here: the planner does not know what the largest one is.
    const auto* mtu = std::get_if<SetMtu>(&op);
    if (mtu != nullptr && mtu->mtu > 9000) continue;
    const auto* port = std::get_if<SetPort>(&op);
    if (port != nullptr && port->options.contains(bond_port_queue_id)) continue;
    const bool by_us = dice.chance(85);
    if ((by_us ? host.try_step(op) : host.try_step_as_somebody(op)) == 0)
      scene.history.push_back({std::move(op), by_us});
  }
  for (const auto& nic : scene.nics) {
    const LinkAddress address{IpAddress::parse("198.51.100.7").value(), 24};
    if (dice.chance(is_vif(nic.name) ? 20 : 5))
      scene.history.push_back({SetAddresses{nic.name, {address}, {}}});
  }
}

// Joins somebody else's bridge if asked to, as a vif does, but never somebody else's bond.
void keep_out_of_bonds(Link& link, const Actual& there) {
  if (!link.controller || !is_bond(there, *link.controller)) return;
  if (there.at(*link.controller).ours) return;
  link.controller.reset();
  link.port.clear();
  link.keep_controller = true;
}

// The next link below that the desired state names.
const LinkName* carrier_of(const Link& link, const Desired& desired, const Actual& there) {
  const auto found = there.find(link.name);
  const bool as_it_is = is_given(link) && found != there.end();
  const auto* parent = parent_of(as_it_is ? found->second : link);
  while (parent != nullptr && !desired.contains(*parent)) {
    const auto below = there.find(*parent);
    parent = below == there.end() ? nullptr : parent_of(below->second);
  }
  return parent;
}

// Whatever carries a link that is wanted up is wanted up too: a plan that was killed may have left
// it down, and nobody would know that it was up before.
void raise_what_carries(Desired& desired, const Actual& there) {
  for (bool raised = true; raised;) {
    raised = false;
    for (auto& [name, want] : desired) {
      if (!want || want->up != true) continue;
      const auto* carrier = carrier_of(*want, desired, there);
      if (carrier == nullptr || !desired.at(*carrier)) continue;
      auto& below = *desired.at(*carrier);
      if (below.up == true) continue;
      below.up = raised = true;
    }
  }
}

// The MTU of somebody else's bridge follows its ports, that of somebody else's VLAN what carries
// it: nothing on them can be sure of its own.
void leave_mtus_to_others(Desired& desired, const Actual& there) {
  std::set<LinkName> unsure;
  for (const auto& [name, link] : there)
    if (!link.ours && !is_given(link) && !std::holds_alternative<Bond>(link.kind))
      unsure.insert(name);
  for (bool grew = true; grew;) {
    grew = false;
    for (auto& [name, want] : desired) {
      const auto* parent = want ? parent_of(*want) : nullptr;
      if (parent == nullptr || !unsure.contains(*parent) || !unsure.insert(name).second) continue;
      want->mtu.reset();
      grew = true;
    }
  }
}

// Nobody is asked to leave a bridge of their own (core/desired.cpp).
void leave_place_to_others(Link& bridge) {
  bridge.apart.reset();
  if (bridge.ra == false) bridge.ra.reset();
  if (bridge.addr_gen == AddrGen::none) bridge.addr_gen.reset();
}

Desired desired_from(Actual wanted, const Actual& there, Dice& dice) {
  Desired desired;
  for (auto& [name, link] : wanted) {
    keep_out_of_bonds(link, there);
    const auto found = there.find(name);
    const bool of_others = found != there.end() && !found->second.ours && !is_given(link);
    // The MTU of a bridge follows its ports, that of a VLAN what carries it.
    if (of_others && !std::holds_alternative<Bond>(link.kind)) link.mtu.reset();
    if (of_others && std::holds_alternative<Bridge>(link.kind)) leave_place_to_others(link);
    desired.emplace(name, of_others && dice.chance(85) ? as_given(link) : link);
  }
  raise_what_carries(desired, there);
  leave_mtus_to_others(desired, there);
  for (const auto& [name, link] : there)
    if (link.ours && !wanted.contains(name) && dice.chance(90)) desired.emplace(name, std::nullopt);
  return desired;
}

// This host lives on some links that the desired state is about: addresses of both families, on and
// beside the link, and routes of several kinds over it. The desired state then takes them along
// (core/plan/rehome.hpp), and may have addresses of its own.
void live_on_links(Case& scene, Dice& dice) {
  FakeKernel host = host_of(scene);
  const Actual links = host.everything();
  // With so small an MTU no link has IPv6, and this host would live there by half.
  for (const auto& [name, want] : scene.desired)
    if (want && want->mtu && *want->mtu < least_mtu6) return;
  for (const auto& [name, link] : links)
    if (!has_mtu6(link)) return;
  unsigned network = 0;
  for (const auto& [name, want] : scene.desired) {
    const auto link = links.find(name);
    if (link == links.end() || link->second.controller || link->second.up != true || is_vif(name) ||
        !dice.chance(40))
      continue;
    ++network;
    const auto address = [&](const std::string& text, std::uint8_t prefix) {
      return LinkAddress{IpAddress::parse(text).value(), prefix};
    };
    const std::string four = "10.0." + std::to_string(network) + ".";
    const std::string six = "fd00:" + std::to_string(network) + "::";
    const auto gateway = [&](const std::string& text) { return IpAddress::parse(text).value(); };
    std::vector<LinkAddress> addresses{address(four + "2", 24), address(four + "3", 24),
                                       address(six + "2", 64)};
    if (dice.chance(30)) addresses.pop_back();
    std::vector<Route> routes{{.to = address("198.51.100.0", 24),
                               .table = 100 + network,
                               .via = gateway(four + "1"),
                               .source = gateway(four + "3"),
                               .protocol = 4},
                              {.to = address("0.0.0.0", 0),
                               .metric = network,
                               .via = gateway(four + "1"),
                               .protocol = 4}};
    if (addresses.size() == 3)
      routes.push_back({.to = address("2001:db8::", 32),
                        .metric = 1024 + network,
                        .via = gateway(six + "1"),
                        .protocol = 4});
    scene.history.push_back({SetAddresses{name, addresses, {}}, false});
    scene.history.push_back({SetRoutes{name, routes, {}}, false});
  }
  if (network == 0) return;
  std::map<LinkName, Hosting> hosting;
  for (const auto& [name, want] : scene.desired)
    if (want && !want->controller && std::holds_alternative<Bridge>(want->kind) && dice.chance(30))
      hosting[name].addresses = {
          LinkAddress{IpAddress::parse("192.0.2.7").value(), 24, {.protocol = our_protocol}}};
  FakeKernel lived_in = host_of(scene);
  Actual there = lived_in.everything();
  lived_in.read_routes(there, links_to_rehome(scene.desired, there, hosting));
  static_cast<void>(rehome(scene.desired, there, hosting));
  // As it is by every file: what this host lives on is up.
  for (auto& [name, want] : scene.desired)
    if (want && want->routes && !want->routes->empty()) want->up = true;
  raise_what_carries(scene.desired, there);
}

}  // namespace

Case random_case(std::uint64_t seed) {
  Dice dice(seed);
  Case scene{.nics = random_nics(dice)};
  write_history(scene, random_desired(Dice(seed).for_part("desired"), scene.nics), dice);
  let_drift(scene, dice);
  const Dice near_by = Dice(seed, ~seed, 4).for_part("desired");
  const Dice far_off = Dice(seed).for_part("another desired");
  const Actual wanted = random_desired(dice.chance(60) ? near_by : far_off, scene.nics);
  scene.desired = desired_from(wanted, host_of(scene).everything(), dice);
  if (dice.chance(40)) live_on_links(scene, dice);
  return scene;
}

FakeKernel host_of(const Case& scene) {
  FakeKernel host;
  for (const auto& nic : scene.nics) host.add_nic(nic);
  for (const auto& [op, by_us] : scene.history)
    static_cast<void>(by_us ? host.try_step(op) : host.try_step_as_somebody(op));
  return host;
}

std::string print(const Case& scene) {
  std::string text = "history:\n";
  for (const auto& [op, by_us] : scene.history)
    text += "  " + describe(op) + (by_us ? "" : "  (somebody else)") + "\n";
  text += "there:\n" + print(host_of(scene).everything());
  return text + "wanted:\n" + print(scene.desired);
}

}  // namespace vifchain
