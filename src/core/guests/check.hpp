// SPDX-License-Identifier: Apache-2.0
// Would every vif find its place: what guests ask for, held against the file and the host. Pure:
// facts in, findings out.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/guests/guest_config.hpp"
#include "core/model/guest_vif.hpp"
#include "core/model/topology.hpp"

namespace vifchain::inline core::inline guests {

// What a file is that libxl would run for a vif.
struct ScriptFacts {
  bool there = false;
  bool runnable = false;
  bool ours = false;  // it is vif-chain
};

struct GuestsHost {
  std::string config;  // the file's name
  bool has_file = false;
  Topology topology = {};
  Actual links = {};                              // all of the kernel's
  std::vector<GuestVif> running = {};             // all of xenstore's
  std::map<LinkName, LinkName> other_names = {};  // of links: alternative name → name
  BridgeNetfilter netfilter = {};
  std::map<std::string, ScriptFacts> scripts =
      {};  // by absolute path; one that is not here is ours
};

struct GuestFinding {
  std::size_t vif = 0;  // of the vifs that were asked about, counted from 0
  Weight weight{};      // an obstacle: the guest would not start, or not get its net
  std::string text;     // a problem (core/text/problem.hpp)
};

struct CheckedVifs {
  std::vector<GuestFinding> findings;  // by vif, obstacles first
  std::vector<std::string> bridges;    // of each vif; empty: none is found, or none is looked for
};

// Each vif by the rules of its start (core/vif/resolve_bridge.hpp, core/vif/request.hpp,
// core/vif/guest_port.hpp, core/plan/plan.hpp), and all of them against each other and against the
// vifs that run. Two vifs of guests with the same name but from other files are never there
// together, nor is a configuration and its own guest that runs.
CheckedVifs check_vifs(const std::vector<WantedVif>& vifs, const GuestsHost& host);

// The scripts that the vifs name, for whoever gathers the facts.
std::vector<std::string> scripts_of(const std::vector<WantedVif>& vifs);

}  // namespace vifchain::inline core::inline guests
