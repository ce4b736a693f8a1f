// SPDX-License-Identifier: Apache-2.0
// Hearing which links of the network namespace change, and how.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/model/name.hpp"

namespace vifchain::inline edge::inline kernel {

// What the kernel last said of a link, as far as a watcher needs it.
struct SeenLink {
  LinkName name;
  unsigned controller = 0;  // its index; 0: none
  unsigned group = 0;
  bool up = false;  // as the administrator has it (IFF_UP), whatever the carrier
  bool operator==(const SeenLink&) const = default;
};

struct LinkChange {
  std::optional<SeenLink> before;  // none: it has come
  std::optional<SeenLink> now;     // none: it has gone
  // Alike, where the kernel told of something else: carrier, an option, an address that has gone.
  bool operator==(const LinkChange&) const = default;
};

struct LinkNews {
  std::vector<LinkChange> changes;  // in the order of the kernel's telling
  // The kernel could not keep all that it had to say (ENOBUFS): all links were read anew, and the
  // changes are what is different by now. Of what cannot be seen that way nothing is known.
  bool lost = false;
};

class LinkMonitor {
 public:
  virtual ~LinkMonitor() = default;

  // Readable when there may be something to take.
  [[nodiscard]] virtual int descriptor() const = 0;

  // What has changed since the last call, or since it was made. Never waits for a change. Throws
  // Error.
  virtual LinkNews take() = 0;

  // All links as they were at the last take(), by index.
  [[nodiscard]] virtual const std::map<unsigned, SeenLink>& links() const = 0;
};

// Over rtnetlink: RTNLGRP_LINK, and of addresses those that go (RTNLGRP_IPV4_IFADDR and _IPV6_).
// `receive_buffer` is in bytes, and bounds how much may change before the next take(); the kernel
// takes about a kilobyte for one change. Throws Error.
std::unique_ptr<LinkMonitor> monitor_links(int receive_buffer = 4 << 20);

}  // namespace vifchain::inline edge::inline kernel
