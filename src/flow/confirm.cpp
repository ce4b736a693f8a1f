#include "flow/confirm.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "core/encode.hpp"
#include "core/impact.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/kept/kept_file.hpp"
#include "edge/process/leave_behind.hpp"
#include "flow/apply.hpp"
#include "flow/clients.hpp"
#include "flow/host_doors.hpp"
#include "flow/reach.hpp"
#include "flow/recorder.hpp"

namespace vifchain {
namespace {

constexpr std::chrono::minutes time_to_go_back{5};

// What was there is born with the MAC it had, should the machine have lost it meanwhile.
Desired goal_of(const HostPlan& plan) {
  Desired goal = undo_target(plan.desired, plan.before);
  for (auto& [name, want] : goal)
    if (const auto had = plan.before.find(name);
        want && had != plan.before.end() && had->second.ours && !want->birth.mac)
      want->birth.mac = had->second.mac;
  return goal;
}

// A bridge that is to go, and that guests have come to meanwhile, stays for them; but this host's
// own addresses and NICs go back without it.
void keep_bridges_of_guests(Desired& goal, const Actual& now) {
  for (const auto& [name, link] : now) {
    if (!is_guest_port(link)) continue;
    const auto bridge = goal.find(*link.controller);
    if (bridge == goal.end() || bridge->second) continue;
    Link stays{.name = bridge->first, .keep_controller = true};
    stays.addresses.emplace();
    stays.routes.emplace();
    bridge->second = std::move(stays);
  }
}

Wisher wish_of(const WayBack& way) {
  return [&way](const Actual& now, std::vector<std::string>&) {
    Desired goal = way.goal;
    keep_bridges_of_guests(goal, now);
    leave_out_what_is_in_use(goal, now);
    return goal;
  };
}

// The file too, unless somebody has changed it since.
void put_file_back(const WayBack& way, const Places& places, Log& log) {
  if (!way.config_before && way.config_then) keep_file(places.unconfirmed, *way.config_then, 0644);
  if (!way.config_before || way.config_before == way.config_then) return;
  if (read_file(way.config) != way.config_then) {
    log.warning(way.config + " was changed after it was applied, and stays as it is");
    return;
  }
  keep_file(way.config + ".unconfirmed", *way.config_then, 0644);
  keep_file(way.config, *way.config_before, 0644);
  log.warning(way.config + " is as it was before; what was not confirmed is in " + way.config +
              ".unconfirmed");
}

WayBack read_way_back(const Places& places) {
  const auto bytes = read_file(places.way_back);
  const auto way = bytes ? decode_way_back(*bytes) : std::nullopt;
  if (!way)
    throw Refusal("wanted the way back in " + places.way_back +
                  ": found nothing that this version can read: take it away, and look after the "
                  "host by hand");
  return *way;
}

void go_back(Site& site) {
  const WayBack way = read_way_back(site.places);
  site.log.warning("nobody confirmed what was applied: everything is put back");
  apply(site, hosting_of(way.clients), wish_of(way), {.allow_disrupt = true});
  put_file_back(way, site.places, site.log);
  drop_file(site.places.way_back);
  site.log.warning("everything is as it was before the change that nobody confirmed");
}

// Gone after a reboot, as is all that a change did to the kernel.
std::string sign_of_this_boot(const Places& places) {
  return places.locks + "/way-back";
}

// In the process left behind: the program anew, with nothing of this run's but its words.
[[noreturn]] void become_watcher(const Places& places, std::chrono::seconds window) {
  ::execl("/proc/self/exe", "vifchain", "confirm", "--or-go-back",
          std::to_string(window.count()).c_str(), "--config", places.config.c_str(), nullptr);
  std::_Exit(1);
}

void pass(std::chrono::steady_clock::time_point end) {
  for (auto now = std::chrono::steady_clock::now(); now < end;
       now = std::chrono::steady_clock::now())
    ::usleep(static_cast<useconds_t>(std::min<std::int64_t>(
        500000, std::chrono::duration_cast<std::chrono::microseconds>(end - now).count() + 1)));
}

[[noreturn]] void refuse_while_unconfirmed() {
  throw Refusal(
      "wanted to change the host: found a change that waits for its confirmation: say "
      "vifchain confirm, or wait until it is put back");
}

void wait_until_watched(const Places& places) {
  for (int tries = 0; tries < 5000; ++tries) {
    if (is_held(places.way_back)) return;
    ::usleep(1000);
  }
  drop_file(places.way_back);
  throw Refusal(
      "wanted a process that puts everything back: found that none could be started: "
      "look at the number of processes and at the memory");
}

}  // namespace

void leave_way_back(const Places& places, const HostPlan& plan, std::chrono::seconds window) {
  if (read_file(places.way_back)) refuse_while_unconfirmed();
  WayBack way{.config = places.config};
  way.config_then = read_file(places.config);
  way.config_before = read_file(places.applied);
  way.until = std::time(nullptr) + window.count();
  way.goal = goal_of(plan);
  std::ranges::copy_if(plan.clients, std::back_inserter(way.clients), &DhcpClient::ours);
  keep_file(sign_of_this_boot(places), "");
  keep_file(places.way_back, encode(way));
  if (leave_behind(std::chrono::seconds(0))) become_watcher(places, window);
  wait_until_watched(places);
}

int go_back_unless_confirmed(const Places& places, std::chrono::seconds window) {
  Log log("vifchain apply", {.ident = "vifchain"});
  if (!hold_file(places.way_back)) return 1;
  const auto mine = read_file(places.way_back);
  pass(std::chrono::steady_clock::now() + window);
  if (read_file(places.way_back) != mine) return 0;  // confirmed
  Recorder recorder(log, places.runs, "vifchain apply --confirm, not confirmed in time");
  try {
    Deadline deadline(time_to_go_back, {.line = "vifchain: hangs, gives up\n"});
    const HostDoors doors(deadline, &recorder);
    Site site = doors.site(deadline, log, places);
    const auto clients = open_dhcp_clients(deadline);
    site.dhcp = clients.get();
    go_back(site);
    return 0;
  } catch (const std::exception& error) {
    recorder.ended_by(error);
    log.err(std::string("going back failed: ") + error.what());
    return 1;
  }
}

bool confirm(const Places& places) {
  if (!read_file(places.way_back)) return false;
  remember_applied(places);
  drop_file(places.way_back);
  return true;
}

void forget_way_back(const Places& places) {
  drop_file(places.way_back);
}

void remember_applied(const Places& places) {
  const auto text = read_file(places.config);
  if (text && text != read_file(places.applied)) keep_file(places.applied, *text, 0644);
  drop_file(places.unconfirmed);
}

bool is_unconfirmed(const Places& places) {
  const auto unconfirmed = read_file(places.unconfirmed);
  return unconfirmed && unconfirmed == read_file(places.config);
}

bool go_back_if_forgotten(Site& site) {
  if (!read_file(site.places.way_back)) return false;
  if (is_held(site.places.way_back)) refuse_while_unconfirmed();
  go_back(site);
  return true;
}

bool go_back_at_boot(Site& site) {
  if (read_file(sign_of_this_boot(site.places))) return go_back_if_forgotten(site);
  if (!read_file(site.places.way_back)) return false;
  site.log.warning("nobody confirmed what was applied before this boot: its file is not taken");
  put_file_back(read_way_back(site.places), site.places, site.log);
  drop_file(site.places.way_back);
  return true;
}

}  // namespace vifchain
