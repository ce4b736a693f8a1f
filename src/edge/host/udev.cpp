// SPDX-License-Identifier: Apache-2.0
#include "edge/host/udev.hpp"

#include <net/if.h>
#include <unistd.h>

namespace vifchain::inline edge::inline host {

bool udev_is_done_with(const LinkName& link, const std::string& run) {
  if (::access((run + "/control").c_str(), F_OK) != 0) return true;
  const unsigned index = ::if_nametoindex(link.str().c_str());
  return index != 0 && ::access((run + "/data/n" + std::to_string(index)).c_str(), F_OK) == 0;
}

}  // namespace vifchain::inline edge::inline host
