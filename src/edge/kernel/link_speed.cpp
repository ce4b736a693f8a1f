// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/link_speed.hpp"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// The settings, with room behind them for the three sets of modes, whose size the kernel tells.
class Settings {
 public:
  ethtool_link_settings& head() { return *reinterpret_cast<ethtool_link_settings*>(bytes_.data()); }

 private:
  alignas(ethtool_link_settings) std::array<
      char, sizeof(ethtool_link_settings) + 3 * sizeof(std::uint32_t) * SCHAR_MAX> bytes_{};
};

bool ask_once(int socket, const LinkName& name, Settings& settings) {
  ifreq request{};
  std::memcpy(request.ifr_name, name.str().c_str(), name.str().size() + 1);
  request.ifr_data = reinterpret_cast<char*>(&settings.head());
  return ioctl(socket, SIOCETHTOOL, &request) == 0;
}

std::optional<Duplex> duplex_of(std::uint8_t number) {
  if (number == DUPLEX_FULL) return Duplex::full;
  if (number == DUPLEX_HALF) return Duplex::half;
  return {};
}

}  // namespace

SpeedDoor::SpeedDoor() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  // A kernel without IPv4 has the question all the same.
  if (socket_ < 0) socket_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
  if (socket_ < 0) throw Error(errno, "opening a socket to ask for links' speeds");
}

SpeedDoor::~SpeedDoor() {
  close(socket_);
}

// Asked with no room for modes, the kernel answers how much it wants, negated
// (ethtool_get_link_ksettings).
std::optional<Speed> SpeedDoor::ask(const LinkName& name) const {
  Settings settings;
  settings.head().cmd = ETHTOOL_GLINKSETTINGS;
  if (!ask_once(socket_, name, settings) || settings.head().link_mode_masks_nwords >= 0) return {};
  const auto words = static_cast<std::int8_t>(-settings.head().link_mode_masks_nwords);
  settings.head().cmd = ETHTOOL_GLINKSETTINGS;
  settings.head().link_mode_masks_nwords = words;
  if (!ask_once(socket_, name, settings)) return {};
  const auto speed = settings.head().speed;
  if (speed == 0 || speed == static_cast<std::uint32_t>(SPEED_UNKNOWN)) return {};
  return Speed{speed, duplex_of(settings.head().duplex)};
}

}  // namespace vifchain::inline edge::inline kernel
