// SPDX-License-Identifier: Apache-2.0
#include "flow/host/changes.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "core/text/problem.hpp"
#include "core/view/words.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/process/this_process.hpp"
#include "edge/state/rollback_file.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_looks = 500;
constexpr useconds_t moment = 20000;  // microseconds between two looks at a lock

std::string time_of(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  localtime_r(&time, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%H:%M:%S", &parts)};
}

std::int64_t uptime() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

std::string terminal() {
  char name[64];
  for (int descriptor : {0, 1, 2})
    if (::ttyname_r(descriptor, name, sizeof name) == 0) {
      const std::string text = name;
      return text.starts_with("/dev/") ? text.substr(5) : text;
    }
  return {};
}

// A run that has just ended, or was just killed, may hold the lock for a moment yet.
constexpr int moments_of_grace = 50;

}  // namespace

bool is_change_open(const Places& places) {
  return ::access(places.rollback.c_str(), F_OK) == 0;
}

std::optional<RollbackRecord> open_change(const Places& places) {
  const auto text = read_file(places.rollback);
  if (!text) return std::nullopt;
  auto way = rollback_record_in(*text);
  if (auto* read = std::get_if<RollbackRecord>(&way)) return std::move(*read);
  throw Refusal(problem(
      "cannot read the rollback record " + places.rollback + ": " + std::get<std::string>(way),
      "install the vifchain version that wrote it, or check the host's network, "
      "then vifchain rollback --give-up"));
}

bool is_watched(const Places& places) {
  return ChangeLock::is_held(places.state_folder());
}

Descriptor hold_record(const Places& places) {
  const std::string path = places.rollback + ".lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.open()) throw Error(errno, "opening " + path);
  for (int looks = 0; ::flock(file.number(), LOCK_EX | LOCK_NB) != 0; ++looks) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw Error(errno, "locking " + path);
    if (looks > most_looks) throw Error(EWOULDBLOCK, "waiting 10 s for " + path);
    ::usleep(moment);
  }
  return file;
}

bool update_change(const Places& places, const std::function<bool(RollbackRecord& way)>& change) {
  if (!is_change_open(places)) return false;
  const Descriptor held = hold_record(places);
  auto way = open_change(places);
  if (!way || !change(*way)) return false;
  keep_file(places.rollback, document_of(*way));
  return true;
}

void drop_change(const Places& places) {
  drop_file(places.rollback);
}

std::int64_t time_left(const RollbackRecord& way) {
  if (way.boot == this_boot()) return way.until_uptime - uptime();
  return (way.until - std::time(nullptr)) * 1000;
}

void begin_window(RollbackRecord& way) {
  way.phase = Phase::waiting;
  way.until = std::time(nullptr) + way.window;
  way.until_uptime = uptime() + way.window * 1000;
}

Opener this_opener() {
  const ThisProcess process = this_process();
  std::string user = process.uid == 0 ? "root" : "user " + std::to_string(process.uid);
  if (!process.sudo_user.empty()) user += " (sudo by " + process.sudo_user + ")";
  return {.pid = process.pid,
          .user = user,
          .terminal = terminal(),
          .command = command_line(),
          .time = std::time(nullptr)};
}

std::string this_boot() {
  try {
    std::string text = read_file("/proc/sys/kernel/random/boot_id").value_or("");
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  } catch (const Error&) {
    return {};
  }
}

std::string opened_in_words(const RollbackRecord& way) {
  const Opener& by = way.opened;
  return "opened at " + time_of(by.time) + " by " + printable(by.user) +
         (by.terminal.empty() ? "" : " on " + printable(by.terminal)) + " (process " +
         std::to_string(by.pid) + (by.command.empty() ? "" : ", " + printable(by.command)) + ")";
}

std::string state_in_words(const RollbackRecord& way, bool watched) {
  const std::string by_whom =
      watched ? "" : " (the rollback process is gone; the next run restarts it)";
  switch (way.phase) {
    case Phase::changing:
      return "still being applied; rolled back if that does not end" + by_whom;
    case Phase::waiting: {
      const auto left = std::max<std::int64_t>(0, (time_left(way) + 999) / 1000);
      return "\"vifchain confirm\" keeps it, \"vifchain rollback\" rolls it back now; otherwise it "
             "is rolled back in " +
             std::to_string(left) + " s, at " + time_of(way.until) + by_whom;
    }
    case Phase::confirmed:
      return "confirmed" + by_whom;
    case Phase::undoing:
    case Phase::going_back:
      break;
  }
  std::string text = "being rolled back" + by_whom;
  if (way.tries > 0)
    text += "; failed " + std::to_string(way.tries) + (way.tries == 1 ? " time" : " times") + " (" +
            printable(way.trouble) +
            "), retried until it succeeds or \"vifchain rollback --give-up\"";
  return text;
}

bool is_decided(const RollbackRecord& way) {
  return way.phase != Phase::changing && way.phase != Phase::waiting;
}

void write_going_back(const Places& places) {
  update_change(places, [](RollbackRecord& way) {
    if (is_decided(way)) return false;
    way.phase = Phase::going_back;
    return true;
  });
}

void refuse_inside(const RollbackRecord& way) {
  throw Refusal("a change is pending confirmation or rollback, " + opened_in_words(way) + "; " +
                state_in_words(way, true));
}

void refuse_if_forgotten(const Places& places) {
  const auto way = open_change(places);
  if (way && way->phase != Phase::confirmed) refuse_inside(*way);
}

ChangeLock take_turn(Env& env, Hold hold, const LockPatience& patience) {
  const auto folder = env.places.state_folder();
  const auto begun = Clock::now();
  bool told = false;
  for (int tries = 0;; ++tries) {
    if (auto lock = ChangeLock::if_free(folder, hold)) return std::move(*lock);
    if (tries > moments_of_grace)
      if (const auto way = open_change(env.places); way && way->phase != Phase::confirmed)
        refuse_inside(*way);
    const auto waited = Clock::now() - begun;
    if (patience.tell && !told && waited >= patience.in_silence) {
      told = true;
      patience.tell("waiting for another run that changes this host" + ChangeLock::holder(folder));
    }
    if (waited >= patience.at_most)
      throw Interrupted("no answer within " + duration_text(patience.at_most) +
                        ": another run changes this host" + ChangeLock::holder(folder));
    env.deadline.check();
    ::usleep(moment);
  }
}

}  // namespace vifchain::inline flow::inline host
