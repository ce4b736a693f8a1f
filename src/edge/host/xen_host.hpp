// SPDX-License-Identifier: Apache-2.0
// What this host's Xen is, and the scripts that its toolstack calls.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/guests/check.hpp"
#include "core/guests/xen_release.hpp"

namespace vifchain::inline edge::inline host {

// The release that runs; nothing where this is no Xen host.
std::optional<XenRelease> running_xen(const std::string& sysfs = "/sys");

// What each of these paths is.
std::map<std::string, ScriptFacts> read_scripts(const std::vector<std::string>& paths);

}  // namespace vifchain::inline edge::inline host
