// SPDX-License-Identifier: Apache-2.0
// Waiting for links to come, go or change.
#pragma once

#include <chrono>
#include <memory>

namespace vifchain::inline edge::inline kernel {

// From its making on it hears of every change of a link in the network namespace. To wait for
// something: make it, look, and wait() as long as it is not there.
class LinkWatch {
 public:
  virtual ~LinkWatch() = default;

  // Returns at the first change since the last return, after `limit`, or when a signal came,
  // whichever is first. True for a change; more may have come with it.
  virtual bool wait(std::chrono::milliseconds limit) = 0;
};

// Over rtnetlink (RTNLGRP_LINK). Lost notifications (ENOBUFS) count as a change.
std::unique_ptr<LinkWatch> watch_links();

}  // namespace vifchain::inline edge::inline kernel
