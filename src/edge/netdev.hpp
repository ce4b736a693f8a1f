// Which network interface a vif is.
#pragma once

#include <optional>
#include <string>

namespace vifchain {

// The present name of the interface of exactly this vif, whatever it was renamed to; empty if it
// has none (not yet, or no more). netback makes the interface a child of its xenbus device
// (SET_NETDEV_DEV in xenvif_alloc), so the answer comes from
// /sys/bus/xen-backend/devices/vif-DOMID-DEVID/net/. Throws Error if sysfs cannot be read.
[[nodiscard]] std::optional<std::string> netdev_of_vif(unsigned domid, unsigned devid,
                                                       const std::string& sysfs_root = "/sys");

}  // namespace vifchain
