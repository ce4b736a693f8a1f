#include "flow/vif/detach.hpp"

#include "core/vif/request.hpp"
#include "core/vif/vlan_grammar.hpp"
#include "edge/base/error.hpp"
#include "flow/chain/file_chain.hpp"
#include "flow/vif/hooks.hpp"
#include "flow/vif/port_link.hpp"
#include "flow/vif/shared_mac.hpp"
#include "flow/vif/uplinks.hpp"

namespace vifchain {
namespace {

// What a port leaves behind: its chain, where the file has one, and its VLANs.
struct Place {
  Chain chain;
  std::vector<PortVlan> vlans;
};

// As the toolstack's nodes have it.
std::optional<Place> place_in_store(Site& site, const VifEvent& event) {
  std::map<std::string, std::string> nodes;
  for (const char* key : {"bridge", "vlan"})
    if (auto value = site.store.read(event.backend + "/" + key))
      nodes.emplace(key, std::move(*value));
  const auto read = read_request(nodes, event.words);
  const auto* request = std::get_if<VifRequest>(&read);
  if (request == nullptr) return std::nullopt;
  if (const auto name = LinkName::parse(request->bridge))
    if (auto chain = chain_in_file(site, *name)) return Place{std::move(*chain), request->vlans};
  const auto spec = read_bridge_spec(request->bridge);
  const auto* parts = std::get_if<BridgeSpec>(&spec);
  const auto name = parts == nullptr ? std::nullopt : LinkName::parse(parts->bridge);
  auto chain = name ? chain_in_file(site, *name) : std::nullopt;
  if (!chain) return std::nullopt;
  return Place{std::move(*chain), request->vlans.empty() ? parts->vlans : request->vlans};
}

class Detach {
 public:
  Detach(Site& site, const VifEvent& event)
      : site_(site), event_(event), port_(quick_name(site, event)) {}

  Outcome run() {
    link_ = present_port(site_, event_);
    if (link_) port_ = link_->name;
    if (link_) leave();
    if (site_.filter.present(event_.key())) drop_filter();
    Released released{.link = link_ ? port_.str() : ""};
    tidy(released);
    run_hooks_all_the_same();
    return released;
  }

 private:
  void leave() {
    std::vector<Step> steps;
    if (link_->up == true) steps.push_back({SetDown{port_}, "it goes"});
    if (link_->controller) steps.push_back({Leave{port_}, "it goes"});
    try {
      if (!steps.empty()) site_.kernel.perform(steps);
    } catch (const std::exception&) {
      // netback may take the link away at any moment of this; gone is as good as released.
      if (present_port(site_, event_)) throw;
    }
  }

  // The port is on no bridge by now, so a filter that stays behind does no harm: the guest goes
  // either way.
  void drop_filter() {
    dropped_ = true;
    std::optional<PortFilter> filter;
    try {
      filter = site_.filter.read(port_, {.owner = LinkName::parse(event_.key())});
      site_.filter.remove(event_.key());
    } catch (const Error& error) {
      site_.log.warning(port_.str() + " has left its bridge, and its filter stays behind, which " +
                        "vifchain apply takes away: " + error.what());
    }
    if (filter && filter->bridge && filter->mac != Mac{})
      bind_who_is_left(site_, filter->mac, *filter->bridge);
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
      drop_vlans(site_, place->chain, place->vlans);
      const Teardown& teardown = place->chain.teardown;
      if (teardown.last_vif) released.leaving = {place->chain.bridge, teardown.linger};
    } catch (const std::exception& error) {
      site_.log.warning(port_.str() +
                        " has left its bridge, which could not be tidied: " + error.what());
    }
  }

  // netback and the device model mostly take their link away before this runs.
  std::optional<Place> find_place() {
    if (!link_) return place_in_store(site_, event_);
    auto chain = link_->controller ? chain_in_file(site_, *link_->controller) : std::nullopt;
    if (!chain) return std::nullopt;
    return Place{std::move(*chain), link_->vlans.value_or(std::vector<PortVlan>{})};
  }

  void run_hooks_all_the_same() {
    try {
      run_event_hooks(site_, event_, {port_, {}, link_ ? link_->controller : std::nullopt, {}});
    } catch (const std::exception& error) {
      site_.log.err(error.what());
    }
  }

  Site& site_;
  const VifEvent& event_;
  LinkName port_;
  std::optional<Link> link_;
  bool dropped_ = false;  // its filter
};

}  // namespace

Outcome detach(Site& site, const VifEvent& event) {
  return Detach(site, event).run();
}

}  // namespace vifchain
