// SPDX-License-Identifier: Apache-2.0
// The door to the kernel's links.
#pragma once

#include <memory>
#include <vector>

#include "core/model/link.hpp"
#include "core/plan/plan.hpp"
#include "edge/netlink/patience.hpp"

namespace vifchain::inline edge::inline filter {
class Filter;
}

namespace vifchain::inline edge::inline kernel {

// What to read of a link beyond its own message; each costs one request more.
struct Ask {
  LinkName name;
  bool addresses = false;  // fill Link::addresses
  bool vlans = false;      // fill Link::vlans (a port of a VLAN-filtering bridge)
  bool fdb = false;        // fill Link::fdb (a port of a bridge)
  // Without fdb: fill Link::fdb with those of these that are there, whatever the bridge's size.
  std::vector<FdbEntry> entries = {};
  bool routes = false;  // fill Link::routes
  // Fill Link::filter of a port that is neither bond, VLAN nor bridge. Where it has this one the
  // number of questions does not depend on how many others there are.
  std::optional<PortFilter> filter = {};
  bool rate = false;  // fill Link::rate
  // Only the link that had this name when this door last read or made one of this name, asked for
  // by its index: another one that has the name by now is not there.
  bool same = false;
  bool apart = false;  // fill Link::apart of a bridge of ours
};

class Kernel {
 public:
  virtual ~Kernel() = default;

  // The links that exist among those asked for, each asked by name, all in one send.
  // A controller or parent that was not asked for is named all the same.
  virtual Actual snapshot(const std::vector<Ask>& asked) = 0;

  // Every link of the network namespace, addresses, port VLANs and static entries included.
  virtual Actual everything() = 0;

  // Fills Link::routes of those of `links` that are named; all tables, in two requests for each.
  virtual void read_routes(Actual& links, const std::vector<LinkName>& of) = 0;

  // Fills Link::filter and Link::rate of all links that are neither bond, VLAN nor bridge.
  virtual void read_filters(Actual& links) = 0;

  // The links that are ports of this one, or stacked on it, or that it is a port of, whatever comes
  // and goes meanwhile. Empty where there is no such link. Throws Error.
  virtual std::vector<LinkName> neighbours(const LinkName& name) = 0;

  // By its old name the new one of each link that had another when this door last read or made one
  // of that name. From then on it is the new one that is meant by that name. Throws Error.
  virtual std::map<LinkName, LinkName> follow_names(const std::vector<LinkName>& names) = 0;

  // Performs the steps in the order of core/plan/send_order.hpp. Throws the Error of the first step
  // that failed, with the step in words and the kernel's own answer; steps after it may have been
  // performed all the same, so whoever catches it reads again before doing anything.
  virtual void perform(const std::vector<Step>& steps) = 0;
};

// The links of the network namespace that the calling thread is in now, over rtnetlink, and the
// rules of bonds that balance by source MAC, which live in nftables, as do the filters of ports,
// behind their own door, which must live longer; without one no filter is read, and none is set.
// Links are told apart by the index they had when they were last read, so a step meant for a link
// that has gone meanwhile fails (ENODEV), and never meets another that got its name.
std::unique_ptr<Kernel> open_kernel(Patience patience = {}, Filter* filter = nullptr);

}  // namespace vifchain::inline edge::inline kernel
