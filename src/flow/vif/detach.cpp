// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/detach.hpp"

#include "core/vif/request.hpp"
#include "core/vif/vlan_grammar.hpp"
#include "edge/base/error.hpp"
#include "flow/chain/file_chain.hpp"
#include "flow/vif/hooks.hpp"
#include "flow/vif/port_link.hpp"
#include "flow/vif/shared_mac.hpp"
#include "flow/vif/uplinks.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

// What a port leaves behind: its chain, where the file has one, and its VLANs.
struct Place {
  Chain chain;
  std::vector<PortVlan> vlans;
};

// As the toolstack's nodes have it.
std::optional<Place> place_in_store(Env& env, const VifEvent& event) {
  std::map<std::string, std::string> nodes;
  for (const char* key : {"bridge", "vlan"})
    if (auto value = env.store.read(event.backend + "/" + key))
      nodes.emplace(key, std::move(*value));
  const auto read = read_request(nodes, event.words);
  const auto* request = std::get_if<VifRequest>(&read);
  if (request == nullptr) return std::nullopt;
  if (const auto name = LinkName::parse(request->bridge))
    if (auto chain = chain_in_file(env, *name)) return Place{std::move(*chain), request->vlans};
  const auto spec = read_bridge_spec(request->bridge);
  const auto* parts = std::get_if<BridgeSpec>(&spec);
  const auto name = parts == nullptr ? std::nullopt : LinkName::parse(parts->bridge);
  auto chain = name ? chain_in_file(env, *name) : std::nullopt;
  if (!chain) return std::nullopt;
  return Place{std::move(*chain), request->vlans.empty() ? parts->vlans : request->vlans};
}

class Detach {
 public:
  Detach(Env& env, const VifEvent& event)
      : env_(env), event_(event), port_(quick_name(env, event)) {}

  Outcome run() {
    link_ = present_port(env_, event_);
    if (link_) port_ = link_->name;
    if (link_) leave();
    if (env_.filter.present(event_.key())) drop_filter();
    Released released{.link = link_ ? port_.str() : ""};
    tidy(released);
    run_hooks_all_the_same();
    return released;
  }

 private:
  void leave() {
    std::vector<Step> steps;
    if (link_->up == true) steps.push_back({SetDown{port_}, "the vif is removed"});
    if (link_->controller) steps.push_back({Leave{port_}, "the vif is removed"});
    try {
      if (!steps.empty()) env_.kernel.perform(steps);
    } catch (const std::exception&) {
      // netback may take the link away at any moment of this; gone is as good as released.
      if (present_port(env_, event_)) throw;
    }
  }

  // The port is on no bridge by now, so a filter that stays behind does no harm: the guest goes
  // either way.
  void drop_filter() {
    dropped_ = true;
    std::optional<PortFilter> filter;
    try {
      filter = env_.filter.read(port_, {.owner = LinkName::parse(event_.key())});
      env_.filter.remove(event_.key());
    } catch (const Error& error) {
      env_.log.warning(port_.str() +
                       " has left its bridge, but its filter is left, and deleted by " +
                       "the next apply: " + error.what());
    }
    if (filter && filter->bridge && filter->mac != Mac{})
      bind_who_is_left(env_, filter->mac, *filter->bridge);
  }

  // What was written down of a filter may have been lost.
  [[nodiscard]] bool may_have_filter(const Chain& chain) const {
    return !dropped_ && chain.policy.antispoof.value_or(Antispoof::off) != Antispoof::off;
  }

  // What the port leaves behind is put right as far as it can be; the guest is gone either way.
  void tidy(Released& released) {
    try {
      const auto place = find_place();
      if (!place) return;
      if (may_have_filter(place->chain)) drop_filter();
      drop_vlans(env_, place->chain, place->vlans);
      const Teardown& teardown = place->chain.teardown;
      if (teardown.last_vif) released.leaving = {place->chain.bridge, teardown.linger};
    } catch (const std::exception& error) {
      env_.log.warning(port_.str() +
                       " has left its bridge, which could not be tidied: " + error.what());
    }
  }

  // netback and the device model mostly take their link away before this runs.
  std::optional<Place> find_place() {
    if (!link_) return place_in_store(env_, event_);
    auto chain = link_->controller ? chain_in_file(env_, *link_->controller) : std::nullopt;
    if (!chain) return std::nullopt;
    return Place{std::move(*chain), link_->vlans.value_or(std::vector<PortVlan>{})};
  }

  void run_hooks_all_the_same() {
    try {
      run_event_hooks(env_, event_, {port_, {}, link_ ? link_->controller : std::nullopt, {}});
    } catch (const std::exception& error) {
      env_.log.err(error.what());
    }
  }

  Env& env_;
  const VifEvent& event_;
  LinkName port_;
  std::optional<Link> link_;
  bool dropped_ = false;  // its filter
};

}  // namespace

Outcome detach(Env& env, const VifEvent& event) {
  return Detach(env, event).run();
}

}  // namespace vifchain::inline flow::inline vif
