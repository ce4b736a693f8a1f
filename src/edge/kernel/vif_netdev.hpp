// SPDX-License-Identifier: Apache-2.0
// Which network interface a vif is.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline kernel {

// The present name of the interface of exactly this vif, whatever it was renamed to; empty if it
// has none (not yet, or no more). netback makes the interface a child of its xenbus device
// (SET_NETDEV_DEV in xenvif_alloc), so the answer comes from
// /sys/bus/xen-backend/devices/vif-DOMID-DEVID/net/. Throws Error if sysfs cannot be read.
[[nodiscard]] std::optional<std::string> netdev_of_vif(unsigned domid, unsigned devid,
                                                       const std::string& sysfs_root = "/sys");

// Whose interface this is, as domid and devid, by the xenbus device that it is a child of; empty
// for one that is no vif's.
[[nodiscard]] std::optional<std::pair<unsigned, unsigned>> vif_of_netdev(
    const std::string& name, const std::string& sysfs_root = "/sys");

// The links that are ports of this one, or stacked on it, or that it is a port of, as sysfs lists
// them (netdev_adjacent_sysfs_add in net/core/dev.c): whatever comes and goes meanwhile, what was
// there all the while is among them. Empty where there is no such link. Throws Error.
[[nodiscard]] std::vector<LinkName> linked_with(const LinkName& name,
                                                const std::string& sysfs_root = "/sys");

}  // namespace vifchain::inline edge::inline kernel
