// SPDX-License-Identifier: Apache-2.0
#include "core/plan/obstacles.hpp"

#include <algorithm>

#include "core/plan/compare.hpp"

namespace vifchain::inline core::inline plan {
namespace {

const Link* find(const Actual& links, const LinkName& name) {
  const auto found = links.find(name);
  return found == links.end() ? nullptr : &found->second;
}

const Link* find(const Desired& desired, const LinkName& name) {
  const auto found = desired.find(name);
  return found == desired.end() || !found->second ? nullptr : &*found->second;
}

std::string join_words(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : std::string(between)) + word;
  return text;
}

constexpr std::string_view not_ours = "and is not one that vifchain made";

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
    for (const auto& name : emptied_) look_at_ports(name, "leave it first");
    return std::move(conflicts_);
  }

 private:
  void say(const LinkName& name, std::string reason) {
    conflicts_.push_back({name, std::move(reason)});
  }

  [[nodiscard]] bool will_exist(const LinkName& name) const {
    return find(desired_, name) != nullptr || (actual_.contains(name) && !going_.contains(name));
  }

  void look_at(const Link& want) {
    const Link* have = find(actual_, want.name);
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
    if (is_given(want)) return say(want.name, "there is no such link on this host");
    if (const auto* parent = parent_of(want); parent != nullptr && !will_exist(*parent))
      say(want.name, "is a VLAN link on " + parent->str() + ", and there is no such link");
    if (want.controller && !will_exist(*want.controller))
      say(want.name, "is a port of " + want.controller->str() + ", and there is no such link");
  }

  void look_at_fit(const Link& want, const Link& have) {
    if (is_given(want) || have.ours) return;
    if (must_be_remade(want, have)) {
      return say(want.name, "is " + description(have) + " " + std::string(not_ours) + "; wanted " +
                                description(want));
    }
    const Options odd = lacking(writable_options(want, &have), options_of(have));
    const bool other_mtu = want.mtu && want.mtu != have.mtu;
    const bool other_mac = want.mac && want.mac != have.mac;
    if (!odd.empty() || other_mtu || other_mac || slb_change(want, have)) {
      Link narrowed = want;
      narrowed.controller = have.controller;
      narrowed.up.reset();  // it is only brought up
      say(want.name, "exists " + std::string(not_ours) + ", and differs from what is wanted: " +
                         join_words(differences(narrowed, have), "; "));
    }
  }

  // A vif that has the name of a NIC would carry that NIC's segments.
  void look_at_guests(const Link& want, const Link& have) {
    if (want.permanent_mac && have.mac == vif_mac)
      say(want.name, "is a guest's port, as its MAC " + vif_mac.str() +
                         " shows, and no NIC of this host; give that guest another vifname");
  }

  static std::string description(const Link& link) {
    const auto* vlan = std::get_if<Vlan>(&link.kind);
    if (vlan == nullptr) return kind_in_words(link.kind);
    return "VLAN " + std::to_string(vlan->id.number()) + " on " + vlan->parent.str();
  }

  void look_at_controller(const Link& want, const Link& have) {
    const bool stays = want.keep_controller || want.controller == have.controller;
    if (stays && !(have.controller && emptied_.contains(*have.controller))) return;
    if (!stays && have.controller && have.controller != want.may_leave) {
      const Link* controller = find(actual_, *have.controller);
      if (controller == nullptr || !controller->ours)
        return say(want.name,
                   "is a port of " + have.controller->str() + ", which is " +
                       (controller == nullptr ? "not part of what was asked" : "not vifchain's") +
                       "; " + wanted_place(want));
    }
    const auto& next = stays ? have.controller : want.controller;
    if (!next || want.addresses || !have.addresses || have.addresses->empty()) return;
    const auto& first = have.addresses->front();
    say(want.name, "carries the address " + first.str() +
                       (have.addresses->size() > 1
                            ? " and " + std::to_string(have.addresses->size() - 1) + " more"
                            : "") +
                       ", which would be lost when it becomes a port of " + next->str() +
                       "; vifchain apply moves it along");
  }

  // What no other link can be given would be lost.
  void look_at_routes(const Link& want, const Link& have) {
    for (const auto& route : have.routes.value_or(std::vector<Route>{}))
      if (!route.foreign.empty() && std::ranges::find(*want.routes, route) == want.routes->end())
        say(want.name, "has the route " + route.str() + " with " + route.foreign +
                           ", which cannot be moved to another link; take it away first");
  }

  static std::string wanted_place(const Link& want) {
    if (!want.controller) return "wanted with no controller";
    return "wanted as a port of " + want.controller->str();
  }

  // A link carries each VLAN once, whatever the name (vlan_check_real_dev).
  void look_for_twin(const Link& want) {
    const auto* vlan = std::get_if<Vlan>(&want.kind);
    if (vlan == nullptr) return;
    for (const auto& [name, link] : actual_) {
      const auto* other = std::get_if<Vlan>(&link.kind);
      if (other != nullptr && !going_.contains(name) && other->parent == vlan->parent &&
          other->id == vlan->id && other->protocol == vlan->protocol)
        say(want.name, "is VLAN " + std::to_string(vlan->id.number()) + " on " +
                           vlan->parent.str() + ", which " + name.str() + " is already");
    }
  }

  // A VLAN link carries no larger frames than the link below it (vlan_dev_change_mtu).
  void look_at_mtu(const Link& want) {
    const auto* parent = parent_of(want);
    if (parent == nullptr || !want.mtu) return;
    auto below = std::optional<unsigned>{};
    if (const Link* have = find(actual_, *parent)) below = have->mtu;
    if (const Link* wanted = find(desired_, *parent); wanted != nullptr && wanted->mtu)
      below = wanted->mtu;
    if (!below || *want.mtu <= *below) return;
    say(want.name, "mtu " + std::to_string(*want.mtu) + " is wanted, but " + parent->str() +
                       ", which carries it, has " + std::to_string(*below));
  }

  // With a small MTU the kernel takes IPv6 away (addrconf_notify).
  void look_at_ipv6(const Link& want) {
    if (!want.mtu || *want.mtu >= least_mtu6 || !want.addresses) return;
    const auto lost =
        std::ranges::find_if(*want.addresses, [](const LinkAddress& a) { return a.address.v6; });
    if (lost == want.addresses->end()) return;
    say(want.name, "is to have " + lost->str() + " and mtu " + std::to_string(*want.mtu) +
                       ", with which the kernel has no IPv6 (it takes " +
                       std::to_string(least_mtu6) + ")");
  }

  // A VLAN link cannot be up over a link that is down, unless loosely bound (vlan_dev_open).
  void look_at_state(const Link& want) {
    const Link* taken = is_given(want) ? find(actual_, want.name) : nullptr;
    const auto* parent = parent_of(taken != nullptr ? *taken : want);
    if (parent == nullptr || want.up != true || is_loosely_bound(want)) return;
    if (taken != nullptr && !is_known(*parent)) return;  // in another network namespace
    if (!will_be_up(*parent))
      say(want.name, "is wanted up, but " + parent->str() +
                         ", which carries it, is down, and nothing " + "says that it should be up");
  }

  [[nodiscard]] bool is_known(const LinkName& name) const {
    return find(desired_, name) != nullptr || find(actual_, name) != nullptr;
  }

  // A link that nobody named is raised with the one that it is stacked on.
  [[nodiscard]] bool will_be_up(const LinkName& name) const {
    const Link* want = find(desired_, name);
    if (want != nullptr && want->up) return *want->up;
    const Link* have = going_.contains(name) ? nullptr : find(actual_, name);
    if (have == nullptr || have->up == true) return have != nullptr;
    const auto* parent = parent_of(*have);
    if (want != nullptr || parent == nullptr || is_loosely_bound(*have)) return false;
    const Link* below = find(actual_, *parent);
    return below != nullptr && below->up != true && will_be_up(*parent);
  }

  [[nodiscard]] bool is_loosely_bound(const Link& want) const {
    const auto loose = [](const Options& options) {
      const auto found = options.find(Option::vlan_loose_binding);
      return found == options.end() ? std::optional<bool>{}
                                    : found->second != Value{std::int64_t{0}};
    };
    if (const auto wanted = loose(options_of(want))) return *wanted;
    const Link* have = going_.contains(want.name) ? nullptr : find(actual_, want.name);
    return have != nullptr && loose(options_of(*have)).value_or(false);
  }

  void look_at_deletion(const Link& have) {
    const bool is_desired = desired_.contains(have.name);
    if (!have.ours)
      say(have.name,
          is_desired ? "is to go, but is not one that vifchain made"
                     : "is stacked on a link that has to go, and is not one that vifchain made");
    else if (!is_desired)
      say(have.name, "is stacked on a link that has to go, and nobody asked for that");
    look_at_ports(have.name, "lose it");
  }

  void find_unasked_ports() {
    for (const auto& [name, link] : actual_)
      if (link.controller && !desired_.contains(name)) unasked_.emplace(*link.controller, name);
  }

  void look_at_ports(const LinkName& controller, const std::string& fate) {
    const auto [first, last] = unasked_.equal_range(controller);
    for (auto port = first; port != last; ++port)
      say(controller, "has the port " + port->second.str() + ", which would have to " + fate +
                          " and is not part of what was asked");
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
    const Link* have = find(actual, name);
    if (have == nullptr) continue;
    if (!want || (have->ours && must_be_remade(*want, *have))) going.insert(name);
  }
  // The kernel deletes a VLAN link with the link below it.
  for (bool grew = !going.empty(); grew;) {
    grew = false;
    for (const auto& [name, link] : actual) {
      const auto* parent = parent_of(link);
      if (parent != nullptr && going.contains(*parent)) grew |= going.insert(name).second;
    }
  }
  return going;
}

std::set<LinkName> bonds_to_empty(const Desired& desired, const Actual& actual) {
  std::set<LinkName> bonds;
  for (const auto& [name, want] : desired) {
    const Link* have = find(actual, name);
    if (!want || have == nullptr || !have->ours || !std::holds_alternative<Bond>(want->kind) ||
        !std::holds_alternative<Bond>(have->kind))
      continue;
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
