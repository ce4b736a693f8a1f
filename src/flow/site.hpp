// Where a run takes place: its doors to the world, and the places it reads.
#pragma once

#include <string>

#include "edge/deadline.hpp"
#include "edge/kernel.hpp"
#include "edge/log.hpp"
#include "edge/store.hpp"

namespace vifchain {

struct Places {
  std::string config = "/etc/xen/vifchain.toml";
  std::string locks = "/run/vifchain";  // and the chains kept from the file
  std::string sysfs = "/sys";
  std::string hooks = "/etc/xen/scripts/vif-post.d";
  std::string machine_id = "/etc/machine-id";
};

struct Site {
  Store& store;
  Kernel& kernel;
  Deadline& deadline;
  Log& log;
  Places places;
};

}  // namespace vifchain
