// SPDX-License-Identifier: Apache-2.0
#include "flow/daemon/heal_pace.hpp"

namespace vifchain::inline flow::inline daemon {
namespace {

constexpr std::size_t most_rounds = 3;
constexpr std::chrono::minutes span{1};

}  // namespace

bool HealPace::may(const LinkName& link, Moment now) {
  const auto wait = waits_.find(link);
  return wait == waits_.end() || wait->second <= now;
}

bool HealPace::note(const LinkName& link, Moment now) {
  auto& rounds = rounds_[link];
  while (!rounds.empty() && now - rounds.front() > span) rounds.pop_front();
  rounds.push_back(now);
  if (rounds.size() < most_rounds) return false;
  rounds_.erase(link);
  waits_[link] = now + span;
  return true;
}

}  // namespace vifchain::inline flow::inline daemon
