// SPDX-License-Identifier: Apache-2.0
// The bridge of a vif: whether it is found, takes the vif's VLANs, and can be made.
#include <algorithm>

#include "core/guests/context.hpp"
#include "core/model/links.hpp"
#include "core/plan/desired.hpp"
#include "core/plan/plan.hpp"
#include "core/text/find.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"
#include "core/text/problem.hpp"
#include "core/vif/guest_port.hpp"

namespace vifchain::inline core::inline guests {
namespace {

// What stands for {vid} in a name like the template's; empty when it is no number.
std::string number_in(const Template& pattern, std::string_view name) {
  if (!name.starts_with(pattern.before)) return {};
  name.remove_prefix(pattern.before.size());
  if (!name.ends_with(pattern.after)) return {};
  name.remove_suffix(pattern.after.size());
  return name.find_first_not_of("0123456789") == name.npos ? std::string(name) : std::string();
}

class Look {
 public:
  Look(const VifContext& context, const VifRequest& request, Server server)
      : context_(context), host_(context.host), request_(request), server_(server) {}

  void run() {
    if (!find()) return;
    context_.checked.bridges[context_.number] = bridge_->chain.bridge.str();
    if (server_ == Server::stock) return look_as_stock();
    look_at_state();
    look_at_vlans();
    look_at_filter();
    look_at_chain();
    look_at_mtu();
  }

 private:
  void say(Weight weight, std::string text) const { context_.say(weight, std::move(text)); }

  // By its name, or by an alternative one.
  [[nodiscard]] const Link* link_called(const LinkName& name) const {
    const auto* other = find_in(host_.other_names, name);
    return link_in(host_.links, other == nullptr ? name : *other);
  }

  bool find() {
    const auto text = wanted_bridge();
    if (!text) return false;
    const auto found = meant_bridge(host_.topology, *text, [&](const LinkName& name) {
      const auto* link = link_called(name);
      return link == nullptr ? std::nullopt : std::optional(*link);
    });
    if (!found) {
      say(Weight::obstacle, nowhere(*text));
      return false;
    }
    if (const auto* other = std::get_if<NoBridge>(&*found)) {
      say(Weight::obstacle, other->reason);
      return false;
    }
    bridge_ = std::get<MeantBridge>(*found);
    return true;
  }

  std::optional<std::string> wanted_bridge() const {
    if (!request_.bridge.empty()) return request_.bridge;
    if (auto usual = usual_bridge(host_.topology)) return usual;
    say(Weight::obstacle,
        "Could not find bridge, and none was specified; name one with "
        "bridge=NAME, or set bridge in [vif] of " +
            host_.config);
    return std::nullopt;
  }

  [[nodiscard]] std::string nowhere(const std::string& text) const {
    std::vector<std::string> known = bridge_names(host_.topology);
    for (const auto& [name, link] : host_.links)
      if (is<Bridge>(link)) known.push_back(name.str());
    const std::string near = nearest(text, {known.begin(), known.end()});
    std::string hint = near.empty() ? "" : " (did you mean " + near + "?)";
    for (const auto& pattern : host_.topology.templates)
      if (const auto id = number_in(pattern, text); !id.empty())
        hint = " (the template " + pattern.before + "{vid}" + pattern.after + " has no VLAN " + id +
               ")";
    return nowhere_in_words(host_.topology, text, host_.config, host_.has_file) + hint;
  }

  // vif-bridge takes links that are there, by their names.
  void look_as_stock() const {
    const std::string name = bridge_->chain.bridge.str();
    if (!request_.vlans.empty() || !bridge_->vlans.empty())
      say(Weight::obstacle,
          problem("vif-bridge ignores VLANs: the guest would be in the default VLAN of " + name,
                  "script=vif-chain"));
    else if (link_called(bridge_->chain.bridge) == nullptr)
      say(Weight::obstacle, problem(name + " does not exist yet, and vif-bridge does not create it",
                                    "vifchain up " + name));
  }

  // As the file makes it where it is not there.
  [[nodiscard]] Link new_bridge() const {
    Link link = bridge_->chain.links.at(bridge_->chain.bridge);
    if (is<Bridge>(link))
      options_of(link).insert(link.birth.options.begin(), link.birth.options.end());
    link.ours = bridge_->declared;
    return link;
  }

  // A standing bridge starts to filter VLANs at no guest's start.
  [[nodiscard]] std::string why_not_in(const std::vector<PortVlan>& vlans) const {
    const Link* there = link_called(bridge_->chain.bridge);
    if (there == nullptr) return why_no_vlans(new_bridge(), vlans);
    auto why_not = why_no_vlans(*there, vlans);
    if (!why_not.empty() && bridge_->declared && why_no_vlans(new_bridge(), vlans).empty())
      why_not = problem(there->name.str() + " differs from " + host_.config +
                            " and takes no vif with these VLANs",
                        "vifchain apply");
    return why_not;
  }

  void look_at_vlans() const {
    if (!request_.vlans.empty() && !bridge_->vlans.empty() && request_.vlans != bridge_->vlans)
      return say(Weight::obstacle, "bridge=" + request_.bridge + " and vlan= name different VLANs");
    if (context_.vif.vlans_lost) return;
    const auto& vlans = request_.vlans.empty() ? bridge_->vlans : request_.vlans;
    if (const auto why_not = why_not_in(vlans); !why_not.empty())
      return say(Weight::obstacle, why_not);
    for (const auto& uplink : uplinks_of(bridge_->chain)) look_at_uplink(uplink, vlans);
  }

  // What the file fixes for an uplink stays.
  void look_at_uplink(const LinkName& uplink, const std::vector<PortVlan>& vlans) const {
    const Link* link = link_in(bridge_->chain.links, uplink);
    if (link == nullptr || !link->vlans) return;
    for (const auto& vlan : vlans)
      if (std::ranges::find(*link->vlans, vlan.id, &PortVlan::id) == link->vlans->end())
        say(Weight::warning,
            problem(uplink.str() + " carries no VLAN " + std::to_string(vlan.id.number()) +
                        ", so the guest reaches nobody beyond it",
                    "add " + std::to_string(vlan.id.number()) + " to vlans in [port." +
                        uplink.str() + "] of " + host_.config));
  }

  // What the file declares is told of by the check of the host.
  void look_at_state() const {
    const Link* there = link_called(bridge_->chain.bridge);
    if (there == nullptr || bridge_->declared) return;
    const auto& accepted = host_.topology.accepted;
    if (!accepted.contains("stp"))
      for (auto& trouble : troubles_of_others_bridge(*there))
        say(Weight::warning, std::move(trouble));
    auto filtered = netfilter_in_words(host_.netfilter, {there->name.str()});
    if (!filtered.empty() && !accepted.contains("br_netfilter"))
      say(Weight::warning, std::move(filtered));
  }

  void look_at_filter() const {
    const auto mode = bridge_->chain.policy.antispoof.value_or(Antispoof::off);
    if (mode == Antispoof::closed)
      say(Weight::warning, "antispoof = \"closed\" on " + bridge_->chain.bridge.str() +
                               " drops all traffic of the guest");
    if (mode != Antispoof::mac_ip) return;
    if (!request_.wrong_addresses.empty())
      say(Weight::obstacle, problem("antispoof = \"mac-ip\" needs valid addresses", "ip=ADDRESS"));
    else if (request_.addresses.empty())
      say(Weight::obstacle,
          problem("antispoof = \"mac-ip\" needs the guest's addresses", "ip=ADDRESS"));
  }

  void say_conflicts(const std::vector<Conflict>& conflicts) const {
    const auto text = [](const Conflict& one) { return one.name.str() + ": " + one.reason; };
    say(Weight::obstacle, "the chain of " + bridge_->chain.bridge.str() + " cannot be created (" +
                              joined(conflicts, text, "; ") + ")");
  }

  // As at a start: what is in its way, and what would interrupt others.
  void look_at_chain() const {
    Actual near;
    for (const auto& [name, link] : bridge_->chain.links)
      if (const auto* there = link_called(name)) near.emplace(name, *there);
    DesiredChain desired = desired_for(bridge_->chain, near, [] { return std::string("any"); });
    keep_traffic(desired, near);
    const Plan plan = make_plan(desired.links, near);
    if (!plan.conflicts.empty()) return say_conflicts(plan.conflicts);
    for (const auto& step : plan.steps)
      if (step.impact != Impact::hot)
        return say(
            Weight::obstacle,
            problem("the existing chain of " + bridge_->chain.bridge.str() + " differs from " +
                        host_.config + ", and changing it would interrupt guests (" +
                        describe(step.op) + ", " + step.because + ")",
                    "vifchain apply --allow-disrupt"));
  }

  [[nodiscard]] std::optional<unsigned> mtu_of(const LinkName& name) const {
    const Link *wanted = link_in(bridge_->chain.links, name), *there = link_called(name);
    if (wanted != nullptr && wanted->mtu) return wanted->mtu;
    if (there != nullptr) return there->mtu;
    return wanted == nullptr ? std::nullopt : std::optional<unsigned>(1500);
  }

  void look_at_mtu() const {
    if (!request_.mtu) return;
    std::vector<LinkName> carriers{bridge_->chain.bridge};
    std::ranges::copy(uplinks_of(bridge_->chain), std::back_inserter(carriers));
    for (const auto& name : carriers)
      if (const auto mtu = mtu_of(name); mtu && *mtu < *request_.mtu)
        return say(Weight::warning, "mtu=" + std::to_string(*request_.mtu) + " exceeds that of " +
                                        name.str() + ", " + std::to_string(*mtu) +
                                        ": larger frames are lost there");
  }

  const VifContext& context_;
  const GuestsHost& host_;
  const VifRequest& request_;
  Server server_;
  std::optional<MeantBridge> bridge_;
};

}  // namespace

void look_at_bridge(const VifContext& context, const VifRequest& request, Server server) {
  Look(context, request, server).run();
}

}  // namespace vifchain::inline core::inline guests
