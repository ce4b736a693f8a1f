#include "flow/attach.hpp"

#include <algorithm>
#include <ctime>
#include <map>

#include "core/desired.hpp"
#include "core/request.hpp"
#include "edge/config.hpp"
#include "edge/hooks.hpp"
#include "edge/kept_chains.hpp"
#include "edge/netdev.hpp"
#include "flow/chain.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

// Where the kernel has this vif now; its own name when sysfs does not tell (the vif is going).
LinkName link_of(const Site& site, const VifEvent& event) {
  const auto name = netdev_of_vif(event.vif.domid, event.vif.devid, site.places.sysfs);
  return LinkName::parse(name.value_or(event.vif.str())).value();
}

std::string in_words(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

std::string in_words(const Diagnostics& mistakes, const std::string& file) {
  std::string text = show(mistakes.front(), file);
  if (mistakes.size() > 1)
    text += " (and " + std::to_string(mistakes.size() - 1) + " more, all in the log)";
  return text;
}

std::int64_t number(const Link& link, Option option) {
  const auto& options = options_of(link);
  const auto found = options.find(option);
  return found == options.end() ? 0 : std::get<std::int64_t>(found->second);
}

// One event of one vif, with what it learns on its way.
class Attach {
 public:
  Attach(Site& site, const VifEvent& event)
      : site_(site), event_(event), vif_(link_of(site, event)) {}

  Outcome run() {
    refuse_hooks();
    const Chain chain = find_chain();
    chain_ = stand(site_, chain, vif_);
    try {
      Outcome outcome = connect();
      if (topology_) keep_chains(site_.places.locks, *file_, *topology_, std::time(nullptr));
      return outcome;
    } catch (...) {
      undo();
      throw;
    }
  }

 private:
  // A hook would expect to run before the guest is connected.
  void refuse_hooks() const {
    if (const auto hook = any_hook(site_.places.hooks))
      throw Refusal(*hook + " would have to run, and hooks are not supported yet; move it away");
  }

  void read_nodes() {
    const auto names = site_.store.children(event_.backend);
    if (names.empty()) throw Refusal("there is no directory " + event_.backend + " in xenstore");
    for (const auto name : request_nodes)
      if (std::ranges::find(names, name) != names.end())
        if (auto value = site_.store.read(event_.backend + "/" + std::string(name)))
          nodes_.emplace(name, std::move(*value));
    had_error_ = std::ranges::find(names, "hotplug-error") != names.end();
  }

  Chain find_chain() {
    read_nodes();
    auto request = read_request(nodes_);
    if (const auto* bad = std::get_if<BadRequest>(&request)) throw Refusal(bad->reason);
    request_ = std::get<VifRequest>(request);
    file_ = FileIdentity::of(site_.places.config);
    if (file_)
      if (auto chain = kept_chain(site_.places.locks, *file_, request_.bridge))
        return std::move(*chain);
    return read_chain();
  }

  Chain read_chain() {
    auto topology = load_topology(site_.places.config);
    if (const auto* mistakes = std::get_if<Diagnostics>(&topology)) {
      for (const auto& mistake : *mistakes) site_.log.err(show(mistake, site_.places.config));
      throw Refusal(in_words(*mistakes, site_.places.config));
    }
    topology_ = std::get<Topology>(std::move(topology));
    auto chain = chain_for(*topology_, request_.bridge);
    if (!chain) throw Refusal(no_such_bridge(*topology_));
    return std::move(*chain);
  }

  [[nodiscard]] std::string no_such_bridge(const Topology& topology) const {
    const auto names = bridge_names(topology);
    return "Could not find bridge device " + request_.bridge + ": " + site_.places.config +
           (names.empty() ? " declares no bridge" : " declares " + in_words(names)) +
           "; add it there or correct the guest's bridge=";
  }

  Outcome connect() {
    const auto bridge = LinkName::parse(request_.bridge).value();
    const auto here = chain_.links.find(vif_);
    if (here == chain_.links.end())
      throw Refusal("the backend has no network interface " + vif_.str());
    refuse_without_vlan(chain_.links.at(bridge));
    wanted_ = wish_for_vif(bridge);
    // The vif on its bridge is all that is left to plan.
    const Actual near{{vif_, here->second}, {bridge, chain_.links.at(bridge)}};
    const Plan plan = make_plan(wanted_, near);
    if (!plan.conflicts.empty()) throw Refusal(conflicts_in_words(plan.conflicts));
    moved_ = !plan.steps.empty();
    const Actual now = moved_ ? reach(site_.kernel, site_.deadline, wanted_, plan,
                                      {{.name = vif_, .addresses = true}})
                              : chain_.links;
    const unsigned mtu = now.at(vif_).mtu.value();
    report(mtu);
    return Connected{vif_.str(), bridge.str(), mtu};
  }

  // On a bridge that filters VLANs and gives its ports none, the guest would be connected to
  // nothing.
  static void refuse_without_vlan(const Link& bridge) {
    if (number(bridge, Option::bridge_vlan_filtering) == 0) return;
    if (number(bridge, Option::bridge_vlan_default_pvid) != 0) return;
    throw Refusal(bridge.name.str() +
                  " filters VLANs and has no vlan_default_pvid, so a vif on it "
                  "is in no VLAN; VLANs of a vif are not supported yet, set vlan_default_pvid");
  }

  [[nodiscard]] Desired wish_for_vif(const LinkName& bridge) const {
    Link vif{.name = vif_};
    vif.controller = bridge;
    vif.mac = vif_mac;
    vif.addresses.emplace();
    vif.addr_gen = AddrGen::none;
    vif.mtu = request_.mtu ? request_.mtu : chain_.links.at(bridge).mtu;
    vif.up = true;
    return {{vif_, vif}};
  }

  // The frontend reads its MTU while it connects, and netback connects it as soon as the status
  // says so: the status is the very last word.
  void report(unsigned mtu) {
    site_.deadline.check();
    site_.store.write("/local/domain/" + std::to_string(event_.vif.domid) + "/device/vif/" +
                          std::to_string(event_.vif.devid) + "/mtu",
                      std::to_string(mtu));
    if (had_error_) site_.store.remove(event_.backend + "/hotplug-error");
    site_.store.write(event_.backend + "/hotplug-status", "connected");
  }

  void undo() noexcept {
    site_.deadline.grace(std::chrono::seconds(4));
    try {
      if (moved_) put_back(site_.kernel, wanted_, chain_.links);
    } catch (const std::exception& error) {
      site_.log.err("undoing the attachment of " + vif_.str() + " failed as well: " + error.what());
    }
    fall(site_, chain_);
  }

  Site& site_;
  const VifEvent& event_;
  LinkName vif_;
  std::map<std::string, std::string> nodes_;
  bool had_error_ = false;
  VifRequest request_;
  std::optional<FileIdentity> file_;
  std::optional<Topology> topology_;  // when the file had to be read
  StandingChain chain_;
  Desired wanted_;
  bool moved_ = false;
};

}  // namespace

Outcome attach(Site& site, const VifEvent& event) {
  return Attach(site, event).run();
}

Outcome detach(Site& site, const VifEvent& event) {
  const LinkName vif = link_of(site, event);
  const Actual before = site.kernel.snapshot({{.name = vif}});
  const auto here = before.find(vif);
  if (here == before.end()) return Released{};
  std::vector<Step> steps;
  if (here->second.up == true) steps.push_back({SetDown{vif}, "it goes"});
  if (here->second.controller) steps.push_back({Leave{vif}, "it goes"});
  try {
    if (!steps.empty()) site.kernel.perform(steps);
  } catch (const std::exception&) {
    // netback may take the link away at any moment of this; gone is as good as released.
    if (site.kernel.snapshot({{.name = vif}}).contains(vif)) throw;
  }
  return Released{vif.str()};
}

}  // namespace vifchain
