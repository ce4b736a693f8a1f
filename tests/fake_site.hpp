// A run's place with fake doors, and a folder of its own for what it keeps.
#pragma once

#include <fstream>

#include "fake_doors.hpp"
#include "fake_kernel.hpp"
#include "fake_store.hpp"
#include "flow/site.hpp"
#include "temp_folder.hpp"

namespace vifchain {

struct FakeSite {
  explicit FakeSite(FakeKernel::AfterFailure after = FakeKernel::AfterFailure::go_on)
      : kernel(after) {
    site.places.locks = folder / "locks";
    site.places.machine_id = folder / "machine-id";
    std::ofstream(folder / "machine-id") << "0123456789abcdef0123456789abcdef\n";
  }

  TempFolder folder;
  FakeKernel kernel;
  FakeStore store;
  Deadline deadline{std::chrono::seconds(30)};
  Log log{"vifchain", {folder / "no-log", folder / "xen-hotplug.log", "vifchain"}};
  FakeNames names;
  FakeFilter filter;
  Site site{store, kernel, names, filter, deadline, log, {}};
};

}  // namespace vifchain
