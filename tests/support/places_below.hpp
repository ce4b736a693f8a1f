// SPDX-License-Identifier: Apache-2.0
// A run's places below one folder.
#pragma once

#include <string>

#include "flow/run/env.hpp"

namespace vifchain {

// Every place of Places below `folder`, under the last part of its path: nothing of the machine is
// read, run or written. A place that is added to Places has to be added here too, or this does not
// compile.
inline Places places_below(const std::string& folder) {
  Places places;
  auto& [config, locks, sysfs, udev, hooks, machine_id, rollback, unconfirmed, applied, runs] =
      places;
  for (std::string* place : {&config, &locks, &sysfs, &udev, &hooks, &machine_id, &rollback,
                             &unconfirmed, &applied, &runs})
    place->replace(0, place->find_last_of('/'), folder);
  return places;
}

}  // namespace vifchain
