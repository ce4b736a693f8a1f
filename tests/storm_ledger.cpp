#include "storm_ledger.hpp"

#include <algorithm>
#include <limits>
#include <ranges>

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

void Ledger::open_gap(const std::string& what) {
  gaps_.push_back({what, now_ns()});
}

void Ledger::close_gap() {
  gaps_.back().until = now_ns();
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
  for (auto& gap : std::views::reverse(gaps_))
    if (gap.from <= heard.at && (gap.until == 0 || heard.mark.sent <= gap.until)) {
      ++gap.passed;
      return;
    }
  holes_.push_back(heard);
}

std::size_t Ledger::permitted(FrameKind kind) const {
  return permitted_.at(static_cast<std::size_t>(kind));
}

}  // namespace vifchain::test
