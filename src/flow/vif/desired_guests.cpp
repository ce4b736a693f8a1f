// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/desired_guests.hpp"

#include "core/plan/impact.hpp"
#include "core/vif/guest_port.hpp"
#include "core/vif/request.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/vif_netdev.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

class Desire {
 public:
  Desire(const GuestSources& sources, const Topology& topology, const Actual& now)
      : sources_(sources), topology_(topology), now_(now) {}

  void look_at(const Link& link) {
    if (asks_nothing(policy_on(topology_, *link.controller)) && has_nothing(link)) return;
    const auto port = owner_of_port(link.name, sources_.names, sources_.sysfs);
    if (!port) return;
    try {
      desired_for_all(link, *port);
    } catch (const Error& error) {
      desired_.odd.emplace(link.name,
                           std::string("the limits of its guest are not known: ") + error.what());
    }
  }

  DesiredGuests take() && {
    for (const auto& [place, ports] : by_mac_)
      if (ports.size() > 1)
        for (const auto& port : ports)
          if (auto& want = *desired_.ports.at(port); want.fdb) share_mac(want, policies_.at(port));
    return std::move(desired_);
  }

 private:
  // Neither of these is about a port that runs.
  static bool asks_nothing(VifPolicy policy) {
    policy.wait.reset();
    policy.ipv6_link_local.reset();
    policy.routers.reset();
    if (policy.antispoof == Antispoof::off) policy.antispoof.reset();
    return policy == VifPolicy{};
  }

  // That a policy which does not count any more could have left.
  static bool has_nothing(const Link& link) {
    return !is_filtered(link) && link.rate.value_or(0) == 0 &&
           integer(link.port, Option::port_locked).value_or(0) == 0;
  }

  void desired_for_all(const Link& link, const PortOwner& port) {
    const auto nodes = read_nodes(port.vif.backend());
    const auto status = nodes.find("hotplug-status");
    if (status == nodes.end() || status->second != "connected") return;
    auto read = read_request(nodes);
    if (const auto* bad = std::get_if<BadRequest>(&read)) {
      desired_.odd.emplace(link.name, bad->reason);
      return;
    }
    wish_by(link, port, std::get<VifRequest>(read));
  }

  std::map<std::string, std::string> read_nodes(const std::string& backend) {
    std::map<std::string, std::string> nodes;
    for (const char* key : {"hotplug-status", "mac", "ip", "type"})
      if (auto value = sources_.store.read(backend + "/" + key))
        nodes.emplace(key, std::move(*value));
    return nodes;
  }

  void wish_by(const Link& link, const PortOwner& port, const VifRequest& request) {
    const Link& bridge = now_.at(*link.controller);
    const VifPolicy policy = policy_on(topology_, bridge.name);
    if (auto why = why_no_antispoof(policy, request, port.vif.backend()); !why.empty())
      desired_.odd.emplace(link.name, std::move(why));
    Link want{.name = link.name, .keep_controller = true};
    const bool filters = filters_vlans(options_of(bridge));
    want_policy(want, link, bridge, request, policy,
                filters ? link.vlans.value_or(std::vector<PortVlan>{}) : std::vector<PortVlan>{},
                port.owner);
    if (want.filter && want.filter->mac != Mac{})
      by_mac_[{bridge.name, want.filter->mac}].push_back(link.name);
    policies_.emplace(link.name, policy);
    if (!want.filter) want.filter.emplace();
    if (!want.rate) want.rate = 0;
    if (desired_.odd.contains(link.name)) want.filter.reset();
    desired_.ports.emplace(link.name, std::move(want));
  }

  const GuestSources& sources_;
  const Topology& topology_;
  const Actual& now_;
  std::map<std::pair<LinkName, Mac>, std::vector<LinkName>> by_mac_;
  std::map<LinkName, VifPolicy> policies_;
  DesiredGuests desired_;
};

}  // namespace

VifPolicy policy_on(const Topology& topology, const LinkName& bridge) {
  if (auto chain = chain_for(topology, bridge.str())) return std::move(chain->policy);
  return topology.vif;
}

std::optional<PortOwner> owner_of_port(const LinkName& link, LinkNames& names,
                                       const std::string& sysfs) {
  if (const auto device = vif_of_netdev(link.str(), sysfs)) {
    const VifId vif{device->first, device->second};
    return PortOwner{vif, LinkName::parse(vif.str()).value()};
  }
  if (const auto vif = vif_of_port_name(link.str())) return PortOwner{*vif, link};
  for (const auto& other : names.others(link))
    if (const auto vif = vif_of_port_name(other.str())) return PortOwner{*vif, other};
  return std::nullopt;
}

DesiredGuests desired_guests(const GuestSources& sources, const Topology& topology,
                             const Actual& now, const std::set<LinkName>& bridges) {
  Desire desired(sources, topology, now);
  for (const auto& [name, link] : now) {
    if (!is_guest_port(link) || !now.contains(*link.controller)) continue;
    if (!std::holds_alternative<Bridge>(now.at(*link.controller).kind)) continue;
    if (bridges.empty() || bridges.contains(*link.controller)) desired.look_at(link);
  }
  return std::move(desired).take();
}

}  // namespace vifchain::inline flow::inline vif
