// SPDX-License-Identifier: Apache-2.0
// The doors to this host, all of them.
#pragma once

#include "flow/run/env.hpp"

namespace vifchain::inline flow::inline host {

// Opens them when it is made, and throws Error where one does not open. Whatever waits at one of
// them gives up when `deadline`, which must live longer, has passed.
struct HostDoors {
  // `told`, which must live longer too, is told of every step.
  explicit HostDoors(const Deadline& deadline, Recorder* told = nullptr);

  // A run through these doors, which waits for nothing that may come; by another door to xenstore,
  // where the caller has one.
  Env env(Deadline& deadline, Log& log, Places places = {}, Store* other = nullptr) const;

  std::unique_ptr<Store> store;
  std::unique_ptr<Filter> filter;  // the kernel's door sets filters through it
  std::unique_ptr<Kernel> kernel;
  std::unique_ptr<LinkNames> names;
  Recorder* recorder;
};

}  // namespace vifchain::inline flow::inline host
