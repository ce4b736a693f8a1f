#include "flow/detach.hpp"

#include "core/request.hpp"
#include "core/vlan_spec.hpp"
#include "flow/file_chain.hpp"
#include "flow/hook_words.hpp"
#include "flow/port_link.hpp"
#include "flow/uplinks.hpp"

namespace vifchain {
namespace {

std::optional<Link> look(Site& site, const LinkName& port) {
  const Actual links = site.kernel.snapshot({{.name = port, .vlans = true}});
  const auto found = links.find(port);
  return found == links.end() ? std::nullopt : std::optional(found->second);
}

// What a port leaves behind: the bridge it was on, and its VLANs.
struct Place {
  LinkName bridge;
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
  if (const auto name = LinkName::parse(request->bridge); name && chain_in_file(site, *name))
    return Place{*name, request->vlans};
  const auto spec = read_bridge_spec(request->bridge);
  const auto* parts = std::get_if<BridgeSpec>(&spec);
  const auto name = parts == nullptr ? std::nullopt : LinkName::parse(parts->bridge);
  if (!name) return std::nullopt;
  return Place{*name, request->vlans.empty() ? parts->vlans : request->vlans};
}

class Detach {
 public:
  Detach(Site& site, const VifEvent& event)
      : site_(site), event_(event), port_(quick_name(site, event)) {}

  Outcome run() {
    find();
    if (link_) leave();
    if (site_.filter.present(event_.key())) site_.filter.remove(event_.key());
    Released released{.link = link_ ? port_.str() : ""};
    tidy(released);
    run_hooks_all_the_same();
    return released;
  }

 private:
  void find() {
    link_ = look(site_, port_);
    if (link_) return;
    const auto name = find_port(site_, event_);
    if (!name) return;
    port_ = *name;
    link_ = look(site_, port_);
  }

  void leave() {
    std::vector<Step> steps;
    if (link_->up == true) steps.push_back({SetDown{port_}, "it goes"});
    if (link_->controller) steps.push_back({Leave{port_}, "it goes"});
    try {
      if (!steps.empty()) site_.kernel.perform(steps);
    } catch (const std::exception&) {
      // netback may take the link away at any moment of this; gone is as good as released.
      if (look(site_, port_)) throw;
    }
  }

  // What the port leaves behind is put right as far as it can be; the guest is gone either way.
  void tidy(Released& released) {
    try {
      const auto place = find_place();
      if (!place) return;
      const auto chain = chain_in_file(site_, place->bridge);
      if (!chain) return;
      drop_vlans(site_, *chain, place->vlans);
      if (chain->teardown.last_vif) released.leaving = {place->bridge, chain->teardown.linger};
    } catch (const std::exception& error) {
      site_.log.warning(port_.str() +
                        " has left its bridge, which could not be tidied: " + error.what());
    }
  }

  // netback and the device model mostly take their link away before this runs.
  std::optional<Place> find_place() {
    if (!link_) return place_in_store(site_, event_);
    if (!link_->controller) return std::nullopt;
    return Place{*link_->controller, link_->vlans.value_or(std::vector<PortVlan>{})};
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
};

}  // namespace

Outcome detach(Site& site, const VifEvent& event) {
  return Detach(site, event).run();
}

}  // namespace vifchain
