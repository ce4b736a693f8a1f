// SPDX-License-Identifier: Apache-2.0
// The door to the rules of bonds that balance by source MAC: asked for over netfilter's netlink,
// one table by name, and written by nftables' library, which is loaded when there is something to
// write.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/filter/slb_rules.hpp"
#include "edge/netlink/nft_socket.hpp"
#include "edge/netlink/nftables.hpp"

namespace vifchain::inline edge::inline kernel {

// In the network namespace that the thread is in when it is first used.
class SlbDoor {
 public:
  // The rules of this bond; nothing when this process may not ask. Throws Error.
  std::optional<SlbRules> read(const LinkName& bond);

  // The bond has rules about these ports and no others, or none when there are no ports. All or
  // nothing. Throws Error, with `doing` in it and the answer of nftables.
  void write(const LinkName& bond, const std::vector<LinkName>& ports, const std::string& doing);

 private:
  NftSocket socket_;
  std::unique_ptr<Nftables> nftables_;
};

// Fills Link::slb of every bond. Only one of ours whose options say that it may have rules is asked
// about; to the others it costs nothing.
void read_rules(SlbDoor& door, Actual& links);

}  // namespace vifchain::inline edge::inline kernel
