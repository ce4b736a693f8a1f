// SPDX-License-Identifier: Apache-2.0
// What the daemon has done since it began, what it waits for, and what it counts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vifchain::inline core::inline model {

struct DaemonReport {
  // Each only ever grows.
  struct Counters {
    std::uint64_t attached = 0;        // vifs that it connected
    std::uint64_t refused = 0;         // attempts to, that ended with a reason
    std::uint64_t released = 0;        // vifs that it took off their bridge
    std::uint64_t healed_ports = 0;    // vifs that somebody had thrown off their bridge
    std::uint64_t healed_chains = 0;   // chains that somebody had changed
    std::uint64_t gave_way = 0;        // times that it stopped, as somebody kept changing a chain
    std::uint64_t torn_down = 0;       // chains that went with their last vif
    std::uint64_t store_events = 0;    // of xenstore, after those of one moment were joined
    std::uint64_t link_events = 0;     // of rtnetlink, joined likewise
    std::uint64_t lost_events = 0;     // times that the kernel had to say it more than once
    std::uint64_t store_restarts = 0;  // times that xenstored had hung up
    bool operator==(const Counters&) const = default;
  };

  // What is not as it should be, and is tried again when its cause changes.
  struct Waiting {
    std::string subject;     // "vif5.0", or a link
    std::string reason;      // one line
    std::int64_t since = 0;  // seconds since 1970
    bool operator==(const Waiting&) const = default;
  };

  // One repair.
  struct Repair {
    std::string subject;     // "vif5.0", or a link
    std::string what;        // what was done, one line
    std::int64_t when = 0;   // seconds since 1970
    std::int64_t delay = 0;  // microseconds from the kernel's word to the end of the repair
    bool operator==(const Repair&) const = default;
  };

  std::string version;
  int pid = 0;
  std::int64_t since = 0;  // seconds since 1970
  unsigned domid = 0;      // the domain that it is in
  std::string config;      // the file's path
  std::int64_t config_taken =
      0;  // when the file became the desired state, seconds since 1970; 0: never
  std::string config_mistake;  // why the present file did not, one line; empty when it did
  std::uint64_t vifs = 0;      // backends in this domain that are connected now
  Counters counters;
  std::vector<Waiting> waiting;  // the oldest first
  std::vector<Repair> repairs;   // the last 32, the latest first
  bool operator==(const DaemonReport&) const = default;
};

}  // namespace vifchain::inline core::inline model
