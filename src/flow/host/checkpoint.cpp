// SPDX-License-Identifier: Apache-2.0
#include "flow/host/checkpoint.hpp"

#include <unistd.h>

#include "core/text/problem.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/rollback_file.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {
namespace {

constexpr useconds_t between_looks_at_the_window = 20000;
constexpr int most_looks_at_the_window = 500;

[[noreturn]] void nothing_to_confirm() {
  throw Refusal(
      "no change is pending confirmation: it was already rolled back, or apply ran without "
      "--confirm");
}

[[noreturn]] void too_late(const std::string& wanted, const RollbackRecord& way,
                           const Places& places) {
  throw Refusal("expected " + wanted + ", found one " + opened_in_words(way) + ": " +
                state_in_words(way, is_watched(places)));
}

}  // namespace

Checkpoint::Checkpoint(Env& env, const ChangeLock& lock, const DesiredHost& desired,
                       const Terms& terms)
    : env_(env), lock_(lock), file_(desired.file.value()), terms_(terms) {}

void Checkpoint::before(const HostPlan& plan) {
  way_ = rollback_record_from(plan, {file_});
  way_->window = terms_.window.count();
  if (terms_.window.count() == 0) return;
  keep_file(env_.places.rollback, document_of(*way_));
  try {
    watcher_.emplace(env_.places, lock_, terms_.window, terms_.limit);
  } catch (...) {
    drop_change(env_.places);
    throw;
  }
}

std::optional<unsigned> Checkpoint::done() {
  if (!watcher_) {
    if (way_)
      remember_applied(env_.places, *way_);
    else
      remember_files(env_.places, {file_});
    return std::nullopt;
  }
  begin();
  return static_cast<unsigned>((time_left(*way_) + 999) / 1000);
}

void Checkpoint::begin() {
  const bool begun = update_change(env_.places, [&](RollbackRecord& way) {
    if (way.phase != Phase::changing) return false;
    begin_window(way);
    *way_ = way;
    return true;
  });
  if (!begun)
    throw Refusal(problem("the change is already being rolled back, and cannot be confirmed",
                          "vifchain status"));
  if (!watcher_->window_begins()) watch_again(env_.places, lock_);
}

std::string Checkpoint::failed() noexcept try {
  if (!watcher_) return {};
  env_.deadline.grace(std::chrono::seconds(30));
  if (is_as_before(env_, *way_)) {
    drop_change(env_.places);
    return {};
  }
  update_change(env_.places, [](RollbackRecord& way) {
    if (way.phase != Phase::changing) return false;
    way.phase = Phase::undoing;
    return true;
  });
  if (!watcher_->window_begins()) watch_again(env_.places, lock_);
  return "undo is not complete, retrying until it is; hint: vifchain status";
} catch (const std::exception& error) {
  env_.log.err(error.what());
  return std::string("undo may not be complete (") + error.what() +
         "), rolling back; hint: vifchain status";
}

namespace {

// What goes back can be confirmed by nobody any more: that is written down before its first step.
// Where it cannot be, for want of room, nobody can write anything else either.
std::optional<RollbackRecord> decided(const Places& places, Log& log) {
  try {
    write_going_back(places);
  } catch (const Error& error) {
    log.err(error.what());
  }
  return open_change(places);
}

void put_back(Env& env, const RollbackRecord& way) {
  env.log.warning("the change was not confirmed: rolling back");
  const HostPlan done = put_links_back(env, way, {.allow_disrupt = true});
  if (way.phase != Phase::undoing) put_files_back(way, env.places, env.log);
  for (const auto& left : done.left_out) throw Refusal(in_words(left));
  drop_change(env.places);
  env.log.warning("rolled back: the host is as it was before the unconfirmed change");
}

}  // namespace

void refuse_inside_window(const Env& env, const ChangeLock& lock) {
  const auto way = open_change(env.places);
  if (!way || way->phase != Phase::waiting || time_left(*way) <= 0) return;
  watch_again(env.places, lock);
  refuse_inside(*way);
}

bool end_forgotten_change(Env& env, const ChangeLock& lock) {
  if (!open_change(env.places)) return false;
  try {
    const auto way = decided(env.places, env.log);
    if (way && way->phase != Phase::confirmed) {
      put_back(env, *way);
      return true;
    }
    if (way) remember_applied(env.places, *way);
    drop_change(env.places);
    return false;
  } catch (...) {
    watch_again(env.places, lock);
    throw;
  }
}

bool end_forgotten_change_at_boot(Env& env, const ChangeLock& lock) {
  const auto open = open_change(env.places);
  if (!open) return false;
  if (open->boot == this_boot()) return end_forgotten_change(env, lock);
  const auto way = decided(env.places, env.log);
  if (!way) return false;
  if (way->phase != Phase::confirmed) {
    env.log.warning(
        "the change applied before this boot was not confirmed: booting with the previous file");
    put_files_back(*way, env.places, env.log);
  } else {
    remember_applied(env.places, *way);
  }
  drop_change(env.places);
  return way->phase != Phase::confirmed;
}

void confirm(const Places& places) {
  const bool there = update_change(places, [&](RollbackRecord& way) {
    if (way.phase != Phase::waiting) too_late("a change pending confirmation", way, places);
    way.phase = Phase::confirmed;
    return true;
  });
  if (!there) nothing_to_confirm();
}

void wait_until_remembered(const Places& places) {
  for (int looks = 0; looks < most_looks_at_the_window && is_change_open(places); ++looks) {
    if (const auto lock = ChangeLock::if_free(places.state_folder(), Hold::exclusive)) {
      const auto way = open_change(places);
      if (!way || way->phase != Phase::confirmed) return;
      remember_applied(places, *way);
      return drop_change(places);
    }
    ::usleep(between_looks_at_the_window);
  }
}

void ask_to_go_back(const Places& places) {
  const bool there = update_change(places, [&](RollbackRecord& way) {
    const bool goes = way.phase == Phase::going_back || way.phase == Phase::undoing;
    const bool forgotten = way.phase == Phase::changing && !is_watched(places);
    if (!goes && !forgotten && way.phase != Phase::waiting)
      too_late("a change that can be rolled back", way, places);
    if (!goes) way.phase = Phase::going_back;
    return true;
  });
  if (!there) nothing_to_confirm();
}

void give_up(const Places& places) {
  if (!is_change_open(places)) throw Refusal("no change is being rolled back: nothing to give up");
  std::optional<RollbackRecord> way;
  try {
    way = open_change(places);
  } catch (const Refusal&) {  // it cannot be read: it is kept aside
    keep_file(places.rollback + ".unreadable", read_file(places.rollback).value_or(""));
  }
  if (way && way->phase != Phase::going_back && way->phase != Phase::undoing)
    too_late("a change being rolled back", *way, places);
  drop_change(places);
}

}  // namespace vifchain::inline flow::inline host
