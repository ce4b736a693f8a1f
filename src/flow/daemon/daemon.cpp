// SPDX-License-Identifier: Apache-2.0
#include "flow/daemon/daemon.hpp"

#include <algorithm>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"

namespace vifchain::inline flow::inline daemon {
namespace {

constexpr std::size_t most_repairs = 32;

std::string first_of(const Diagnostics& mistakes, const std::string& file) {
  std::string text = show(mistakes.front(), file);
  if (mistakes.size() > 1) text += " (and " + std::to_string(mistakes.size() - 1) + " more)";
  return text;
}

}  // namespace

Daemon::Daemon(DaemonHost& host, const ServedDomain& domain, Log& log, Places places)
    : host_(host),
      store_(domain.store),
      log_(log),
      places_(std::move(places)),
      served_{.any_script = domain.any_script, .driver_domain = domain.domid != 0} {
  report_.domid = domain.domid;
  report_.since = host_.time();
  report_.config = places_.config;
}

void Daemon::start() {
  read_file_anew();
  ports_ = {};
  report_.waiting.clear();
  changes_.all_chains = changes_.all_filters = true;
  try {
    note_all_vifs();
  } catch (const Error& error) {
    return wait("xenstore", error.what());
  }
  settled("xenstore");
  store_away_ = false;
  serve_vifs([](const VifId&) { return true; });
  for (const auto& [port, vif] : links_without_bridge()) changes_.lost_ports.emplace(port, vif);
  note_idle_bridges();
  look();
}

// Known ports that are on no bridge, or are down.
std::map<LinkName, VifId> Daemon::links_without_bridge() const {
  std::map<LinkName, VifId> ports;
  for (const auto& [index, link] : host_.links())
    if (link.controller == 0 || !link.up)
      if (const auto vif = ports_.vif_of(link.name)) ports.emplace(link.name, *vif);
  return ports;
}

void Daemon::note_idle_bridges() {
  if (!file_.topology || !served_.driver_domain) return;
  std::set<LinkName> used;
  for (const auto& [link, port] : ports_.all())
    if (port.bridge) used.insert(*port.bridge);
  for (const auto& [bridge, teardown] : file_.topology->teardowns)
    if (teardown.last_vif && !used.contains(bridge))
      emptied_.emplace(bridge, host_.now() + std::chrono::seconds(teardown.linger));
}

void Daemon::file_changed() {
  const auto before = file_.identity;
  read_file_anew();
  if (file_.identity == before) return;
  failing_.clear();  // whoever mends the file is not to wait
  changes_.retry = changes_.all_filters = true;
  look_soon();
}

// A file with a mistake changes nothing: what was right before is still the desired state, after a
// restart of this program too.
void Daemon::read_file_anew() {
  const auto file = FileIdentity::of(places_.config);
  if (file == file_.identity && (file || !report_.config_mistake.empty())) return;
  file_.identity = file;
  report_.config_mistake = take_file(places_.config);
  if (report_.config_mistake.empty()) return keep_right_file();
  if (!file_.topology) take_file(right_file());
  log_.err(report_.config_mistake + (file_.topology ? "; keeping the previous configuration" : ""));
}

// Why the file cannot be the desired state; empty when it is from now on.
std::string Daemon::take_file(const std::string& path) {
  try {
    auto read = load_topology(path);
    if (const auto* mistakes = std::get_if<Diagnostics>(&read)) return first_of(*mistakes, path);
    file_.topology = std::get<Topology>(std::move(read));
    file_.stacks.clear();
    changes_.all_chains = true;
    report_.config_taken = host_.time();
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

std::string Daemon::right_file() const {
  return places_.locks + "/right.toml";
}

void Daemon::keep_right_file() {
  log_.info(places_.config + " reloaded");
  try {
    if (const auto text = read_file(places_.config)) keep_file(right_file(), *text);
  } catch (const Error& error) {
    log_.warning(std::string("this configuration cannot be kept for when the file has errors: ") +
                 error.what());
  }
}

// A file with a mistake counts for nobody.
Places Daemon::places() const {
  Places places = places_;
  if (!report_.config_mistake.empty() && file_.topology) places.config = right_file();
  return places;
}

void Daemon::store_is_away(const std::string& reason) {
  store_away_ = true;
  note_waiting("xenstore", reason);
}

DaemonReport Daemon::report() const {
  DaemonReport report = report_;
  report.vifs = ports_.links().size();
  return report;
}

// Said once, and again only when the reason is another.
void Daemon::wait(const std::string& subject, const std::string& reason) {
  if (note_waiting(subject, reason)) log_.warning(subject + ": " + reason);
}

// False when that was known.
bool Daemon::note_waiting(const std::string& subject, const std::string& reason) {
  auto& all = report_.waiting;
  const auto known = std::ranges::find(all, subject, &DaemonReport::Waiting::subject);
  if (known == all.end()) {
    all.push_back({subject, reason, host_.time()});
    return true;
  }
  return std::exchange(known->reason, reason) != reason;
}

void Daemon::settled(const std::string& subject) {
  std::erase_if(report_.waiting, [&](const auto& each) { return each.subject == subject; });
}

void Daemon::repaired(const std::string& subject, const std::string& what) {
  const auto delay = std::chrono::duration_cast<std::chrono::microseconds>(
      changes_.first == Moment{} ? Moment::duration{} : host_.now() - changes_.first);
  report_.repairs.insert(report_.repairs.begin(), {subject, what, host_.time(), delay.count()});
  if (report_.repairs.size() > most_repairs) report_.repairs.pop_back();
  log_.info("repaired " + subject + ": " + what);
}

}  // namespace vifchain::inline flow::inline daemon
