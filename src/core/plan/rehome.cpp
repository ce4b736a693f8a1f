// SPDX-License-Identifier: Apache-2.0
#include "core/plan/rehome.hpp"

#include <algorithm>
#include <set>

#include "core/model/links.hpp"
#include "core/plan/leaving.hpp"
#include "core/plan/ways_out.hpp"
#include "core/text/find.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// "eth0:1" of eth0 becomes "xenbr0:1" of xenbr0, where the kernel takes so long a label.
std::string label_on(const LinkName& heir, const LinkName& donor, const std::string& label) {
  constexpr std::size_t longest = 15;
  if (!label.starts_with(donor.str() + ":")) return {};
  auto text = heir.str() + label.substr(donor.str().size());
  return text.size() <= longest ? text : std::string{};
}

template <class T>
void add_missing(std::vector<T>& all, const T& one) {
  if (std::ranges::find(all, one) == all.end()) all.push_back(one);
}

class Rehoming {
 public:
  Rehoming(Desired& desired, const Actual& actual, const std::map<LinkName, Hosting>& hosting,
           const std::map<LinkName, DhcpLeavings>& left)
      : desired_(desired), actual_(actual), hosting_(hosting), left_(left), ways_(desired, actual) {
    for (const auto& [name, link] : actual)
      if (link.controller) ports_[*link.controller].push_back(&link);
  }

  std::vector<Conflict> run() {
    follow_nics();
    for (const auto& [name, link] : actual_) {
      const auto want = desired_.find(name);
      if (want == desired_.end()) continue;
      if (!want->second)
        give_down(link);
      else if (becomes_port(*want->second, link) && carries_addresses(link))
        hand_up(*want->second, link);
    }
    for (const auto& [name, hosting] : hosting_) host(name, hosting);
    for (const auto& [name, link] : actual_) keep_what_is_there(name, link);
    for (auto& [name, link] : desired_)
      if (link) open_where_host_lives(*link);
    return std::move(lost_);
  }

  // What leaves links that stay, as they have it, and for which link.
  std::vector<std::pair<Link, LinkName>> followers() {
    std::vector<std::pair<Link, LinkName>> all;
    for (const auto& lost : ways_.lost()) {
      const Link& have = actual_.at(lost.link);
      const Link* want = wanted(lost.link);
      // A desired state that says where addresses are, as that of a rollback does, is right about
      // it.
      if (want == nullptr || want->addresses || is<Vlan>(have)) continue;
      if (becomes_port(*want, have)) continue;  // it hands all of it up
      const auto heir = heir_of(have);
      if (!heir || (lost.replaced && was_below(*heir, have))) continue;
      Link leaving = what_follows(have, *heir);
      if (carries_addresses(leaving)) all.emplace_back(std::move(leaving), *heir);
    }
    return all;
  }

 private:
  static bool becomes_port(const Link& want, const Link& have) {
    return !want.keep_controller && want.controller && want.controller != have.controller;
  }

  // Whether it takes router advertisements itself, and has IPv6 by them.
  static bool lives_by_ra(const Link& link) {
    const auto of_ra = [](const auto& one) { return is_of_ra(one); };
    return link.ra == true && (std::ranges::any_of(addresses_of(link), of_ra) ||
                               std::ranges::any_of(routes_of(link), of_ra));
  }

  [[nodiscard]] std::optional<bool> ra_of(const LinkName& name) const {
    if (const auto* hosting = find_in(hosting_, name); hosting != nullptr && hosting->ra)
      return hosting->ra;
    return desired_.at(name)->ra == true ? std::optional(true) : std::nullopt;
  }

  // What was made of advertisements stays where it was, unless the kernel goes on with it there.
  template <class T>
  static bool stays_behind(const T& one, bool with_ra) {
    return is_of_ra(one) && !with_ra;
  }

  template <class T>
  [[nodiscard]] bool goes(const LinkName& link, const T& one) const {
    return ends(one, left_on(link));
  }
  [[nodiscard]] const DhcpLeavings& left_on(const LinkName& link) const {
    const auto* left = find_in(left_, link);
    return left == nullptr ? no_leavings_ : *left;
  }

  [[nodiscard]] Link what_follows(const Link& link, const LinkName& heir) const {
    return what_leaves(link, value_in(hosting_, link.name), left_on(link.name),
                       was_below(heir, link) || ra_of(heir).has_value());
  }

  Link* wanted(const LinkName& name) { return link_in(desired_, name); }

  // The link's addresses and routes as they are to be, those that it has to begin with.
  Link& home(const LinkName& name) {
    Link& link = *wanted(name);
    const Link* have = link_in(actual_, name);
    if (!link.addresses) {
      link.addresses = have != nullptr ? addresses_of(*have) : std::vector<LinkAddress>{};
      std::erase_if(*link.addresses, [&](const LinkAddress& a) { return goes(name, a); });
      link.keep_addresses = !left_.contains(name);
    }
    if (!link.routes) {
      link.routes = have != nullptr ? routes_of(*have) : std::vector<Route>{};
      std::erase_if(*link.routes,
                    [&](const Route& r) { return goes(name, r) || !r.foreign.empty(); });
      hand_over_to_ra(*link.routes);
    }
    return link;
  }

  void sort(Link& link) {
    std::ranges::sort(*link.addresses);
    std::ranges::sort(*link.routes);
  }

  void move(const Link& donor, const LinkName& to, bool with_ra) {
    Link& heir = home(to);
    for (LinkAddress address : addresses_of(donor)) {
      if (goes(donor.name, address) || stays_behind(address, with_ra)) continue;
      address.traits.label = label_on(to, donor.name, address.traits.label);
      add_missing(*heir.addresses, address);
    }
    for (const Route& route : routes_of(donor))
      if (!goes(donor.name, route) && route.foreign.empty() && !stays_behind(route, with_ra))
        add_missing(*heir.routes, route);
    hand_over_to_ra(*heir.routes);
    sort(heir);
  }

  // The heir takes advertisements as the donor did, and makes the same addresses of them.
  static void take_ra(const Link& donor, Link& heir) {
    heir.ra = true;
    heir.addr_gen = donor.addr_gen;
    heir.secret = donor.secret;
    if (!heir.mac && !is_given(heir)) heir.mac = donor.mac;
  }

  void lose_ra(const Link& donor, const LinkName& top) {
    std::string what = "the default route";
    for (const auto& address : addresses_of(donor))
      if (is_of_ra(address)) what = address.str();
    lost_.push_back({donor.name, problem("has " + what +
                                             " from router advertisements, lost when it becomes a "
                                             "port",
                                         "ra = true in " + file_table(*wanted(top)) +
                                             " to keep it, ra = false to lose it")});
  }

  void hand_up(Link& want, const Link& donor) {
    LinkName top = *want.controller;
    give_mac(top, donor);
    while (const Link* link = wanted(top)) {
      if (link->keep_controller || !link->controller) break;
      top = *link->controller;
      give_mac(top, donor);
    }
    if (wanted(top) == nullptr) return;  // somebody else's bridge: the obstacle stays
    give_up(donor, top);
    want.addresses.emplace();
    want.routes.emplace();
  }

  void give_up(const Link& donor, const LinkName& top) {
    const bool by_ra = lives_by_ra(donor), with_ra = by_ra && ra_of(top) == true;
    if (by_ra && !ra_of(top)) lose_ra(donor, top);
    move(donor, top, with_ra);
    Link& heir = *wanted(top);
    if (with_ra)
      take_ra(donor, heir);
    else if (donor.addr_gen && carries_addresses(heir))
      heir.addr_gen = donor.addr_gen;
  }

  void give_mac(const LinkName& name, const Link& donor) {
    Link* link = wanted(name);
    const bool made = link != nullptr && !is_given(*link) && !actual_.contains(name);
    if (made && !link->mac && donor.mac) link->birth.mac = donor.mac;
  }

  static bool gave_its_mac(const Link& port, const Link& link) {
    const auto& mac = port.permanent_mac ? port.permanent_mac : port.mac;
    return mac && mac == link.mac;
  }

  // The port of the link that its addresses go to: one that stays, and is not to be another's.
  [[nodiscard]] const Link* port_below(const Link& link) const {
    const Link* first = nullptr;
    for (const Link* port : value_in(ports_, link.name)) {
      const auto* want = find_in(desired_, port->name);
      if (want == nullptr) continue;
      const bool goes = !*want;
      if (!goes && !(*want)->keep_controller && (*want)->controller) continue;
      if (goes && (!is<Bond>(*port) || port_below(*port) == nullptr)) continue;
      if (first == nullptr || gave_its_mac(*port, link)) first = port;
      if (gave_its_mac(*port, link)) break;
    }
    return first;
  }

  // Where the NIC goes by which the link was reached, the one with its MAC or else the first.
  [[nodiscard]] std::optional<LinkName> heir_of(const Link& link) {
    std::optional<LinkName> first;
    for (const auto& nic : ways_.now(link.name)) {
      const auto path = ways_.path_then(nic);
      if (path.empty() || path.back() == link.name || wanted(path.back()) == nullptr) continue;
      if (gave_its_mac(actual_.at(nic), link)) return path.back();
      if (!first) first = path.back();
    }
    return first;
  }

  // It was a port of the link, or of one that was: it is free now.
  [[nodiscard]] bool was_below(const LinkName& name, const Link& link) const {
    const Link* have = link_in(actual_, name);
    if (have == nullptr || !have->controller) return false;
    return have->controller == link.name || was_below(*have->controller, link);
  }

  void give_to(const Link& donor, const LinkName& heir) {
    if (!was_below(heir, donor)) {
      give_mac(heir, donor);
      give_up(donor, heir);
    } else {
      give_back(donor, *wanted(heir));
    }
  }

  void give_along(const Link& link) {
    const auto heir = carries_addresses(link) ? heir_of(link) : std::nullopt;
    if (heir) give_to(link, *heir);
  }

  // The same where the link stays without it: what the file does not name there goes along.
  void follow_nics() {
    const auto all = followers();
    for (const auto& [leaving, heir] : all)
      keep_the_rest(*wanted(leaving.name), actual_.at(leaving.name), leaving,
                    left_on(leaving.name));
    for (const auto& [leaving, heir] : all) give_to(leaving, heir);
  }

  void give_down(const Link& link) {
    if (is<Vlan>(link)) return;
    const Link* port = port_below(link);
    while (port != nullptr && !desired_.at(port->name)) port = port_below(*port);
    if (port == nullptr) return give_along(link);
    give_back(link, *wanted(port->name));
  }

  void give_back(const Link& link, Link& heir) {
    if (is<Bridge>(link) && !heir.addr_gen)
      heir.addr_gen = link.addr_gen == AddrGen::none ? AddrGen::eui64 : link.addr_gen;
    const bool with_ra = lives_by_ra(link);
    const bool anything = std::ranges::any_of(addresses_of(link), [&](const LinkAddress& address) {
      return !goes(link.name, address) && !stays_behind(address, with_ra);
    });
    if (!anything) return;
    move(link, heir.name, with_ra);
    if (with_ra) take_ra(link, heir);
    heir.up = true;
  }

  // Somebody else's link may have somebody else's route that leads just there.
  [[nodiscard]] bool serves(const LinkName& name, const Link& link, const Route& route) const {
    const Link* have = link_in(actual_, name);
    if (have == nullptr || have->ours || is_given(*have)) return false;
    return std::ranges::any_of(*link.routes, [&](const Route& other) {
      return same_place(other, route) && other.via == route.via && other.type == route.type;
    });
  }

  void host(const LinkName& name, const Hosting& hosting) {
    if (wanted(name) == nullptr || !hosting.lives_here()) return;
    Link& link = home(name);
    make_addresses_again(name, hosting, link);
    for (const auto& address : hosting.addresses) add_missing(*link.addresses, address);
    for (const auto& route : hosting.routes) {
      if (serves(name, link, route)) continue;
      std::erase_if(*link.routes, [&](const Route& other) { return same_place(other, route); });
      link.routes->push_back(route);
    }
    sort(link);
  }

  // One on which this host did not live before had no IPv6 of its own.
  void make_addresses_again(const LinkName& name, const Hosting& hosting, Link& link) const {
    const Link* have = link_in(actual_, name);
    if (link.addr_gen || have == nullptr || have->addr_gen != AddrGen::none) return;
    if (hosting.ra == true || wants(hosting.dhcp, true) ||
        std::ranges::any_of(hosting.addresses, is_v6))
      link.addr_gen = AddrGen::eui64;
  }

  [[nodiscard]] bool carries_vlans(const LinkName& bridge) const {
    return std::ranges::any_of(
               desired_,
               [&](const auto& w) { return w.second && is_stacked_on(*w.second, bridge); }) ||
           std::ranges::any_of(actual_, [&](const auto& have) {
             return !desired_.contains(have.first) && is_stacked_on(have.second, bridge);
           });
  }

  // Whatever brought them there: the file, a port, others before us, or a VLAN link of theirs.
  void open_where_host_lives(Link& link) const {
    if (link.apart != true) return;
    const bool lives = carries_addresses(link);
    if (lives && link.ra == false) link.ra.reset();
    if (lives && link.addr_gen == AddrGen::none) link.addr_gen = AddrGen::eui64;
    if (lives || carries_vlans(link.name)) link.apart = false;
  }

  // A link that goes down on the way loses its routes, and one that is made anew all it has.
  void keep_what_is_there(const LinkName& name, const Link& have) {
    Link* link = wanted(name);
    if (link == nullptr || !carries_addresses(have) || link->addresses) return;
    home(name);
  }

  Desired& desired_;
  const Actual& actual_;
  const std::map<LinkName, Hosting>& hosting_;
  const std::map<LinkName, DhcpLeavings>& left_;
  const WaysOut ways_;
  const DhcpLeavings no_leavings_ = {};
  std::map<LinkName, std::vector<const Link*>> ports_;  // of each controller, by name
  std::vector<Conflict> lost_;
};

}  // namespace

std::vector<LinkName> links_to_rehome(const Desired& desired, const Actual& actual,
                                      const std::map<LinkName, Hosting>& hosting) {
  std::set<LinkName> names;
  for (const auto& [name, link] : actual)
    if (desired.contains(name) && carries_addresses(link)) names.insert(name);
  for (const auto& [name, one] : hosting)
    if (desired.contains(name)) names.insert(name);
  return {names.begin(), names.end()};
}

std::map<LinkName, std::vector<LinkAddress>> following_their_nics(
    const Desired& desired, const Actual& actual, const std::map<LinkName, Hosting>& hosting,
    const std::map<LinkName, DhcpLeavings>& left) {
  Desired whole = desired;
  std::map<LinkName, std::vector<LinkAddress>> all;
  for (auto& [leaving, heir] : Rehoming(whole, actual, hosting, left).followers())
    all.emplace(leaving.name, std::move(leaving.addresses.value()));
  return all;
}

std::vector<Conflict> rehome(Desired& desired, const Actual& actual,
                             const std::map<LinkName, Hosting>& hosting,
                             const std::map<LinkName, DhcpLeavings>& left) {
  return Rehoming(desired, actual, hosting, left).run();
}

}  // namespace vifchain::inline core::inline plan
