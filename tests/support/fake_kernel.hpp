// SPDX-License-Identifier: Apache-2.0
// The kernel's door with a table behind it (fake_net.hpp) instead of rtnetlink, and with faults on
// demand: leveldb's fault-injecting Env for links.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "edge/kernel/kernel.hpp"
#include "fake_net.hpp"

namespace vifchain {

class FakeKernel : public Kernel {
 public:
  // What happens to the steps behind one that failed: pipelined messages go on, others do not.
  enum class AfterFailure : std::uint8_t { go_on, stop };
  explicit FakeKernel(AfterFailure after_failure = AfterFailure::go_on)
      : after_failure_(after_failure) {}

  void add_nic(const Nic& nic) { net_.add_nic(nic); }

  Actual snapshot(const std::vector<Ask>& asked) override;
  Actual everything() override;
  void read_routes(Actual& links, const std::vector<LinkName>& of) override;
  void read_filters(Actual& links) override;
  std::vector<LinkName> neighbours(const LinkName& name) override;
  // Nobody gives its links other names.
  std::map<LinkName, LinkName> follow_names(const std::vector<LinkName>&) override { return {}; }
  void perform(const std::vector<Step>& steps) override;

  // The step with this number, counted from 0 and from now on, fails and has no effect.
  void fail_at(std::size_t step) { faults_.insert(performed_ + step); }
  // It fails after the first half of what its message carries was done.
  void half_done_at(std::size_t step) { halves_.insert(performed_ + step); }
  void set_after_failure(AfterFailure after_failure) { after_failure_ = after_failure; }

  // The error number of one step, 0 when it went well. Somebody else's links are not in our group.
  Errno try_step(const Op& op);
  Errno try_step_as_somebody(const Op& op);

  [[nodiscard]] const std::vector<std::string>& thefts() const { return net_.thefts(); }
  [[nodiscard]] const FakeNet& net() const { return net_; }

  // Called after each step, whether it went well or not.
  std::function<void(const FakeNet& net, const Op& op)> after_step = {};

  // What somebody does to the filters' table.
  void spoil_filters(bool spoilt = true) { net_.spoil_filters(spoilt); }
  void lose_filters() { net_.lose_filters(); }

  // How often all links were read.
  [[nodiscard]] int dumps() const { return dumps_; }

 private:
  Errno next_step(const Op& op);

  FakeNet net_;
  AfterFailure after_failure_;
  std::size_t performed_ = 0;
  int dumps_ = 0;
  std::set<std::size_t> faults_, halves_;
};

// A Step without impact, for tests.
Step step(Op op);

}  // namespace vifchain
