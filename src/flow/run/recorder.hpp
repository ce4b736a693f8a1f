// SPDX-License-Identifier: Apache-2.0
// The flight recorder: what one run was asked, planned and did, for `vifchain why`.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "core/plan/host_plan.hpp"
#include "edge/base/log.hpp"
#include "edge/state/run_record.hpp"

namespace vifchain::inline flow::inline run {

// Listens while it lives: to the doors that were opened with it (HostDoors), which tell it every
// step, to the log, and to whoever knows better. Its end writes what it heard into the ring at
// `path`, in one line. Not being able to is at most a line in the log: nobody fails for it, and
// nobody waits.
class Recorder {
 public:
  // call: the program and its words. `log` must live longer, and has one recorder at a time.
  Recorder(Log& log, std::string path, std::string call);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // What is asked for besides the words, and the link that it is about.
  void asks(std::string_view words) { record_.call += " " + std::string(words); }
  void concerns(const LinkName& link) { record_.links.insert(link.str()); }
  void concerns(const std::string& link) { record_.links.insert(link); }

  // A long run is about to make its first change by this plan: that it began is written at once,
  // for the case that it never ends.
  void will_perform(const HostPlan& plan);

  // These steps were sent to the kernel; without `all` one of them failed. After undoing() they
  // put something back.
  void performed(const std::vector<Step>& steps, bool all) noexcept;
  // The same of DHCP clients, that no kernel's door tells of.
  void performed(const DhcpStop& stop) noexcept;
  void performed(const DhcpStart& start) noexcept;
  void undoing() noexcept { undoing_ = true; }

  // How it ends, by the first who knows; without a word it is done, or there was nothing to do.
  void ended(Ending ending, const std::string& message);
  void ended_by(const std::exception& error);
  void done(const std::string& message) { record_.message = message; }

 private:
  [[nodiscard]] StepFate fate_of_done() const {
    return undoing_ ? StepFate::undone : StepFate::done;
  }
  void heard(Level level, std::string_view text) noexcept;
  void write(Ending ending) noexcept;

  Log& log_;
  std::string path_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  RunRecord record_;
  std::optional<Ending> ending_;
  bool undoing_ = false;
};

// Does the work; how it fails is how the run ends.
template <typename Work>
auto recording(Recorder& recorder, const Work& work) try {
  return work();
} catch (const std::exception& error) {
  recorder.ended_by(error);
  throw;
}

}  // namespace vifchain::inline flow::inline run
