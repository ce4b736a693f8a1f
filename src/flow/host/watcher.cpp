// SPDX-License-Identifier: Apache-2.0
#include "flow/host/watcher.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "core/plan/leave_out.hpp"
#include "core/text/problem.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/process/exec_words.hpp"
#include "edge/process/leave_behind.hpp"
#include "edge/process/outside.hpp"
#include "edge/state/chain_cache.hpp"
#include "flow/host/go_back.hpp"
#include "flow/host/host_doors.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/recorder.hpp"

namespace vifchain::inline flow::inline host {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::chrono::minutes time_to_go_back{5};
constexpr int lock_descriptor = 3, talk_descriptor = 4;
constexpr milliseconds between_looks{50};
// Whoever reads the seconds that are left and says confirm in the last of them is in time.
constexpr std::int64_t grace = 1000;  // milliseconds
constexpr char watching = 'w', made = 'm';

void pass(milliseconds time) {
  timespec left{time.count() / 1000, time.count() % 1000 * 1000000};
  while (::nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

// Though another version has its name by now.
constexpr const char* this_program = "/proc/self/exe";

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& words) {
  ::execv(program.c_str(), pointers_to(words).data());
  std::_Exit(1);
}

// --- going back

// Throws when it is not all done, whatever the reason.
void go_back_once(Env& env, const RollbackRecord& way) {
  const HostPlan done = put_links_back(env, way, {.allow_disrupt = true});
  if (way.phase != Phase::undoing) put_files_back(way, env.places, env.log);
  std::string missing;
  for (const auto& left : done.left_out) missing += (missing.empty() ? "" : "; ") + in_words(left);
  if (!missing.empty()) throw Refusal(missing);
}

void note_trouble(const Places& places, const std::string& trouble, Log& log) {
  log.err("rollback failed, retrying: " + trouble);
  try {
    update_change(places, [&](RollbackRecord& way) {
      ++way.tries;
      way.trouble = trouble;
      return true;
    });
  } catch (const std::exception& error) {
    log.warning(error.what());
  }
}

// What the run is called that goes back: by its reason, where that is the clock.
std::string title_of(const RollbackRecord& way) {
  const bool late = way.phase != Phase::undoing && time_left(way) <= 0;
  return std::string("vifchain apply --confirm, ") +
         (late ? "not confirmed in time" : "rolling back");
}

// In a process of its own, so that whatever becomes of it can be tried again. The exit code.
int try_to_go_back(const Places& places, const RollbackRecord& way) {
  Log log("vifchain apply", {.ident = "vifchain"});
  Recorder recorder(log, places.runs, title_of(way));
  try {
    Deadline deadline(time_to_go_back, {.line = "vifchain: error: hung, aborted\n"});
    const HostDoors doors(deadline, &recorder);
    Env env = doors.env(deadline, log, places);
    const auto clients = open_dhcp_clients(deadline);
    env.dhcp = clients.get();
    go_back_once(env, way);
    return 0;
  } catch (const std::exception& error) {
    recorder.ended_by(error);
    note_trouble(places, error.what(), log);
    return 1;
  }
}

// Until the child has ended, or there is nothing to go back from any more. True when it succeeded.
bool wait_for_try(const Places& places, pid_t child) {
  for (bool told = false;;) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!told && !is_change_open(places)) told = ::kill(child, SIGTERM) == 0;
    pass(between_looks);
  }
}

bool go_back_in_child(const Places& places, const RollbackRecord& way) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int code = try_to_go_back(places, way);
    std::_Exit(code);
  }
  return child > 0 && wait_for_try(places, child);
}

// 1 s, 2 s, 4 s … to half a minute; less when somebody gives up meanwhile.
void pause_after(std::int64_t tries, const Places& places) {
  const auto end = Clock::now() + seconds(std::min(1 << std::clamp<std::int64_t>(tries, 0, 5), 30));
  while (Clock::now() < end && is_change_open(places)) pass(between_looks);
}

int go_back_until_done(const Places& places, const RollbackRecord& way, Log& log) {
  log.warning(way.phase == Phase::undoing ? "rolling back what a failed apply has left"
                                          : "the change was not confirmed: rolling back");
  for (auto tries = way.tries; is_change_open(places); ++tries) {
    if (go_back_in_child(places, way)) {
      drop_change(places);
      log.warning("rolled back: the host is as it was before the unconfirmed change");
      return 0;
    }
    pause_after(tries, places);
  }
  log.warning("rollback given up: the host stays as it is");
  return 0;
}

// --- until then

// True when the window was begun or the change failed in an orderly way, so that its record tells;
// false when whoever made the change has died, or is not to go on.
bool change_was_made(const WatcherCall& call, Log& log) {
  const auto end = Clock::now() + call.limit;
  pollfd talk{talk_descriptor, POLLIN, 0};
  while (Clock::now() < end) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count() + 1;
    if (::poll(&talk, 1, static_cast<int>(std::min<std::int64_t>(left, 1000))) <= 0) continue;
    char word = 0;
    return ::read(talk_descriptor, &word, 1) == 1 && word == made;
  }
  log.err("the change did not end within " + std::to_string(call.limit.count()) +
          " s: ending its process " + std::to_string(*call.changer));
  return false;
}

// It has the other end of what is waited for at, so the number is its own as long as that is open.
void end_changer(pid_t changer) {
  pollfd talk{talk_descriptor, POLLIN, 0};
  const Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, changer, 0)));
  if (!process.open() || (::poll(&talk, 1, 0) > 0 && (talk.revents & POLLHUP) != 0)) return;
  ::syscall(SYS_pidfd_send_signal, process.number(), SIGKILL, nullptr, 0);
  pollfd ended{process.number(), POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0) {
  }
}

// The window is over, or there never was one: unless it is confirmed by now, it goes back. Where
// that cannot be written down, for want of room, nobody may write anything else meanwhile.
void decide_to_go_back(const Places& places, Log& log) {
  try {
    write_going_back(places);
    return;
  } catch (const Error& error) {
    log.err(error.what());
  }
  const Descriptor held = hold_record(places);
  auto way = open_change(places);
  if (!way || is_decided(*way)) return;
  way->phase = Phase::going_back;
  go_back_until_done(places, *way, log);
}

int finish(const Places& places, const RollbackRecord& way, Log& log) {
  try {
    remember_applied(places, way);
    drop_change(places);
    return 0;
  } catch (const Error& error) {
    log.err(std::string("confirmed and kept, but cannot be recorded: ") + error.what());
    return 1;
  }
}

// The record, read again when its file is another.
class Record {
 public:
  explicit Record(const Places& places) : places_(places) {}

  const std::optional<RollbackRecord>& now() {
    const auto file = FileIdentity::of(places_.rollback);
    if (file && file == file_) return way_;
    way_ = open_change(places_);
    file_ = file;
    return way_;
  }

 private:
  const Places& places_;
  std::optional<FileIdentity> file_;
  std::optional<RollbackRecord> way_;
};

// Nothing, as long as there is something to wait for.
std::optional<int> look_once(const Places& places, const std::optional<RollbackRecord>& way,
                             Log& log) {
  if (!way) return 0;
  if (way->phase == Phase::confirmed) return finish(places, *way, log);
  if (is_decided(*way)) return go_back_until_done(places, *way, log);
  if (way->phase == Phase::waiting && time_left(*way) + grace > 0)
    pass(between_looks);
  else
    decide_to_go_back(places, log);
  return std::nullopt;
}

// A record that cannot be read just now is waited for.
int watch(const Places& places, Log& log) {
  Record record(places);
  for (std::string said;;) {
    try {
      if (const auto code = look_once(places, record.now(), log)) return *code;
    } catch (const std::exception& error) {
      if (said != error.what()) log.err(error.what());
      said = error.what();
      pass(seconds(1));
    }
  }
}

void stay_here(int descriptor) {
  ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).string();
}

std::vector<std::string> words_for(const Places& places, std::int64_t window,
                                   const std::string& program = "vifchain") {
  return {program,        "confirm",
          "--or-go-back", std::to_string(window),
          "--config",     absolute_path(places.config)};
}

// It says so when it is; it may have died at once.
bool is_watching(int talk) {
  pollfd heard{talk, POLLIN, 0};
  const auto end = Clock::now() + seconds(30);
  while (Clock::now() < end) {
    if (::poll(&heard, 1, 1000) <= 0) continue;
    char word = 0;
    return ::read(talk, &word, 1) == 1 && word == watching;
  }
  return false;
}

// Two ends of one line.
std::pair<Descriptor, Descriptor> new_line() {
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw Error(errno, "talking to the rollback process");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor start_watcher(const Places& places, const ChangeLock& lock, seconds window,
                         seconds limit) {
  auto [ours, theirs] = new_line();
  auto words = words_for(places, window.count());
  words.insert(words.end(), {"--has-lock", "--changer", std::to_string(::getpid()), "--limit",
                             std::to_string(limit.count())});
  if (leave_behind(seconds(0), {lock.descriptor(), theirs.number()})) become(this_program, words);
  const Descriptor none(std::move(theirs));
  return std::move(ours);
}

void start_alone(const Places& places) {
  std::string program = "/usr/sbin/vifchain";
  std::int64_t window = 1;
  try {
    if (const auto way = open_change(places)) {
      program = way->program;
      window = std::max<std::int64_t>(way->window, 1);
    }
  } catch (const Refusal&) {  // a later version's: that is what runs there by now
  }
  const auto words = words_for(places, window, program);
  if (leave_behind(seconds(0))) become(words.front(), words);
}

// What vifchaind may not do itself, as it can write no file but its own: "vifchain dhcp", which
// systemd runs then, starts the watcher as any program does.
void start_outside(const Places& places) {
  keep_file(places.locks + "/dhcp-wanted", "vifchain dhcp\n");
}

}  // namespace

Watcher::Watcher(const Places& places, const ChangeLock& lock, seconds window, seconds limit)
    : talk_(start_watcher(places, lock, window, limit)) {
  if (!is_watching(talk_.number()))
    throw Refusal(
        problem("cannot start the rollback process", "check the process limit and free memory"));
}

bool Watcher::window_begins() {
  const char word = made;
  return ::send(talk_.number(), &word, 1, MSG_NOSIGNAL) == 1;
}

void watch_again(const Places& places, const ChangeLock& lock) {
  auto words = words_for(places, 1);
  words.emplace_back("--has-lock");
  if (leave_behind(seconds(0), {lock.descriptor()})) become(this_program, words);
}

void watch_if_forgotten(const Places& places) noexcept {
  if (!is_change_open(places)) return;
  try {
    if (!is_watched(places)) is_in_bounds() ? start_outside(places) : start_alone(places);
  } catch (const std::exception&) {
    return;  // whoever comes next tries again
  }
}

int watch_over_change(const Places& places, const WatcherCall& call) {
  Log log("vifchain apply", {.ident = "vifchain"});
  const auto lock = call.has_lock ? std::optional(ChangeLock::inherited(lock_descriptor))
                                  : ChangeLock::if_free(places.state_folder(), Hold::exclusive);
  if (!lock) return 0;
  if (call.has_lock) stay_here(lock_descriptor);
  if (call.changer) {
    stay_here(talk_descriptor);
    const char word = watching;
    if (::send(talk_descriptor, &word, 1, MSG_NOSIGNAL) != 1) return 1;
    if (!change_was_made(call, log)) end_changer(*call.changer);
  }
  return watch(places, log);
}

}  // namespace vifchain::inline flow::inline host
