// SPDX-License-Identifier: Apache-2.0
// Files that would take too much away to be meant so.
#pragma once

#include <string>

#include "flow/host/plan_host.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {

// What nobody may lose by a file that is empty, or forgets a line.
class Emptying : public Refusal {
 public:
  using Refusal::Refusal;
};

// What the plan would take away that is refused unless somebody says that it is meant: all chains,
// a link that carries a default route, or the way out of a link on which addresses of this host
// stay (core/plan/ways_out.hpp); "all chains of this host (xenbr0, xenbr1)". Empty when there is no
// such.
std::string lost_by(const HostPlan& plan);

// Throws Emptying when there is; `config` is the file.
void refuse_emptying(const HostPlan& plan, const std::string& config);

// Throws Refusal when addresses would stay without their way out.
void refuse_stranding(const HostPlan& plan);

}  // namespace vifchain::inline flow::inline host
