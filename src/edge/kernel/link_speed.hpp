// SPDX-License-Identifier: Apache-2.0
// How fast a link is, as its driver says.
#pragma once

#include <optional>

#include "core/model/link_state.hpp"

namespace vifchain::inline edge::inline kernel {

// Asks by ioctl (ethtool's ETHTOOL_GLINKSETTINGS), in the network namespace that the thread is in
// when it is made. Needs no privileges.
class SpeedDoor {
 public:
  SpeedDoor();
  ~SpeedDoor();
  SpeedDoor(const SpeedDoor&) = delete;
  SpeedDoor& operator=(const SpeedDoor&) = delete;

  // Nothing when the link is gone, its driver has no such thing, or does not know just now.
  [[nodiscard]] std::optional<Speed> ask(const LinkName& name) const;

 private:
  int socket_;
};

}  // namespace vifchain::inline edge::inline kernel
