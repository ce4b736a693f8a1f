#include "flow/guest_ports.hpp"

#include <algorithm>

#include "core/impact.hpp"
#include "edge/error.hpp"
#include "edge/kept/vif_lock.hpp"
#include "flow/attach.hpp"
#include "flow/guest_filters.hpp"
#include "flow/guest_wishes.hpp"
#include "flow/reach.hpp"
#include "flow/recorder.hpp"

namespace vifchain {
namespace {

bool has_guests(const Actual& now) {
  return std::ranges::any_of(now, [](const auto& entry) { return is_guest_port(entry.second); });
}

class Mending {
 public:
  explicit Mending(Site& site) : site_(site) {}

  Mended run(const Desired& guests,
             const std::function<void(const LinkName&, const Plan&)>& mended) {
    const bool filtered = std::ranges::any_of(
        guests, [](const auto& entry) { return entry.second && is_filtered(*entry.second); });
    if (filtered && !site_.filter.whole()) make_table_anew(guests);
    try {
      for (const auto& [name, want] : guests)
        if (want) mend(*want, mended);
    } catch (...) {
      undo();
      throw;
    }
    return busy_ ? Mended::but_busy : Mended::all;
  }

 private:
  void mend(const Link& want, const std::function<void(const LinkName&, const Plan&)>& mended) {
    const auto port = owner_of_port(want.name, site_.names, site_.places.sysfs);
    const auto lock = port ? VifLock::if_free(site_.places.locks, port->vif) : std::nullopt;
    if (port && !lock) {
      busy_ = true;
      return;
    }
    auto asked = questions(want);
    Actual near = site_.kernel.snapshot(asked);
    const auto have = near.find(want.name);
    if (have == near.end()) return drop_filter(want);
    if (have->second.controller) {
      asked.push_back({.name = *have->second.controller});
      near.merge(site_.kernel.snapshot({asked.back()}));
    }
    const Desired wish{{want.name, want}};
    const Plan plan = make_plan(wish, near);
    if (!plan.conflicts.empty()) throw Blocked(plan.conflicts);
    if (plan.steps.empty()) return;
    done_.push_back({wish, near});
    reach(site_.kernel, site_.deadline, wish, plan, asked);
    if (mended) mended(want.name, plan);
  }

  // That puts filters of guests in place too, of which the run's record is to tell as of all
  // others.
  void make_table_anew(const Desired& guests) {
    const auto filters = site_.recorder == nullptr ? std::vector<Step>{} : missing_filters(guests);
    make_filters_anew(site_);
    if (!filters.empty()) site_.recorder->performed(filters, true);
  }

  std::vector<Step> missing_filters(const Desired& guests) {
    std::vector<Ask> asked, controllers;
    for (const auto& [name, want] : guests)
      if (want && is_filtered(*want)) asked.push_back({.name = name, .filter = want->filter});
    Actual now = site_.kernel.snapshot(asked);
    for (const auto& [name, have] : now)
      if (have.controller) controllers.push_back({.name = *have.controller});
    now.merge(site_.kernel.snapshot(controllers));
    Desired wish;
    for (const auto& ask : asked)
      if (now.contains(ask.name)) wish.emplace(ask.name, guests.at(ask.name));
    auto steps = make_plan(wish, now).steps;
    std::erase_if(steps,
                  [](const Step& step) { return !std::holds_alternative<SetFilter>(step.op); });
    return steps;
  }

  static std::vector<Ask> questions(const Link& want) {
    return {{.name = want.name,
             .vlans = true,
             .fdb = want.fdb.has_value(),
             .filter = want.filter,
             .rate = want.rate.has_value()}};
  }

  // Its link is not there, or not any more.
  void drop_filter(const Link& want) {
    const auto table = want.filter ? site_.filter.read() : std::nullopt;
    if (table && table->ports.contains(want.name))
      site_.kernel.perform({{SetFilter{want.name, {}}, "there is no such link"}});
  }

  void undo() noexcept {
    for (const auto& [wish, before] : done_) try {
        put_back(site_, wish, before);
      } catch (const std::exception& error) {
        site_.log.err(wish.begin()->first.str() + " could not be put back: " + error.what());
      }
  }

  Site& site_;
  std::vector<PortUndo> done_;
  bool busy_ = false;
};

}  // namespace

Desired guests_by_file(Site& site, const Topology& topology, const Actual& now,
                       const std::set<LinkName>& bridges, std::vector<std::string>& notes) {
  GuestWishes wishes;
  if (has_guests(now))
    wishes = guest_wishes({site.store, site.names, site.places.sysfs}, topology, now, bridges);
  for (const auto& [port, why] : wishes.odd) notes.push_back(port.str() + ": " + why);
  if (!bridges.empty()) return std::move(wishes.ports);
  if (const auto table = site.filter.read())
    for (const auto& [port, filter] : table->left_over(now))
      wishes.ports.emplace(port,
                           Link{.name = port, .keep_controller = true, .filter = PortFilter{}});
  return std::move(wishes.ports);
}

bool is_guest_wish(const Link& want, const Actual& now) {
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
      steps.push_back({SetFilter{name, {}}, "there is no such link"});
  }
  const auto plan = make_plan(here, now);
  steps.insert(steps.end(), plan.steps.begin(), plan.steps.end());
  return steps;
}

Mended mend_guests(Site& site, const Desired& guests,
                   const std::function<void(const LinkName& port, const Plan& done)>& mended) {
  return Mending(site).run(guests, mended);
}

}  // namespace vifchain
