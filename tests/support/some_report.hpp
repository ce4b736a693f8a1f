// SPDX-License-Identifier: Apache-2.0
// A report of the daemon with something in every field.
#pragma once

#include <cstddef>
#include <string>

#include "core/model/daemon_report.hpp"

namespace vifchain {

// At second 1000600 it has run for ten minutes.
inline DaemonReport some_report() {
  DaemonReport report;
  report.version = "0.1.0";
  report.pid = 812;
  report.since = 1'000'000;
  report.domid = 3;
  report.config = "/etc/xen/vifchain.toml";
  report.config_taken = 1'000'000;
  report.config_mistake = "/etc/xen/vifchain.toml:3:1: prots: no such key";
  report.vifs = 12;
  report.counters = {.attached = 14,
                     .refused = 2,
                     .released = 3,
                     .healed_ports = 4,
                     .healed_chains = 5,
                     .gave_way = 6,
                     .torn_down = 7,
                     .store_events = 800,
                     .link_events = 900,
                     .lost_events = 1,
                     .store_restarts = 0};
  report.waiting = {
      {.subject = "vif9.0", .reason = "there is no bridge xenbr9", .since = 1'000'420}};
  report.repairs = {
      {.subject = "vif7.0", .what = "back on xenbrlan", .when = 1'000'555, .delay = 2'440},
      {.subject = "xenbrlan", .what = "made again", .when = 1'000'100, .delay = 1'500'000}};
  return report;
}

// More than the kernel keeps for somebody who does not read.
inline DaemonReport long_report() {
  DaemonReport report = some_report();
  for (std::size_t i = 0; i < 5'000; ++i)
    report.waiting.push_back({.subject = "vif" + std::to_string(i) + ".0",
                              .reason = "there is no bridge xenbr9",
                              .since = 1'000'420});
  return report;
}

}  // namespace vifchain
