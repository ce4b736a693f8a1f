// SPDX-License-Identifier: Apache-2.0
// A kernel's door that hands everything on to another: for tests in which one answer is otherwise.
#pragma once

#include "edge/kernel/kernel.hpp"

namespace vifchain {

class ThroughKernel : public Kernel {
 public:
  explicit ThroughKernel(Kernel& kernel) : kernel_(kernel) {}

  Actual snapshot(const std::vector<Ask>& asked) override { return kernel_.snapshot(asked); }
  Actual everything() override { return kernel_.everything(); }
  void read_routes(Actual& links, const std::vector<LinkName>& of) override {
    kernel_.read_routes(links, of);
  }
  void read_filters(Actual& links) override { kernel_.read_filters(links); }
  std::vector<LinkName> neighbours(const LinkName& of) override { return kernel_.neighbours(of); }
  std::map<LinkName, LinkName> follow_names(const std::vector<LinkName>& names) override {
    return kernel_.follow_names(names);
  }
  void perform(const std::vector<Step>& steps) override { kernel_.perform(steps); }

 private:
  Kernel& kernel_;
};

}  // namespace vifchain
