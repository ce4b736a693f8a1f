// SPDX-License-Identifier: Apache-2.0
// A guest of xl: from the settings of its configuration to its vifs.
#pragma once

#include <array>

#include "core/guests/guest_config.hpp"
#include "core/guests/xen_release.hpp"
#include "core/guests/xl_settings.hpp"

namespace vifchain::inline core::inline guests {

// The keys that decide something here, and those that somebody means to decide something with.
inline constexpr std::array guest_keys{"name", "type", "builder", "pvh",  "vif",    "vif2",
                                       "vifs", "Vif",  "VIF",     "nics", "network"};

// Those of xl.conf; the last two are old names (xl.c).
inline constexpr std::array xl_conf_keys{"vif.default.script", "vif.default.bridge",
                                         "vif.default.backend", "vifscript", "defaultbridge"};

// As parse_config_data in Xen's xl_parse.c goes about it: an obstacle where it gives up, and where
// it passes over all vifs or some.
GuestConfig read_xl_guest(const std::string& file, const XlSettings& settings,
                          const XenRelease& xen);

VifDefaults read_xl_conf_defaults(const XlSettings& settings);

}  // namespace vifchain::inline core::inline guests
