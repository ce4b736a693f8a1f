// SPDX-License-Identifier: Apache-2.0
// One chain, standing: its locks, and what was done to make it stand.
#pragma once

#include "core/model/topology.hpp"
#include "edge/state/lock.hpp"
#include "flow/run/converge.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline chain {

// A chain that stands and is locked against removal while this object lives.
struct StandingChain {
  Locks locks;
  Actual links;     // as read from the kernel, the vif among them if it exists
  Desired desired;  // what was asked for, for put_back()
  Actual before;    // and what was there, when something had to be changed
  bool changed = false;
};

// The chain cannot be made for want of links that nobody here makes; they may come yet.
class Missing : public Blocked {
 public:
  Missing(std::vector<Conflict> conflicts, std::vector<LinkName> names)
      : Blocked(std::move(conflicts)), names_(std::move(names)) {}
  [[nodiscard]] const std::vector<LinkName>& names() const { return names_; }

 private:
  std::vector<LinkName> names_;
};

// Makes the chain stand. When it stands already nothing but reading happens, under shared locks;
// otherwise the links that have to change are locked exclusively, all is read again, and what is
// missing is made. `vif` is read in the same round.
// Throws Refusal (Missing), Error or Interrupted, and the kernel is then as it was.
StandingChain stand(Env& env, const Chain& chain, const LinkName& vif);

// Undoes what stand() did, as far as nobody uses it by now.
void fall(Env& env, const StandingChain& chain);

}  // namespace vifchain::inline flow::inline chain
