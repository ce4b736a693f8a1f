// SPDX-License-Identifier: Apache-2.0
// What udev has yet to do with a link.
#pragma once

#include <string>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline host {

// False while a link that is there may still get another name: udevd runs, and has not been through
// its rules with it. Asks as libudev does (udev_device_get_is_initialized): whether there is an
// entry for the link's index below `run`, /run/udev.
bool udev_is_done_with(const LinkName& link, const std::string& run);

}  // namespace vifchain::inline edge::inline host
