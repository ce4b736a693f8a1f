// SPDX-License-Identifier: Apache-2.0
#include "core/plan/obstacles.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/compare.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

class Obstacles {
 public:
  Obstacles(const Desired& desired, const Actual& actual)
      : desired_(desired),
        actual_(actual),
        going_(links_to_delete(desired, actual)),
        emptied_(bonds_to_empty(desired, actual)) {}

  std::vector<Conflict> all() {
    for (const auto& [name, want] : desired_) {
      if (want) look_at(*want);
    }
    if (!going_.empty() || !emptied_.empty()) find_unasked_ports();
    for (const auto& name : going_) look_at_deletion(actual_.at(name));
    for (const auto& name : emptied_) look_at_ports(name, "would first have to lose its port ");
    return std::move(conflicts_);
  }

 private:
  void say(const LinkName& name, std::string reason) {
    conflicts_.push_back({name, std::move(reason)});
  }

  [[nodiscard]] bool will_exist(const LinkName& name) const {
    return link_in(desired_, name) != nullptr || (actual_.contains(name) && !going_.contains(name));
  }

  void look_at(const Link& want) {
    const Link* have = link_in(actual_, want.name);
    if (have == nullptr) {
      look_at_missing(want);
    } else {
      look_at_fit(want, *have);
      look_at_guests(want, *have);
      look_at_controller(want, *have);
    }
    if (have == nullptr || going_.contains(want.name)) look_for_twin(want);
    if (have != nullptr && want.routes) look_at_routes(want, *have);
    look_at_mtu(want);
    look_at_ipv6(want);
    look_at_state(want);
  }

  void look_at_missing(const Link& want) {
    if (is_given(want)) return say(want.name, no_such_link);
    if (const auto* parent = parent_of(want); parent != nullptr && !will_exist(*parent))
      say(want.name, "cannot be created: its parent " + parent->str() + " does not exist");
    if (want.controller && !will_exist(*want.controller))
      say(want.name, "cannot join " + want.controller->str() + ", which does not exist");
  }

  void look_at_fit(const Link& want, const Link& have) {
    if (is_given(want) || have.ours) return;
    if (must_be_remade(want, have))
      return say(want.name,
                 "foreign link: expected " + description(want) + ", found " + description(have));
    Link narrowed = want;
    narrowed.controller = have.controller;
    narrowed.up.reset();  // it is only brought up
    const Options odd = lacking(writable_options(want, &have), options_of(have));
    const bool other_mtu = want.mtu && want.mtu != have.mtu;
    const bool other_mac = want.mac && want.mac != have.mac;
    if (!odd.empty() || other_mtu || other_mac || slb_change(want, have))
      say(want.name, problem("foreign " + kind_name(have) + " differs (" +
                                 joined(differences(narrowed, have), {}, "; ") + ")",
                             "vifchain apply --adopt"));
  }

  // A vif that has the name of a NIC would carry that NIC's segments.
  void look_at_guests(const Link& want, const Link& have) {
    if (want.permanent_mac && have.mac == vif_mac)
      say(want.name,
          problem("a guest's port (its MAC is " + vif_mac.str() + "), not a NIC of this host",
                  "give that guest another vifname"));
  }

  static std::string description(const Link& link) {
    const auto* vlan = std::get_if<Vlan>(&link.kind);
    return vlan == nullptr ? kind_in_words(link.kind) : vlan_in_words(*vlan);
  }

  void look_at_controller(const Link& want, const Link& have) {
    const bool stays = want.keep_controller || want.controller == have.controller;
    if (stays && !(have.controller && emptied_.contains(*have.controller))) return;
    if (!stays && have.controller && have.controller != want.may_leave) {
      const Link* controller = link_in(actual_, *have.controller);
      if (controller == nullptr || !controller->ours)
        return say(
            want.name,
            "already a port of " + foreign_in_words(*have.controller, controller) + "; expected " +
                (want.controller ? "a port of " + want.controller->str() : "no bridge or bond"));
    }
    const auto& next = stays ? have.controller : want.controller;
    if (!next || want.addresses || addresses_of(have).empty()) return;
    const auto more = have.addresses->size() - 1;
    say(want.name, problem("has " + have.addresses->front().str() +
                               (more > 0 ? " and " + std::to_string(more) + " more" : "") +
                               ", lost when it becomes a port of " + next->str(),
                           "vifchain apply"));
  }

  static std::string foreign_in_words(const LinkName& name, const Link* link) {
    return link == nullptr ? name.str() + ", which is not part of this change"
                           : "foreign " + kind_name(*link) + " " + name.str();
  }

  // What no other link can be given would be lost.
  void look_at_routes(const Link& want, const Link& have) {
    for (const auto& route : routes_of(have))
      if (!route.foreign.empty() && std::ranges::find(*want.routes, route) == want.routes->end())
        say(want.name, problem("route " + route.str() + " with " + route.foreign +
                                   " cannot move to another link",
                               std::string("ip ") + (is_v6(route.to) ? "-6 " : "") + "route del " +
                                   (route.to.prefix == 0 ? "default" : route.to.str()) + " dev " +
                                   want.name.str()));
  }

  // A link carries each VLAN once, whatever the name (vlan_check_real_dev).
  void look_for_twin(const Link& want) {
    const auto* vlan = std::get_if<Vlan>(&want.kind);
    if (vlan == nullptr) return;
    for (const auto& [name, link] : actual_) {
      const auto* other = std::get_if<Vlan>(&link.kind);
      if (other != nullptr && !going_.contains(name) && other->parent == vlan->parent &&
          other->id == vlan->id && other->protocol == vlan->protocol)
        say(want.name, vlan_in_words(*vlan) + " already exists as " + name.str());
    }
  }

  // A VLAN link carries no larger frames than the link below it (vlan_dev_change_mtu).
  void look_at_mtu(const Link& want) {
    const auto* parent = parent_of(want);
    if (parent == nullptr || !want.mtu) return;
    auto below = std::optional<unsigned>{};
    if (const Link* have = link_in(actual_, *parent)) below = have->mtu;
    if (const Link* wanted = link_in(desired_, *parent); wanted != nullptr && wanted->mtu)
      below = wanted->mtu;
    if (!below || *want.mtu <= *below) return;
    say(want.name, "mtu " + std::to_string(*want.mtu) + " exceeds that of its parent " +
                       parent->str() + ", " + std::to_string(*below));
  }

  // With a small MTU the kernel takes IPv6 away (addrconf_notify).
  void look_at_ipv6(const Link& want) {
    if (!want.mtu || *want.mtu >= least_mtu6 || !want.addresses) return;
    const auto lost = std::ranges::find_if(*want.addresses, is_v6);
    if (lost != want.addresses->end())
      say(want.name, "mtu " + std::to_string(*want.mtu) + " is too small for " + lost->str() +
                         " (IPv6 needs " + std::to_string(least_mtu6) + ")");
  }

  // A VLAN link cannot be up over a link that is down, unless loosely bound (vlan_dev_open).
  void look_at_state(const Link& want) {
    const Link* taken = is_given(want) ? link_in(actual_, want.name) : nullptr;
    const auto* parent = parent_of(taken != nullptr ? *taken : want);
    if (parent == nullptr || want.up != true || is_loosely_bound(want)) return;
    if (taken != nullptr && !is_known(*parent)) return;  // in another network namespace
    if (!will_be_up(*parent))
      say(want.name, "cannot come up while its parent " + parent->str() + " is down");
  }

  [[nodiscard]] bool is_known(const LinkName& name) const {
    return link_in(desired_, name) != nullptr || link_in(actual_, name) != nullptr;
  }

  // A link that nobody named is raised with the one that it is stacked on.
  [[nodiscard]] bool will_be_up(const LinkName& name) const {
    const Link* want = link_in(desired_, name);
    if (want != nullptr && want->up) return *want->up;
    const Link* have = going_.contains(name) ? nullptr : link_in(actual_, name);
    if (have == nullptr || have->up == true) return have != nullptr;
    const auto* parent = parent_of(*have);
    if (want != nullptr || parent == nullptr || is_loosely_bound(*have)) return false;
    const Link* below = link_in(actual_, *parent);
    return below != nullptr && below->up != true && will_be_up(*parent);
  }

  [[nodiscard]] bool is_loosely_bound(const Link& want) const {
    const auto loose = [](const Link& link) {
      return integer(options_of(link), Option::vlan_loose_binding);
    };
    if (const auto wanted = loose(want)) return *wanted != 0;
    const Link* have = going_.contains(want.name) ? nullptr : link_in(actual_, want.name);
    return have != nullptr && loose(*have).value_or(0) != 0;
  }

  void look_at_deletion(const Link& have) {
    const bool is_desired = desired_.contains(have.name);
    if (!have.ours)
      say(have.name, is_desired ? "foreign link: not deleted"
                                : "foreign link, stacked on a link to be deleted");
    else if (!is_desired)
      say(have.name, "stacked on a link to be deleted, and not part of this change");
    look_at_ports(have.name, "would lose its port ");
  }

  void find_unasked_ports() {
    for (const auto& [name, link] : actual_)
      if (link.controller && !desired_.contains(name)) unasked_.emplace(*link.controller, name);
  }

  void look_at_ports(const LinkName& controller, const std::string& fate) {
    for (const auto& [bond, port] : all_in(unasked_, controller))
      say(controller, fate + port.str() + ", which is not part of this change");
  }

  const Desired& desired_;
  const Actual& actual_;
  std::set<LinkName> going_;
  std::set<LinkName> emptied_;
  std::multimap<LinkName, LinkName> unasked_;  // of each controller the ports that nobody named
  std::vector<Conflict> conflicts_;
};

}  // namespace

std::set<LinkName> links_to_delete(const Desired& desired, const Actual& actual) {
  std::set<LinkName> going;
  for (const auto& [name, want] : desired) {
    const Link* have = link_in(actual, name);
    if (have == nullptr) continue;
    if (!want || (have->ours && must_be_remade(*want, *have))) going.insert(name);
  }
  // The kernel deletes a VLAN link with the link below it.
  for (bool grew = !going.empty(); grew;) {
    grew = false;
    for (const auto& [name, link] : actual)
      if (const auto* parent = parent_of(link); parent != nullptr && going.contains(*parent))
        grew |= going.insert(name).second;
  }
  return going;
}

std::set<LinkName> bonds_to_empty(const Desired& desired, const Actual& actual) {
  std::set<LinkName> bonds;
  for (const auto& [name, want] : desired) {
    const Link* have = link_in(actual, name);
    if (!want || !is<Bond>(*want) || !is<Bond>(have) || !have->ours) continue;
    for (const auto& [option, value] : lacking(writable_options(*want, have), options_of(*have))) {
      const auto when = spec(option).when;
      if (when == When::no_ports || when == When::down_without_ports) bonds.insert(name);
    }
  }
  return bonds;
}

std::vector<Conflict> obstacles(const Desired& desired, const Actual& actual) {
  return Obstacles(desired, actual).all();
}

}  // namespace vifchain::inline core::inline plan
