// SPDX-License-Identifier: Apache-2.0
// Where a run takes place: its doors to the world, and the places it reads.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "edge/base/log.hpp"
#include "edge/filter/filter.hpp"
#include "edge/kernel/kernel.hpp"
#include "edge/kernel/link_names.hpp"
#include "edge/kernel/link_watch.hpp"
#include "edge/process/deadline.hpp"
#include "edge/state/vif_lock.hpp"
#include "edge/store/store.hpp"

namespace vifchain::inline edge::inline dhcp {
class DhcpClients;
}

namespace vifchain::inline flow::inline run {

struct Places {
  std::string config = "/etc/xen/vifchain.toml";
  std::string locks = "/run/vifchain";  // and what is kept of the file and of NICs
  std::string sysfs = "/sys";
  std::string udev = "/run/udev";
  std::string hooks = "/etc/xen/scripts/vif-post.d";
  std::string machine_id = "/etc/machine-id";
  // The record of a change that waits to be confirmed (flow/host/changes.hpp); its folder is that
  // of what is kept.
  std::string rollback = "/var/lib/vifchain/rollback";
  // The file that was put back and had none before it.
  std::string unconfirmed = "/var/lib/vifchain/unconfirmed.toml";
  std::string applied = "/var/lib/vifchain/applied";  // files as they were last applied
  std::string runs = "/var/lib/vifchain/runs";        // the last runs

  // What outlives a boot, and the locks that outlive whoever empties /run.
  [[nodiscard]] std::string state_folder() const { return rollback.substr(0, rollback.rfind('/')); }
  [[nodiscard]] VifLockFolders vif_locks() const { return {locks, state_folder()}; }
};

class Recorder;

struct Env {
  Store& store;
  Kernel& kernel;
  LinkNames& names;
  Filter& filter;
  Deadline& deadline;
  Log& log;
  Places places;
  std::function<std::unique_ptr<LinkWatch>()> watch_links = {};  // none: nothing is waited for
  Recorder* recorder = nullptr;                                  // none: nothing is recorded
  DhcpClients* dhcp = nullptr;  // none: no client is looked for, started or ended
};

}  // namespace vifchain::inline flow::inline run
