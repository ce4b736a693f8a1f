// SPDX-License-Identifier: Apache-2.0
// What happens to the host of a storm, and to what runs on it just then.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storm_table.hpp"
#include "storm_world.hpp"

namespace vifchain::test {

// What runs while something happens to it.
enum class Act : std::uint8_t { nothing, online, again, add, offline, move, apply };
std::string_view words(Act act);

// A storm that goes on: who is at it, and what was done so far.
struct Storm {
  Storm(unsigned seed, unsigned guests) : luck(seed), world(guests) {}

  void note(const std::string& what) { log.push_back(what); }
  unsigned any_below(unsigned below) { return some(luck, below); }
  unsigned any_bridge() { return any_below(StormWorld::bridges()); }
  void begin_daemon(RunningDaemon::Begun begun);

  Luck luck;
  StormWorld world;
  std::vector<std::string> log = {};

  Act act = Act::nothing;
  unsigned guest = 0;      // whom it is about
  std::string loss;        // what was taken away last
  std::string old_bridge;  // where it was before
  std::optional<RunningDaemon> daemon = {};
  std::optional<StormRun> churn = {}, beside = {};
};

// What happens before a run, on its command line, in the middle of it, and when it has ended.
struct Fault {
  std::string name;
  std::function<void(Storm&)> before = [](Storm&) {};
  std::function<std::string(Storm&)> prefix = [](Storm&) { return std::string(); };
  std::function<void(Storm&, const StormRun*)> amid = [](Storm&, const StormRun*) {};
  std::function<void(Storm&)> after = [](Storm&) {};
};

// In groups, each to be had as often as another.
std::vector<std::vector<Fault>> storm_faults();

}  // namespace vifchain::test
