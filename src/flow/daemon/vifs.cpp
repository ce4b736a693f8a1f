// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text/decimal.hpp"
#include "core/vif/request.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/vif_netdev.hpp"
#include "edge/state/chain_requests.hpp"
#include "edge/state/vif_lock.hpp"
#include "flow/daemon/daemon.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/handle.hpp"

namespace vifchain::inline flow::inline daemon {
namespace {

// "5/0" and what follows: the vif, and the node below its directory.
struct VifPath {
  VifId vif;
  std::string_view node;
};

std::optional<VifPath> vif_path(std::string_view below) {
  const auto slash = below.find('/');
  if (slash == below.npos) return std::nullopt;
  const auto rest = below.substr(slash + 1);
  const auto next = rest.find('/');
  const auto domid = decimal(below.substr(0, slash));
  const auto devid = decimal(rest.substr(0, next));
  if (!domid || !devid) return std::nullopt;
  return VifPath{{*domid, *devid}, next == rest.npos ? std::string_view() : rest.substr(next + 1)};
}

// What handle() says begins with whom it is about.
std::string without_name(const std::string& reason, const VifId& vif) {
  const std::string start = vif.str() + ": ";
  return reason.starts_with(start) ? reason.substr(start.size()) : reason;
}

bool matters(std::string_view node) {
  return node.empty() || node == "state" || node == "online" || node == "hotplug-status";
}

// What a vif asks for: it may have been refused for that.
bool is_wish(std::string_view node) {
  return std::ranges::find(wish_nodes, node) != wish_nodes.end() ||
         std::ranges::find(guest_nodes, node) != guest_nodes.end();
}

}  // namespace

std::string Daemon::backends() const {
  return "/local/domain/" + std::to_string(report_.domid) + "/backend/vif";
}

std::string Daemon::backend(const VifId& vif) const {
  return backends() + "/" + std::to_string(vif.domid) + "/" + std::to_string(vif.devid);
}

VifEvent Daemon::event_of(const VifId& vif, Action action) const {
  return {.action = action, .vif = vif, .backend = backend(vif), .script = "vifchaind"};
}

// oxenstored hangs up where the names of a folder do not fit into the 4096 bytes of one answer, as
// those of some 700 guests do not (Xen 4.17 has no DIRECTORY_PART in it): the kernel then knows
// whose links are here. Where xenstored does not answer at all, the Error is thrown all the same.
void Daemon::note_all_vifs() try {
  for (const auto& domain : store_.children(backends()))
    for (const auto& device : store_.children(backends() + "/" + domain))
      if (const auto path = vif_path(domain + "/" + device)) changes_.vifs.insert(path->vif);
} catch (const Error& error) {
  static_cast<void>(store_.read(backends()));
  log_.warning(std::string(error.what()) + "; finding vifs by their links instead");
  for (const auto& [index, link] : host_.links()) {
    const std::string name = link.name.str();
    if (const auto device = vif_of_netdev(name, places_.sysfs))
      changes_.vifs.insert({device->first, device->second});
    else if (const auto vif = vif_of_port_name(name))
      changes_.vifs.insert(*vif);
  }
}

void Daemon::store_changed(std::span<const std::string> paths) {
  const std::string base = backends() + "/";
  changes_.first = host_.now();
  for (const std::string& path : paths) {
    if (!path.starts_with(base)) continue;
    const auto below = std::string_view(path).substr(base.size());
    if (const auto vif = vif_path(below); vif && matters(vif->node)) {
      if (changes_.vifs.insert(vif->vif).second) ++report_.counters.store_events;
    } else if (vif && is_wish(vif->node)) {
      note_cause(vif->vif);
    } else if (const auto domid = decimal(below)) {
      for (const auto& [known, link] : ports_.links())
        if (known.domid == *domid) changes_.vifs.insert(known);
    }
  }
  serve_vifs([](const VifId&) { return false; });
}

// Where xenstored falls silent over it, the others wait for it to answer.
void Daemon::serve_vifs(const std::function<bool(const VifId&)>& is_retried) {
  for (const auto& vif : std::exchange(changes_.vifs, {})) try {
      if (store_away_ || store_.is_silent())
        changes_.vifs.insert(vif);
      else
        serve(vif, is_retried(vif));
    } catch (const std::exception& error) {
      if (store_.is_silent()) continue;
      note_failure(vif, true);
      wait(vif.str(), error.what());
    }
}

BackendNodes Daemon::read_nodes(const VifId& vif) const {
  BackendNodes nodes;
  const std::string folder = backend(vif) + "/";
  nodes.state = state_in(store_.read(folder + "state").value_or(""));
  if (!nodes.state) return nodes;
  nodes.status = store_.read(folder + "hotplug-status").value_or("");
  nodes.script = store_.read(folder + "script").value_or("");
  nodes.online = store_.read(folder + "online") != "0";
  return nodes;
}

void Daemon::serve(const VifId& vif, bool retry) {
  switch (duty_of(read_nodes(vif), served_)) {
    case VifDuty::none:
      return forget(vif);
    case VifDuty::attach:
      return connect(event_of(vif, Action::online), false);
    case VifDuty::keep:
      if (ports_.link_of(vif) == nullptr) learn(vif);
      return;
    case VifDuty::mend:
      if (retry) return connect(event_of(vif, Action::online), false, told_of(vif));
      note_waiting(vif.str(),
                   without_name(store_.read(backend(vif) + "/hotplug-error").value_or(""), vif));
      return;
    case VifDuty::remove:
      return take_out(vif);
  }
}

// Somebody else is at it: vif-chain, or `vifchain vif`.
bool Daemon::is_theirs(const VifEvent& event) {
  if (VifLock::if_free(places_.vif_locks(), event.vif)) return false;
  busy_[event.vif] = host_.now() + while_busy;
  return true;
}

// The reason that its refusal has, as hotplug-error has it; empty for one that was never refused.
std::string Daemon::told_of(const VifId& vif) const {
  const auto known = std::ranges::find(report_.waiting, vif.str(), &DaemonReport::Waiting::subject);
  return known == report_.waiting.end() ? "" : vif.str() + ": " + known->reason;
}

void Daemon::connect(const VifEvent& event, bool heals, const std::string& told) {
  if (is_theirs(event)) return;
  const std::string call = heals ? "vifchaind repairs " : "vifchaind connects ";
  host_.run(call + event.key(), places(), [&](Env& env) {
    if (env.recorder != nullptr) env.recorder->concerns(event.key());
    const Outcome outcome = handle(env, event, told);
    const auto* connected = std::get_if<Connected>(&outcome);
    if (const auto* refused = std::get_if<Refused>(&outcome)) {
      ++report_.counters.refused;
      note_failure(event.vif, refused->may_pass);
      note_waiting(event.key(), without_name(refused->reason, event.vif));  // and is logged
      return;
    }
    if (connected == nullptr) return;
    if (env.recorder != nullptr)
      env.recorder->done(connected->link + " is on " + connected->bridge);
    note_connected(event, *connected, heals);
  });
}

void Daemon::note_connected(const VifEvent& event, const Connected& connected, bool heals) {
  settled(event.key());
  failing_.erase(event.vif);
  if (!event.for_tap())
    remember(event.vif, LinkName::parse(connected.link).value(), LinkName::parse(connected.bridge));
  if (!heals) {
    ++report_.counters.attached;
    log_.info(event.key() + " is on " + connected.bridge);
  } else if (connected.changed) {
    ++report_.counters.healed_ports;
    repaired(event.key(), "back on " + connected.bridge);
    if (!pace_.note(LinkName::parse(connected.link).value(), host_.now())) return;
    ++report_.counters.gave_way;
    wait(event.key(), "was taken off " + connected.bridge +
                          " three times within a minute; not repaired for a minute");
  }
}

// As nobody else ends vifs in a driver domain: its toolstack, in dom0, waits ten seconds for the
// directory to go (device_destroy_be_watch_cb in libxl_device.c). Where the port could not be taken
// off its bridge, the kernel does so with the link.
void Daemon::take_out(const VifId& vif) {
  const VifEvent event = event_of(vif, Action::offline);
  if (is_theirs(event)) return;
  host_.run("vifchaind ends " + vif.str(), places(), [&](Env& env) {
    if (env.recorder != nullptr) env.recorder->concerns(vif.str());
    const Outcome outcome = handle(env, event);
    if (const auto* released = std::get_if<Released>(&outcome)) {
      ++report_.counters.released;
      if (released->leaving)
        emptied_[released->leaving->bridge] =
            host_.now() + std::chrono::seconds(released->leaving->linger);
    }
    take_out_of_store(env.store, vif);
  });
  forget(vif);
}

// With the guest's folder, where this was its last vif, as libxl__xs_path_cleanup in
// libxl_internal.c does; a domain may have no more than some 1000 nodes. Since Xen 4.15 the
// toolstack takes it away where it alone may.
void Daemon::take_out_of_store(Store& store, const VifId& vif) {
  store.remove(backend(vif));
  try {
    store.remove_if_empty(backends() + "/" + std::to_string(vif.domid));
  } catch (const Error& error) {
    if (error.code() != std::errc::permission_denied) throw;
  }
}

// One that was connected before, or by somebody else.
void Daemon::learn(const VifId& vif) {
  auto link = netdev_of_vif(vif.domid, vif.devid, places_.sysfs);
  const auto port = LinkName::parse(link.value_or(vif.str()));
  if (!port) return;
  std::optional<LinkName> bridge;
  const auto& links = host_.links();
  for (const auto& [index, seen] : links)
    if (seen.name == *port)
      if (const auto controller = links.find(seen.controller); controller != links.end())
        bridge = controller->second.name;
  remember(vif, *port, bridge);
}

void Daemon::remember(const VifId& vif, const LinkName& port,
                      const std::optional<LinkName>& bridge) {
  forget(vif);
  ports_.remember(vif, port, bridge);
  if (bridge) emptied_.erase(*bridge);
}

void Daemon::forget(const VifId& vif) {
  busy_.erase(vif);
  failing_.erase(vif);
  settled(vif.str());
  settled(emulated_name(vif.str()));
  ports_.forget(vif);
}

// Ports that are up on a bridge no longer, as the kernel said a moment ago.
void Daemon::mend_ports() {
  if (store_away_ || store_.is_silent()) return;
  const auto requests = chain_requests(places_.locks);
  for (const auto& [port, vif] : std::exchange(changes_.lost_ports, {})) try {
      const auto* link = ports_.link_of(vif);
      if (link == nullptr || !pace_.may(port, host_.now())) continue;
      const auto& bridge = ports_.all().at(*link).bridge;
      const auto request = bridge ? requests.find(*bridge) : requests.end();
      if (request != requests.end() && request->second == ChainRequest::stays_down) continue;
      if (bridge && file_.topology && is_busy(*bridge))
        changes_.lost_ports.emplace(port, vif);
      else
        mend(port, vif);
    } catch (const std::exception& error) {
      if (store_.is_silent())
        changes_.lost_ports.emplace(port, vif);
      else
        wait(port.str(), error.what());
    }
}

void Daemon::mend(const LinkName& port, const VifId& vif) {
  if (duty_of(read_nodes(vif), served_) != VifDuty::keep) return;
  VifEvent event = event_of(vif, Action::online);
  if (*ports_.link_of(vif) != port) {
    event.action = Action::add;
    event.tap = port.str();
  }
  connect(event, true);
}

}  // namespace vifchain::inline flow::inline daemon
