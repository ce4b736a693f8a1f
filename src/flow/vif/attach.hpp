// SPDX-License-Identifier: Apache-2.0
// Onto a bridge.
#pragma once

#include <map>
#include <string>

#include "flow/vif/handle.hpp"

namespace vifchain::inline flow::inline vif {

// online, add: the vif's chain stands, the vif (or the emulated NIC) is an up port of its bridge,
// in its VLANs, behind its filter; of a vif the frontend knows its MTU, and netback, last of all,
// that it is connected. Anything else is Refused or an exception, and then no link is other than it
// was.
Outcome attach(Env& env, const VifEvent& event);

// What a running vif is to be instead.
struct Move {
  std::map<std::string, std::string> nodes;  // of the backend, in the place of those that are there
  std::string libxl;                         // where libxl keeps its own copy of the nodes
};

// How to undo what was done to a port: put_back() takes both.
struct PortUndo {
  Desired wanted = {};
  Actual before = {};
};

// The same for a vif that is connected already: it may leave whatever bridge it is on, and in the
// place of the status the new nodes are written, in the backend and in libxl's copy together. Of an
// emulated NIC nothing is written. It says how to undo it.
Outcome attach(Env& env, const VifEvent& event, const Move& move, PortUndo& back);

}  // namespace vifchain::inline flow::inline vif
