// SPDX-License-Identifier: Apache-2.0
// Reading links: some by name, or all, and where each of them was then.
#pragma once

#include <map>
#include <vector>

#include "edge/kernel/kernel.hpp"
#include "edge/kernel/links.hpp"
#include "edge/netlink/rtnl.hpp"

namespace vifchain::inline edge::inline kernel {

// Where a link was when it was last read, or was put since. Indices are never used again while the
// kernel runs (dev_new_index), so a step that goes to an index meets this link or none.
struct Seat {
  unsigned index = 0;
  unsigned controller = 0;  // 0: it has none
};
using Seats = std::map<LinkName, Seat>;

class LinkReader {
 public:
  explicit LinkReader(Rtnl& rtnl) : rtnl_(rtnl) {}

  // See Kernel.
  Actual snapshot(const std::vector<Ask>& asked);
  Actual everything();
  void read_routes(Actual& links, const std::vector<LinkName>& of);
  void read_all_rates(Actual& links);
  std::map<LinkName, LinkName> follow_names(const std::vector<LinkName>& names);

  // This kernel refused to close a bridge to its host, for want of the driver.
  void note_cannot_close() { can_close_ = false; }

  // The seats of all links read so far. Names that were asked for and not there are not in it.
  Seats seats = {};

  // The index that each name had when a link of it was last read or made, also when the seats are
  // not known any more.
  std::map<LinkName, unsigned> indices = {};

 private:
  struct Found;
  std::vector<Found> find(const std::vector<Ask>& asked);
  Message question_for(const Ask& ask) const;
  void learn(const Identity& identity);
  void read_rate_of(unsigned index, Link& link);
  Actual read_all(const std::vector<const nlmsghdr*>& messages, Names& names);
  bool learn_missing(Names& names);
  void read_addresses_of(unsigned index, Link& link);
  void read_vlans_of(unsigned index, Link& link);
  void read_fdb_of(unsigned index, Link& link);
  void read_entries_of(unsigned index, const std::vector<FdbEntry>& entries, Link& link);
  void read_routes_of(unsigned index, Link& link);
  Answer dump(const Message& request, const char* doing);
  void read_all_addresses(Actual& links, Names& names);
  void read_all_vlans(Actual& links, Names& names);
  void read_all_fdbs(Actual& links, Names& names);
  void read_all_secrets(Actual& links);
  void read_all_apart(Actual& links, const std::vector<const nlmsghdr*>& messages, Names& names);
  void read_apart(Actual& links, const std::vector<LinkName>& of);
  bool can_close();

  Rtnl& rtnl_;
  std::optional<bool> can_close_;  // a bridge to this host
};

}  // namespace vifchain::inline edge::inline kernel
