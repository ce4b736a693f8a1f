// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text/list.hpp"
#include "edge/host/other_managers.hpp"
#include "edge/state/chain_requests.hpp"
#include "flow/chain/teardown.hpp"
#include "flow/daemon/daemon.hpp"
#include "flow/host/go_back.hpp"
#include "flow/host/heal.hpp"
#include "flow/host/watcher.hpp"
#include "flow/run/plan_under_locks.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline flow::inline daemon {
namespace {

using std::chrono::milliseconds;

// Links change in flocks: a bridge that goes takes its ports' controllers with it.
constexpr milliseconds to_gather{10};
// However much changes, it is looked at ten times a second.
constexpr milliseconds between_looks{100};
// Until it is looked whether somebody is still at work on a chain, or has confirmed a change.
constexpr std::chrono::seconds while_chains_are_busy{1};
// More than `apply --confirm` takes to start whoever watches over it (flow/watcher.cpp).
constexpr std::chrono::seconds until_watched{3};

// Those who set up these links as well, by what they leave in files.
std::string rivals(const std::set<LinkName>& names) {
  std::map<LinkName, Asked> asked;
  for (const auto& name : names) asked.emplace(name, Asked{});
  std::vector<std::string> words;
  for (const auto& managed : read_managers(asked)) {
    const char* who = managed.by == Manager::network_manager ? "NetworkManager"
                      : managed.by == Manager::networkd      ? "systemd-networkd"
                                                             : "ifupdown";
    words.push_back(std::string(who) + " (" + managed.file + ")");
  }
  return words.empty() ? "somebody" : listed(words);
}

std::set<LinkName> targets_of(const Plan& plan) {
  std::set<LinkName> names;
  for (const auto& step : plan.steps) names.insert(target_of(step.op));
  return names;
}

}  // namespace

void Daemon::links_changed(const LinkNews& news) {
  if (news.changes.empty() && !news.lost) return;
  report_.counters.link_events += news.changes.size();
  if (look_due_ == Moment::max()) first_word_ = host_.now();
  if (news.lost) {
    ++report_.counters.lost_events;
    all_chains_ = retry_ = true;
    log_.warning("link events were lost (kernel buffer full): checking all links");
  }
  for (const auto& change : news.changes) note_change(change);
  if (all_chains_ || retry_ || all_filters_ || !changed_links_.empty() || !lost_ports_.empty())
    look_soon();
}

void Daemon::note_change(const LinkChange& change) {
  const SeenLink& link = change.now ? *change.now : *change.before;
  if (const auto vif = change.before ? vif_of(change.before->name) : std::nullopt) {
    if (!change.now) return;  // xenstore tells what became of it
    if (const auto port = ports_.find(change.before->name);
        port != ports_.end() && change.before->name != link.name) {
      all_filters_ = true;  // they go by the name
      ports_.insert_or_assign(link.name, port->second);
      ports_.erase(change.before->name);
      links_of_.insert_or_assign(*vif, link.name);
    }
    const bool left =
        change.before->controller != 0 && link.controller != change.before->controller;
    const bool taken_down = change.before->up && !link.up;
    if (left || taken_down) lost_ports_.insert_or_assign(link.name, *vif);
    return;
  }
  // A guest's link that comes: its own vif may have waited for it, and nobody else.
  if (const auto vif = vif_of_port_name(link.name.str())) {
    if (!change.before) note_cause(*vif);
    return;
  }
  changed_links_.insert(link.name);
  if (change.before) changed_links_.insert(change.before->name);
  causes_.insert(link.name);
}

void Daemon::look_soon() {
  const auto soon = std::max(host_.now() + to_gather, last_look_ + between_looks);
  look_due_ = std::min(look_due_, soon);
}

Daemon::Moment Daemon::due() const {
  Moment first = std::min({look_due_, pace_.next(), next_retry()});
  for (const auto& [vif, until] : busy_) first = std::min(first, until);
  for (const auto& [bridge, until] : emptied_) first = std::min(first, until);
  return first;
}

void Daemon::tick() {
  const auto now = host_.now();
  for (const auto& link : pace_.take_free(now)) {
    if (const auto vif = vif_of(link))
      lost_ports_.insert_or_assign(link, *vif);
    else
      changed_links_.insert(link);
    look_due_ = now;
  }
  for (auto vif = busy_.begin(); vif != busy_.end();) {
    if (vif->second > now) {
      ++vif;
      continue;
    }
    vifs_to_look_at_.insert(vif->first);
    if (const auto port = links_of_.find(vif->first); port != links_of_.end())
      lost_ports_.insert_or_assign(port->second, vif->first);
    vif = busy_.erase(vif);
    look_due_ = now;
  }
  if (look_due_ <= now || next_retry() <= now) look();
  take_down_idle();
}

void Daemon::look() {
  look_due_ = Moment::max();
  last_look_ = host_.now();
  read_file_anew();
  note_causes();
  const auto retries = take_retries();
  vifs_to_look_at_.insert(retries.begin(), retries.end());
  look_at_chains();
  mend_ports();
  serve_vifs([&](const VifId& vif) { return retries.contains(vif); });
  look_at_filters();
  first_word_ = {};
}

// Those that people said should stand, and those that guests are on.
std::set<LinkName> Daemon::wanted() const {
  const auto requests = chain_requests(places_.locks);
  std::set<LinkName> tops;
  for (const auto& [top, request] : requests)
    if (request == ChainRequest::stands) tops.insert(top);
  for (const auto& [link, port] : ports_)
    if (port.bridge && !requests.contains(*port.bridge)) tops.insert(*port.bridge);
  return tops;
}

const Stack& Daemon::stack_of(const LinkName& top) {
  const auto known = stacks_.find(top);
  if (known != stacks_.end()) return known->second;
  return stacks_.emplace(top, stack_for(*topology_, {top})).first->second;
}

bool Daemon::is_touched(const LinkName& top) {
  if (all_chains_) return true;
  return std::ranges::any_of(
      stack_of(top).links, [&](const auto& entry) { return changed_links_.contains(entry.first); });
}

// A change that waits to be confirmed, or is just put back, is somebody's who is at it. Where
// nobody watches over it any more that is begun again.
bool Daemon::is_somebody_elses_change() {
  if (!is_change_open(places_)) {
    unconfirmed_since_.reset();
    return false;
  }
  if (is_watched(places_))
    unconfirmed_since_.reset();
  else if (!unconfirmed_since_)
    unconfirmed_since_ = host_.now();
  else if (host_.now() - *unconfirmed_since_ > until_watched) {
    log_.warning("the rollback process of an unconfirmed change is gone: starting it again");
    watch_if_forgotten(places_);
    unconfirmed_since_.reset();
  }
  look_due_ = std::min(look_due_, host_.now() + while_chains_are_busy);
  return true;
}

void Daemon::look_at_chains() {
  if (is_somebody_elses_change() || !topology_ || (!all_chains_ && changed_links_.empty())) return;
  std::vector<LinkName> fallen;
  if (!is_unconfirmed(places_))
    for (const auto& top : wanted())
      if (is_touched(top) && pace_.may(top, host_.now())) fallen.push_back(top);
  all_chains_ = false;
  changed_links_.clear();
  std::set<LinkName> links;
  std::erase_if(fallen,
                [&](const LinkName& top) { return is_busy(top) || seems_to_stand(top, links); });
  if (!fallen.empty()) put_tops_right(fallen, links);
}

// Somebody is at work on the chain: an apply, or a vif that has it made. It is looked at again
// soon.
bool Daemon::is_busy(const LinkName& top) {
  if (are_free(lock_requests(stack_of(top).links, Hold::shared), places_.locks)) return false;
  changed_links_.insert(top);
  look_due_ = std::min(look_due_, host_.now() + while_chains_are_busy);
  return true;
}

// Where this host has a place of its own on the chain, only a plan tells. `links` are told what is
// to be written to otherwise.
bool Daemon::seems_to_stand(const LinkName& top, std::set<LinkName>& links) {
  const Stack& stack = stack_of(top);
  if (stack.links.empty()) return true;  // not the file's
  for (const auto& [name, link] : stack.links)
    if (topology_->hosting.contains(name)) return false;
  std::optional<std::set<LinkName>> wrong;
  run("", [&](Env& env) { wrong = links_to_put_right(env.kernel, env.places, stack); });
  if (wrong)
    links.merge(*wrong);
  else
    settled(top.str());
  return !wrong;
}

void Daemon::put_tops_right(const std::vector<LinkName>& tops, const std::set<LinkName>& links) {
  std::vector<std::string> names;
  for (const auto& top : tops) names.push_back(top.str());
  try {
    run("vifchaind repairs " + listed(names), [&](Env& env) {
      if (env.recorder != nullptr)
        for (const auto& top : tops) env.recorder->concerns(top);
      const HostPlan done = put_right(env, *topology_, tops, links);
      for (const auto& top : tops) note_round(top, done);
    });
  } catch (const std::exception& error) {
    for (const auto& name : names) wait(name, error.what());
  }
}

void Daemon::note_round(const LinkName& top, const HostPlan& done) {
  const auto left_out = std::ranges::find_if(
      done.left_out, [&](const LeftOut& left) { return left.name == top && !left.from; });
  if (left_out != done.left_out.end()) return wait(top.str(), in_words(*left_out));
  settled(top.str());
  std::set<LinkName> own = all_below(done.desired, top);
  Plan plan;
  for (const auto& step : done.plan.steps)
    if (own.contains(target_of(step.op))) plan.steps.push_back(step);
  if (plan.steps.empty()) return;
  ++report_.counters.healed_chains;
  repaired(top.str(), steps_in_words(plan));
  if (!pace_.note(top, host_.now())) return;
  ++report_.counters.gave_way;
  own = targets_of(plan);
  own.insert(top);
  wait(top.str(), "was repaired three times within a minute, and " + rivals(own) +
                      " keeps changing it (last repair: " + steps_in_words(plan) +
                      "); not repaired for a minute; hint: let one of the two manage it");
}

void Daemon::take_down_idle() {
  const auto now = host_.now();
  for (auto bridge = emptied_.begin(); bridge != emptied_.end();) {
    if (bridge->second > now) {
      ++bridge;
      continue;
    }
    const LinkName name = bridge->first;
    bridge = emptied_.erase(bridge);
    try {
      run("vifchaind, as the last vif of " + name.str() + " has left", [&](Env& env) {
        if (env.recorder != nullptr) env.recorder->concerns(name);
        take_down_unused(env, name);
        ++report_.counters.torn_down;
      });
    } catch (const std::exception& error) {
      log_.err("taking down " + name.str() + ": " + error.what());
    }
  }
}

}  // namespace vifchain::inline flow::inline daemon
