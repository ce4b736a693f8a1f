// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/guest_ports.hpp"

#include <algorithm>
#include <thread>

#include "core/plan/impact.hpp"
#include "edge/base/error.hpp"
#include "edge/state/vif_lock.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"
#include "flow/vif/attach.hpp"
#include "flow/vif/desired_guests.hpp"
#include "flow/vif/guest_filters.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

constexpr std::chrono::milliseconds between_looks{50};

bool has_guests(const Actual& now) {
  return std::ranges::any_of(now, [](const auto& entry) { return is_guest_port(entry.second); });
}

class Mending {
 public:
  Mending(Env& env, const Topology& topology, const Desired& guests)
      : env_(env), topology_(topology), guests_(guests) {}

  Desired run(const std::function<void(const LinkName&, const Plan&)>& mended) {
    const bool filtered = std::ranges::any_of(
        guests_, [](const auto& entry) { return entry.second && is_filtered(*entry.second); });
    if (filtered && !env_.filter.whole()) make_table_anew();
    if (filtered) table_ = env_.filter.read();
    try {
      for (const auto& [name, want] : guests_)
        if (want) mend(*want, mended);
    } catch (...) {
      undo();
      throw;
    }
    return std::move(busy_);
  }

 private:
  // Whoever had the lock until now may have moved it, or let another one come in its place: what is
  // wanted of it is asked again, and what was planned says no more than about what.
  void mend(const Link& planned, const std::function<void(const LinkName&, const Plan&)>& mended) {
    const auto vif = vif_of(planned);
    const auto lock = vif ? VifLock::if_free(env_.places.vif_locks(), *vif) : std::nullopt;
    if (vif && !lock) {
      busy_.emplace(planned.name, planned);
      return;
    }
    const Actual near = near_to(planned);
    if (!near.contains(planned.name)) return drop_filter(planned);
    if (const auto want = wanted_now(planned, near)) make_so(*want, near, mended);
  }

  void make_so(const Link& want, const Actual& near,
               const std::function<void(const LinkName&, const Plan&)>& mended) {
    const Desired desired{{want.name, want}};
    const auto asked = questions(want);
    Actual now = env_.kernel.snapshot(asked);
    if (!now.contains(want.name)) return;
    now.insert(near.begin(), near.end());
    Plan plan = make_plan(desired, now);
    if (!plan.conflicts.empty()) throw Blocked(plan.conflicts);
    if (plan.steps.empty() && has_more(want))
      plan.steps.push_back({SetFilter{want.name, *want.filter}, "changed by another program"});
    if (plan.steps.empty()) return;
    try {
      converge(env_.kernel, env_.deadline, desired, plan, asked);
    } catch (...) {
      undo([&] { put_back(env_, desired, now); }, want.name);
      throw;
    }
    done_.push_back({desired, std::move(now)});
    if (mended) mended(want.name, plan);
  }

  // That puts filters of guests in place too, of which the run's record is to tell as of all
  // others.
  void make_table_anew() {
    const auto filters = env_.recorder == nullptr ? std::vector<Step>{} : missing_filters();
    env_.filter.make_anew();
    if (!filters.empty()) env_.recorder->performed(filters, true);
  }

  std::vector<Step> missing_filters() {
    std::vector<Ask> asked, controllers;
    for (const auto& [name, want] : guests_)
      if (want && is_filtered(*want)) asked.push_back({.name = name, .filter = want->filter});
    Actual now = env_.kernel.snapshot(asked);
    for (const auto& [name, have] : now)
      if (have.controller) controllers.push_back({.name = *have.controller});
    now.merge(env_.kernel.snapshot(controllers));
    Desired desired;
    for (const auto& ask : asked)
      if (now.contains(ask.name)) desired.emplace(ask.name, guests_.at(ask.name));
    auto steps = make_plan(desired, now).steps;
    std::erase_if(steps,
                  [](const Step& step) { return !std::holds_alternative<SetFilter>(step.op); });
    return steps;
  }

  // One port's filter is read by what is expected of it, which says nothing of what is there
  // besides.
  [[nodiscard]] bool has_more(const Link& want) const {
    const auto found = table_ ? table_->ports.find(want.name) : decltype(table_->ports.end()){};
    return is_filtered(want) && table_ && found != table_->ports.end() && found->second.spoilt;
  }

  // One that is gone may have had any name.
  std::optional<VifId> vif_of(const Link& planned) {
    if (const auto port = owner_of_port(planned.name, env_.names, env_.places.sysfs))
      return port->vif;
    const bool has_owner = planned.filter && planned.filter->owner;
    return has_owner ? vif_of_port_name(planned.filter->owner->str()) : std::nullopt;
  }

  // The port, its bridge, and those that may have the same MAC.
  Actual near_to(const Link& planned) {
    std::vector<Ask> asked{{.name = planned.name,
                            .vlans = true,
                            .filter = planned.filter.value_or(PortFilter{}),
                            .rate = true}};
    Actual near = env_.kernel.snapshot(asked);
    const auto port = near.find(planned.name);
    if (port == near.end() || !port->second.controller) return near;
    asked = {{.name = *port->second.controller}};
    for (const auto& link : {planned, port->second})
      for (const auto& other : with_mac_of(link)) asked.push_back({.name = other, .vlans = true});
    near.merge(env_.kernel.snapshot(asked));
    return near;
  }

  std::set<LinkName> with_mac_of(const Link& port) {
    std::set<LinkName> names;
    if (!is_filtered(port) || port.filter->mac == Mac{}) return names;
    for (const auto& [name, want] : guests_)
      if (want && want->filter && want->filter->mac == port.filter->mac) names.insert(name);
    for (const auto& name : env_.filter.ports_of(port.filter->mac)) names.insert(name);
    return names;
  }

  // Nothing where it is nobody's port, or asks for nothing. Who planned filters alone, gets those.
  std::optional<Link> wanted_now(const Link& planned, const Actual& near) {
    auto guests =
        desired_guests({env_.store, env_.names, env_.places.sysfs}, topology_, near).ports;
    const auto found = guests.find(planned.name);
    if (found == guests.end()) return std::nullopt;
    const auto& want = found->second;
    if (planned.rate) return want;
    return Link{.name = want->name, .keep_controller = true, .filter = want->filter};
  }

  static std::vector<Ask> questions(const Link& want) {
    return {{.name = want.name,
             .vlans = true,
             .fdb = want.fdb.has_value(),
             .filter = want.filter,
             .rate = want.rate.has_value()}};
  }

  // Its link is not there, or not any more.
  void drop_filter(const Link& planned) {
    const auto table = planned.filter ? env_.filter.read() : std::nullopt;
    const auto left = table ? table->ports.find(planned.name) : decltype(table->ports.end()){};
    if (table && left != table->ports.end())
      env_.kernel.perform(
          {{SetFilter{planned.name, {.owner = left->second.owner}}, "no such link"}});
  }

  void undo() noexcept {
    for (const auto& done : done_) undo([&] { undo_one(done); }, done.wanted.begin()->first);
  }

  template <typename Work>
  void undo(const Work& work, const LinkName& port) noexcept {
    try {
      work();
    } catch (const std::exception& error) {
      env_.log.err(port.str() + " could not be restored: " + error.what());
    }
  }

  // Unless somebody else has been at it since, or is.
  void undo_one(const PortUndo& done) {
    const Link& want = *done.wanted.begin()->second;
    const auto vif = vif_of(want);
    const auto lock = vif ? VifLock::if_free(env_.places.vif_locks(), *vif) : std::nullopt;
    if (vif && !lock) return;
    const Actual now = env_.kernel.snapshot(questions(want));
    const auto port = now.find(want.name);
    if (port == now.end() || port->second.controller != done.before.at(want.name).controller ||
        !make_plan(done.wanted, now).nothing_to_do())
      return;
    put_back(env_, done.wanted, done.before);
  }

  Env& env_;
  const Topology& topology_;
  const Desired& guests_;
  std::optional<FilterTable> table_;  // before the first port was looked at
  std::vector<PortUndo> done_;
  Desired busy_;
};

}  // namespace

Desired guests_by_file(Env& env, const Topology& topology, const Actual& now,
                       const std::set<LinkName>& bridges, std::vector<std::string>& notes) {
  DesiredGuests guests;
  if (has_guests(now))
    guests = desired_guests({env.store, env.names, env.places.sysfs}, topology, now, bridges);
  for (const auto& [port, why] : guests.odd) notes.push_back(port.str() + ": " + why);
  if (!bridges.empty()) return std::move(guests.ports);
  if (const auto table = env.filter.read())
    for (const auto& [port, filter] : table->left_over(now))
      guests.ports.emplace(
          port,
          Link{.name = port, .keep_controller = true, .filter = PortFilter{.owner = filter.owner}});
  return std::move(guests.ports);
}

bool is_desired_guest(const Link& want, const Actual& now) {
  const auto have = now.find(want.name);
  if (have == now.end()) return want.keep_controller && want.filter;
  return want.keep_controller && is_guest_port(have->second);
}

std::vector<Step> plan_guests(const Desired& guests, const Actual& now) {
  std::vector<Step> steps;
  Desired here;
  for (const auto& [name, want] : guests) {
    if (now.contains(name))
      here.emplace(name, want);
    else
      steps.push_back({SetFilter{name, {}}, "no such link"});
  }
  const auto plan = make_plan(here, now);
  steps.insert(steps.end(), plan.steps.begin(), plan.steps.end());
  return steps;
}

Desired mend_guests(Env& env, const Topology& topology, const Desired& guests,
                    const std::function<void(const LinkName& port, const Plan& done)>& mended) {
  return Mending(env, topology, guests).run(mended);
}

std::vector<LeftOut> mend_busy_guests(Env& env, const Topology& topology, Desired guests,
                                      std::chrono::milliseconds at_most) {
  const auto end = std::chrono::steady_clock::now() + at_most;
  std::vector<LeftOut> left;
  const auto leave = [&](const std::string& reason) {
    for (const auto& [port, want] : guests) left.push_back({port, reason});
  };
  try {
    while (!(guests = mend_guests(env, topology, guests)).empty()) {
      if (std::chrono::steady_clock::now() >= end) {
        leave("another run is busy with it: the next apply repairs it");
        break;
      }
      std::this_thread::sleep_for(between_looks);
    }
  } catch (const std::exception& error) {
    leave(error.what());
  }
  return left;
}

}  // namespace vifchain::inline flow::inline vif
