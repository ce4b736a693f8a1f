// SPDX-License-Identifier: Apache-2.0
#include "core/view/daemon_text.hpp"

#include <algorithm>
#include <cstdio>

#include "core/model/daemon_counters.hpp"
#include "core/text/list.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline core::inline view {
namespace {

// More of either do not help who reads a screen; machines are given all.
constexpr std::size_t shown_waiting = 20, shown_repairs = 5;

std::string time_between(std::int64_t before, std::int64_t after) {
  constexpr std::int64_t minute = 60, hour = 60 * minute, day = 24 * hour;
  const auto seconds = std::max<std::int64_t>(after - before, 0);  // somebody may set the clock
  if (seconds < minute) return std::to_string(seconds) + " s";
  if (seconds < hour) return std::to_string(seconds / minute) + " min";
  if (seconds < 2 * day) return std::to_string(seconds / hour) + " h";
  return std::to_string(seconds / day) + " days";
}

std::string delay_text(std::int64_t microseconds) {
  const bool long_one = microseconds >= 1'000'000;
  char text[32];
  std::snprintf(text, sizeof text, long_one ? "%.1f s" : "%.1f ms",
                static_cast<double>(microseconds) / (long_one ? 1e6 : 1e3));
  return text;
}

std::string headline(const DaemonReport& report, std::int64_t now) {
  return "vifchaind  process " + std::to_string(report.pid) +
         (report.since > 0 ? ", up for " + time_between(report.since, now) : "") + ", " +
         counted(report.vifs, "vif") + " connected\n";
}

std::string mistake_line(const DaemonReport& report, std::int64_t now, const TreeStyle& style) {
  const std::string kept =
      report.config_taken == 0
          ? "no configuration is in use"
          : "keeping the configuration of " + time_between(report.config_taken, now) + " ago";
  return "  " + alarming("! " + printable(report.config_mistake) + " (" + kept + ")", style) + "\n";
}

std::string waiting_lines(const DaemonReport& report, std::int64_t now) {
  std::string text;
  const auto count = std::min(report.waiting.size(), shown_waiting);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& each = report.waiting[i];
    text += "  waits" + (each.since > 0 ? " for " + time_between(each.since, now) : "") + ": " +
            printable(each.subject) + ": " + printable(each.reason) + "\n";
  }
  if (count < report.waiting.size())
    text += "  and for " + std::to_string(report.waiting.size() - count) + " more\n";
  return text;
}

std::string repair_lines(const DaemonReport& report, std::int64_t now) {
  std::string text;
  for (std::size_t i = 0; i < std::min(report.repairs.size(), shown_repairs); ++i) {
    const auto& each = report.repairs[i];
    text += "  repaired " + time_between(each.when, now) + " ago, in " + delay_text(each.delay) +
            ": " + printable(each.subject) + ": " + printable(each.what) + "\n";
  }
  return text;
}

std::string counter_line(const DaemonReport& report) {
  std::string text;
  for (const auto& counter : daemon_counters) {
    std::string name = counter.name;
    std::ranges::replace(name, '_', ' ');
    text += (text.empty() ? "  counted: " : ", ") + name + " " +
            std::to_string(report.counters.*counter.value);
  }
  return text + "\n";
}

}  // namespace

std::string daemon_text(const DaemonReport& report, std::int64_t now, const TreeStyle& style) {
  return headline(report, now) +
         (report.config_mistake.empty() ? "" : mistake_line(report, now, style)) +
         waiting_lines(report, now) + repair_lines(report, now) +
         (style.counters ? counter_line(report) : "");
}

}  // namespace vifchain::inline core::inline view
