// SPDX-License-Identifier: Apache-2.0
#include "flow/host/boot.hpp"

#include <algorithm>
#include <utility>

#include "core/plan/ways_out.hpp"
#include "edge/base/error.hpp"
#include "edge/host/udev.hpp"
#include "edge/state/waiting_chains.hpp"
#include "flow/host/emptying.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {
namespace {

std::vector<Ask> nics_of(const Topology& topology) {
  std::vector<Ask> nics;
  for (const auto& [name, link] : topology.links)
    if (is_given(link)) nics.push_back({.name = name});
  return nics;
}

// Of NICs that are not there, or that may still get another name; empty when there is none.
std::string what_is_waited_for(Env& env, const std::vector<Ask>& nics) {
  const Actual there = env.kernel.snapshot(nics);
  std::string text;
  for (const auto& nic : nics) {
    const bool found = there.contains(nic.name);
    if (found && udev_is_done_with(nic.name, env.places.udev)) continue;
    text += (text.empty() ? "" : ", ") + nic.name.str() +
            (found ? " (udev is not done with it)" : " (no such link)");
  }
  return text;
}

// Ports of guests wait for no NIC.
std::set<LinkName> tops_left_out(const HostPlan& done) {
  std::set<LinkName> tops;
  for (const auto& left : done.left_out)
    if (!left.from && !done.guests.contains(left.name)) tops.insert(left.name);
  return tops;
}

// Nothing goes, and nothing leaves what would have gone.
void leave_what_stands(Desired& desired, const Actual& now) {
  const Desired all = std::exchange(desired, {});
  for (const auto& [name, want] : all) {
    if (!want) continue;
    const auto have = now.find(name);
    const auto above = have != now.end() && have->second.controller
                           ? all.find(*have->second.controller)
                           : all.end();
    const bool stays = above != all.end() && !above->second;
    desired.emplace(name, stays ? Link{.name = name, .keep_controller = true} : *want);
  }
  keep_ways_out(desired, now);
}

// What is to go has to wait until nothing is in the way of the whole.
DesiredHost chain_of(const LinkName& root, DesiredHost host, bool takes_away) {
  host.links = [all = std::move(host.links), root, takes_away](const Actual& now, auto& notes) {
    Desired desired = all(now, notes);
    std::erase_if(desired, [](const auto& link) { return !link.second; });
    if (!takes_away) leave_what_stands(desired, now);
    keep_only(desired, {root});
    return desired;
  };
  return host;
}

HostPlan apply_chain_by_chain(Env& env, const DesiredHost& host, const ApplyOptions& options) {
  HostPlan done = plan_what_can(env, host);
  done.plan.steps.clear();
  for (const auto& root : roots_of(done.desired, names_of(host.hosting))) try {
      const auto plan = apply(env, chain_of(root, host, options.takes_away), options);
      done.plan.steps.insert(done.plan.steps.end(), plan.plan.steps.begin(), plan.plan.steps.end());
      done.left_out.insert(done.left_out.end(), plan.left_out.begin(), plan.left_out.end());
    } catch (const Interrupted&) {
      throw;
    } catch (const std::exception& error) {
      done.left_out.push_back({root, error.what()});
    }
  return done;
}

HostPlan apply_once(Env& env, const Topology& topology, ApplyOptions options) {
  options.what_can = true;
  const DesiredHost whole = desired_by_file(env, topology, {});
  DesiredHost desired = whole;
  if (!options.takes_away)
    desired.links = [&](const Actual& now, auto& notes) {
      Desired links = whole.links(now, notes);
      leave_what_stands(links, now);
      return links;
    };
  try {
    return apply(env, desired, options);
  } catch (const Interrupted&) {
    throw;
  } catch (const Emptying&) {
    throw;
  } catch (const std::exception& error) {
    env.log.warning(std::string("applying chain by chain: ") + error.what());
    return apply_chain_by_chain(env, whole, options);
  }
}

}  // namespace

std::string waiting_folder(const Places& places) {
  return places.locks + "/waiting";
}

void wait_for_nics(Env& env, const Topology& topology, std::chrono::seconds limit) {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds at_most{100};  // no link changes when udev has ended
  const auto nics = nics_of(topology);
  const auto end = Clock::now() + limit;
  const auto watch = watch_links();
  std::string said;
  for (;;) {
    const auto missing = what_is_waited_for(env, nics);
    if (missing.empty() || Clock::now() >= end) return;
    if (missing != said)
      env.log.info("waiting up to " + std::to_string(limit.count()) + " s for " + missing);
    said = missing;
    env.deadline.check();
    watch->wait(at_most);
  }
}

// A NIC that came while it was being planned without found no chain that waits: look once more when
// they do.
HostPlan apply_what_can(Env& env, const Topology& topology, const ApplyOptions& options) {
  HostPlan done = apply_once(env, topology, options);
  for (bool fewer = true; fewer && !done.left_out.empty();) {
    keep_waiting_chains(waiting_folder(env.places), tops_left_out(done));
    HostPlan next = apply_once(env, topology, options);
    fewer = next.left_out.size() < done.left_out.size();
    next.plan.steps.insert(next.plan.steps.begin(), done.plan.steps.begin(), done.plan.steps.end());
    done = std::move(next);
  }
  keep_waiting_chains(waiting_folder(env.places), tops_left_out(done));
  return done;
}

void forget_waiting(Env& env) {
  try {
    keep_waiting_chains(waiting_folder(env.places), {});
  } catch (const Error& error) {
    env.log.warning(error.what());
  }
}

}  // namespace vifchain::inline flow::inline host
