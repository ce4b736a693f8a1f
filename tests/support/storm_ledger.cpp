// SPDX-License-Identifier: Apache-2.0
#include "storm_ledger.hpp"

#include <algorithm>
#include <limits>

namespace vifchain::test {
namespace {

constexpr auto for_ever = std::numeric_limits<std::int64_t>::max();

}  // namespace

void Ledger::may_be(unsigned bridge, Antispoof policy) {
  rules_[bridge].push_back({policy, now_ns(), for_ever});
}

void Ledger::is_only(unsigned bridge, Antispoof policy) {
  const auto now = now_ns();
  for (auto& rule : rules_[bridge])
    if (rule.until == for_ever && rule.policy != policy) rule.until = now;
}

void Ledger::open_gap(const std::string& what, unsigned guest) {
  gaps_.push_back({.what = what, .from = now_ns(), .guest = guest});
}

void Ledger::close_gap(const std::string& repaired_by) {
  gaps_.back().until = now_ns();
  gaps_.back().repaired_by = repaired_by;
}

bool Ledger::may_pass(const HeardFrame& heard) const {
  const auto& rules = rules_.at(heard.bridge);
  return std::ranges::any_of(rules, [&](const Rule& rule) {
    return permits(rule.policy, heard.mark.kind) && rule.from <= heard.at &&
           heard.mark.sent <= rule.until;
  });
}

void Ledger::judge(const HeardFrame& heard) {
  if (may_pass(heard)) {
    ++permitted_.at(static_cast<std::size_t>(heard.mark.kind));
    return;
  }
  const auto gap = std::find_if(gaps_.rbegin(), gaps_.rend(), [&](const Gap& one) {
    const bool is_its = one.guest == 0 || one.guest == heard.mark.sender % as_emulated;
    return is_its && one.from <= heard.at && (one.until == 0 || heard.mark.sent <= one.until);
  });
  if (gap != gaps_.rend())
    ++gap->passed;
  else
    holes_.push_back(heard);
}

std::string Ledger::in_words() const {
  std::map<std::string, std::vector<std::int64_t>> times;
  std::map<std::string, std::size_t> passed;
  for (const Gap& gap : gaps_) {
    times[gap.repaired_by].push_back((gap.until - gap.from) / 1'000'000);
    passed[gap.repaired_by] += gap.passed;
  }
  std::string text;
  for (auto& [who, all] : times) {
    std::ranges::sort(all);
    text += std::to_string(all.size()) + " times the filter was taken away and repaired by " + who +
            ", within " + std::to_string(all.front()) + " to " + std::to_string(all.back()) +
            " ms, half of them within " + std::to_string(all[all.size() / 2]) + " ms; " +
            std::to_string(passed[who]) + " forged frames passed meanwhile\n";
  }
  return text;
}

std::size_t Ledger::permitted(FrameKind kind) const {
  return permitted_.at(static_cast<std::size_t>(kind));
}

}  // namespace vifchain::test
