// SPDX-License-Identifier: Apache-2.0
#include "flow/run/recorder.hpp"

#include "edge/process/deadline.hpp"
#include "edge/process/this_process.hpp"
#include "edge/state/run_ring.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline run {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

std::int64_t now() {
  return duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Ending ending_of(const std::exception& error) {
  if (dynamic_cast<const Interrupted*>(&error) != nullptr) return Ending::interrupted;
  if (dynamic_cast<const Refusal*>(&error) != nullptr) return Ending::refused;
  return Ending::failed;
}

StepRecord record_of(const DhcpStop& stop, StepFate fate) {
  return {stop.client.link ? stop.client.link->str() : "", describe(stop), stop.because, fate};
}

StepRecord record_of(const DhcpStart& start, StepFate fate) {
  return {start.link.str(), describe(start), start.because, fate};
}

// The reason is told to the log as well.
void drop_notes_of_the_end(RunRecord& record) {
  if (record.message.empty()) return;
  std::erase_if(record.notes, [&](const std::string& note) {
    return note.find(record.message) != std::string::npos;
  });
}

}  // namespace

Recorder::Recorder(Log& log, std::string path, std::string call)
    : log_(log), path_(std::move(path)) {
  auto self = this_process();
  record_.began = now();
  record_.call = std::move(call);
  record_.caller = std::move(self.caller);
  record_.pid = self.pid;
  record_.uid = self.uid;
  record_.sudo_user = std::move(self.sudo_user);
  log_.tell_also([this](Level level, std::string_view text) { heard(level, text); });
}

Recorder::~Recorder() {
  log_.tell_also({});
  drop_notes_of_the_end(record_);
  write(ending_.value_or(record_.steps.empty() ? Ending::nothing_to_do : Ending::done));
}

void Recorder::will_perform(const HostPlan& plan) {
  record_.planned = number_of_steps(plan);
  for (const auto& stop : plan.dhcp.stops) add_step(record_, record_of(stop, StepFate::planned));
  for (const auto& step : plan.plan.steps) add_step(record_, step, StepFate::planned);
  for (const auto& start : plan.dhcp.starts) add_step(record_, record_of(start, StepFate::planned));
  write(Ending::began);
  record_.steps.clear();
  record_.more_steps = 0;
}

void Recorder::performed(const std::vector<Step>& steps, bool all) noexcept try {
  const StepFate fate = all ? fate_of_done() : StepFate::tried;
  for (const auto& step : steps) add_step(record_, step, fate);
} catch (const std::exception&) {
  return;  // for want of memory the record is shorter
}

void Recorder::performed(const DhcpStop& stop) noexcept try {
  add_step(record_, record_of(stop, fate_of_done()));
} catch (const std::exception&) {
  return;
}

void Recorder::performed(const DhcpStart& start) noexcept try {
  add_step(record_, record_of(start, fate_of_done()));
} catch (const std::exception&) {
  return;
}

void Recorder::ended(Ending ending, const std::string& message) {
  if (ending_) return;
  ending_ = ending;
  record_.message = message;
}

void Recorder::ended_by(const std::exception& error) {
  if (ending_) return;
  ended(ending_of(error), error.what());
  if (const auto* blocked = dynamic_cast<const Blocked*>(&error))
    add_conflicts(record_, blocked->conflicts());
}

void Recorder::heard(Level level, std::string_view text) noexcept try {
  if (level == Level::err || level == Level::warning) add_note(record_, text);
} catch (const std::exception&) {
  return;
}

void Recorder::write(Ending ending) noexcept try {
  record_.ending = ending;
  record_.took = duration_cast<milliseconds>(std::chrono::steady_clock::now() - since_).count();
  const auto why_not = append_run(path_, encode(record_));
  if (!why_not.empty()) log_.debug("this run cannot be recorded: " + why_not);
} catch (const std::exception&) {
  return;
}

}  // namespace vifchain::inline flow::inline run
