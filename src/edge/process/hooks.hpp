// SPDX-License-Identifier: Apache-2.0
// The administrator's own scripts, which Xen's vif scripts source (vif-post.d).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "edge/process/deadline.hpp"

namespace vifchain::inline edge::inline process {

// The path of one executable *.hook in `folder`; nothing when there is none, or no such folder.
std::optional<std::string> any_hook(const std::string& folder);

// Sources every executable *.hook of `folder` in one bash, by name, as call_hooks in Xen's
// xen-hotplug-common.sh does: each sees `variables`, $0 and $dir as if it were run by the program
// beside `folder`, and the functions that hooks use (log, fatal, success, do_or_die,
// do_without_error, xenstore_read, xenstore_read_default, xenstore_write, claim_lock,
// release_lock). Of the names that Xen's scripts set (command, type_if, dev, vif, vifname, bridge,
// ip, XENBUS_PATH, netdev, main_ip, mtu, vlan, mac), those that are not in `variables` are not set,
// whatever our own environment says. Output is appended to `output`, and lost if it cannot be.
//
// Returns when all went well; what hooks left in the background then goes on. Throws Error
// (ECANCELED) with the hook's name and what it said when one fails or calls fatal, and Interrupted
// with the hook's name when the deadline comes; then no process of theirs is left.
void run_hooks(const std::string& folder, const std::map<std::string, std::string>& variables,
               const Deadline& deadline,
               const std::string& output = "/var/log/xen/xen-hotplug.log");

}  // namespace vifchain::inline edge::inline process
