// SPDX-License-Identifier: Apache-2.0
// The one change of this host that is open, while it waits to be confirmed or goes back.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/plan/rollback_record.hpp"
#include "edge/state/change_lock.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline host {

// From before its first step until it is confirmed, or all is put back, the record of a change is
// at Places::rollback, and somebody who lives holds the ChangeLock of its folder: whoever makes the
// change, then its watcher (flow/host/watcher.hpp). A record that nobody holds the lock beside is
// forgotten: the next run of any program starts the watcher again. What becomes of it is decided in
// the record itself, by whoever comes first; only while another, short lock is held is it written.

// Cheap: one access(2).
bool is_change_open(const Places& places);

// The record; nothing when there is none. Throws Refusal when this version cannot read it, which
// says what to do, and Error.
std::optional<RollbackRecord> open_change(const Places& places);

// Somebody who lives looks after it, or makes a change of his own just now.
bool is_watched(const Places& places);

// While it lives nobody writes the record. Throws Error when it cannot be had within 10 s.
Descriptor hold_record(const Places& places);

// The record is read anew, and is as `change` makes it when that returns true. False when there is
// none, or `change` says so. Whoever else would write it waits meanwhile. Throws as open_change().
bool update_change(const Places& places, const std::function<bool(RollbackRecord& way)>& change);

// There is no record any more. Throws Error.
void drop_change(const Places& places);

// The milliseconds until the window ends, by a clock that nobody sets; negative once it has.
std::int64_t time_left(const RollbackRecord& way);

// The window begins now.
void begin_window(RollbackRecord& way);

// Whoever runs this process, and the boot that it runs in.
Opener this_opener();
std::string this_boot();

// "was opened at 03:12:40 by root on pts/1 (process 812, vifchain apply --confirm 60)".
std::string opened_in_words(const RollbackRecord& way);

// What it does now, and what ends it: "it waits 41 s for vifchain confirm, and then …".
std::string state_in_words(const RollbackRecord& way, bool watched);

// Waits until no other run changes the host as a whole, and returns the lock. Inside a window it
// throws Refusal, with who opened it and what ends it; Interrupted, with who has the lock, when the
// deadline or that patience ends first.
ChangeLock take_turn(Env& env, Hold hold, const LockPatience& patience = {});

// It is confirmed, or goes back: nobody can say otherwise any more.
bool is_decided(const RollbackRecord& way);

// Decides, in its record, that the change goes back, unless it is decided already. Throws Error
// where that cannot be written.
void write_going_back(const Places& places);

// Throws Refusal: the host may not be changed, with who opened that change and what ends it.
[[noreturn]] void refuse_inside(const RollbackRecord& way);

// Throws Refusal when there is a record that nobody looks after; for whoever has the lock, and
// shall not put anything back himself.
void refuse_if_forgotten(const Places& places);

}  // namespace vifchain::inline flow::inline host
