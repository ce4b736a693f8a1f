// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "edge/state/run_record.hpp"
#include "flow/daemon/daemon.hpp"

namespace vifchain::inline flow::inline daemon {
namespace {

using std::chrono::seconds;

// The first attempts follow their cause at once; then each waits twice as long as the one before.
constexpr unsigned prompt_tries = 3, most_doublings = 10;
constexpr seconds first_pause{1}, longest_pause{900};

seconds pause_after(unsigned tries) {
  if (tries <= prompt_tries) return seconds::zero();
  return std::min(first_pause * (1U << std::min(tries - prompt_tries, most_doublings)),
                  longest_pause);
}

// The bridge that a vif asks for with VLANs beside it, "xenbr0.10" or "xenbr0:20:30", or by its old
// name ("xenbr0" for eth0), is not a word of its own in the reason.
bool is_about(const std::string& reason, const LinkName& link) {
  const std::string& name = link.str();
  if (mentions(reason, name)) return true;
  if (name.starts_with("eth") && mentions(reason, "xenbr" + name.substr(3))) return true;
  const auto at = reason.find(" " + name);
  const auto end = at + 1 + name.size();
  return at != reason.npos && end < reason.size() && (reason[end] == '.' || reason[end] == ':');
}

}  // namespace

void Daemon::note_failure(const VifId& vif, bool may_pass) {
  Failing& failing = failing_[vif];
  const auto now = host_.now();
  failing.not_before = now + pause_after(++failing.tries);
  failing.next = may_pass ? std::max(now + first_pause, failing.not_before) : Moment::max();
}

// What the vif waits for may have come.
void Daemon::note_cause(const VifId& vif) {
  if (told_of(vif).empty()) return;
  Failing& failing = failing_[vif];
  failing.next = std::min(failing.next, std::max(host_.now(), failing.not_before));
}

void Daemon::note_causes() {
  const bool all = std::exchange(changes_.retry, false);
  const auto links = std::exchange(changes_.causes, {});
  if (!all && links.empty()) return;
  for (const auto& waiting : report_.waiting) {
    const auto vif = vif_of_port_name(waiting.subject);
    if (vif && (all || std::ranges::any_of(links, [&](const LinkName& link) {
                  return is_about(waiting.reason, link);
                })))
      note_cause(*vif);
  }
}

Moment Daemon::next_retry() const {
  Moment first = Moment::max();
  if (store_away_) return first;
  for (const auto& [vif, failing] : failing_) first = std::min(first, failing.next);
  return first;
}

// Those whose time has come; they are asked for once.
std::set<VifId> Daemon::take_retries() {
  std::set<VifId> due;
  if (store_away_) return due;
  for (auto& [vif, failing] : failing_) {
    if (failing.next > host_.now()) continue;
    failing.next = Moment::max();
    due.insert(vif);
  }
  return due;
}

}  // namespace vifchain::inline flow::inline daemon
