// SPDX-License-Identifier: Apache-2.0
// A run's place with fake doors, and a folder of its own for all that it reads and keeps.
#pragma once

#include <fstream>

#include "fake_doors.hpp"
#include "fake_kernel.hpp"
#include "fake_store.hpp"
#include "flow/run/env.hpp"
#include "flow/vif/guest_filters.hpp"
#include "places_below.hpp"
#include "temp_folder.hpp"

namespace vifchain {

struct FakeEnv {
  explicit FakeEnv(FakeKernel::AfterFailure after = FakeKernel::AfterFailure::go_on)
      : kernel(after) {
    std::ofstream(env.places.machine_id) << "0123456789abcdef0123456789abcdef\n";
    filter.asks([this] {
      return wanted_filters({store, names, env.places.sysfs}, env.places.config, kernel, log);
    });
  }

  TempFolder folder;
  FakeKernel kernel;
  FakeStore store;
  Deadline deadline{std::chrono::seconds(30)};
  Log log{"vifchain",
          {.socket = folder / "no-log", .file = folder / "xen-hotplug.log", .ident = "vifchain"}};
  FakeNames names;
  FakeFilter filter{kernel};
  Env env{store, kernel, names, filter, deadline, log, places_below(folder.path())};
};

}  // namespace vifchain
