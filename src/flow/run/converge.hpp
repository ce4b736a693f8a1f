// SPDX-License-Identifier: Apache-2.0
// From a desired state to the kernel being so: perform, read back, compare; or back to what was.
#pragma once

#include <functional>
#include <stdexcept>
#include <vector>

#include "core/plan/plan.hpp"
#include "edge/kernel/kernel.hpp"
#include "edge/process/deadline.hpp"
#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline run {

// A desired state that cannot be granted; nothing has been changed, or all of it has been undone.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A desired state with something in its way.
class Blocked : public Refusal {
 public:
  explicit Blocked(std::vector<Conflict> conflicts);
  Blocked(const std::string& reason, std::vector<Conflict> conflicts)
      : Refusal(reason), conflicts_(std::move(conflicts)) {}
  [[nodiscard]] const std::vector<Conflict>& conflicts() const { return conflicts_; }

 private:
  std::vector<Conflict> conflicts_;
};

// The conflicts of a plan as one line: "eth0: is a port of br0, …; eth1: …".
std::string conflicts_in_words(const std::vector<Conflict>& conflicts);

// Performs `plan`, reads back and plans again, until all is as `desired` says. Returns what was
// read last. Throws what `perform` and `read` throw, or Refusal when the kernel took the steps and
// still is otherwise; then something may have been changed.
Actual converge(const Desired& desired, Plan plan, const std::function<void(const Plan&)>& perform,
                const std::function<Actual()>& read);

// The same in one send, and what `asked` names is read.
Actual converge(Kernel& kernel, const Deadline& deadline, const Desired& desired, Plan plan,
                const std::vector<Ask>& asked);

// Where the kernel is otherwise than the desired state, link by link.
std::string differences_in_words(const Desired& desired, const Actual& actual);

// The links whose routes the desired state has something to say of.
std::vector<LinkName> links_with_routes(const Desired& desired);

// It says something of filters or limits, which Kernel::everything() does not read.
bool has_filters_or_rates(const Desired& desired);

// Takes out of the goal what somebody would miss, and all that carries it.
void leave_out_what_is_in_use(Desired& goal, const Actual& now);

// Puts the links of `desired` back to `before`, as far as nobody else uses by now what was made
// since. Throws when even that fails.
void put_back(Env& env, const Desired& desired, const Actual& before);

}  // namespace vifchain::inline flow::inline run
