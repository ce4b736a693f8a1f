// SPDX-License-Identifier: Apache-2.0
// Anti-spoofing filters of guests' ports: one nftables table in the bridge family, whose number of
// rules does not depend on the number of guests (core/filter/port_filter_rules.hpp says what
// passes). The table is the truth; what is written down elsewhere saves questions and proves
// nothing.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/link.hpp"

namespace vifchain::inline edge::inline filter {

using PortFilters = std::map<LinkName, PortFilter>;

// What the kernel has.
struct FilterTable {
  bool there = false;
  bool whole = true;  // no table, or one with its chain and all of its rules as they were made
  // Of every port that any element speaks of; all are spoilt in a table that is not whole.
  PortFilters ports = {};
  PortFilters left_over(const Actual& links) const;  // those of no link
};

// Filters are known by the present name of the link, and by their owner, the kernel's own name of
// the port, so that they can be found when the link has gone.
class Filter {
 public:
  virtual ~Filter() = default;

  // `desired` is asked what all ports of guests want, off where they want none, whenever the table
  // has to be made anew: while nobody else changes it, so that a port which leaves its bridge
  // before that is not asked about, and one which does so afterwards loses its filter afterwards
  // too.
  virtual void asks(std::function<PortFilters()> desired) = 0;

  // Whether there is, or may be left behind by a crash, a filter of this owner, as far as is
  // written down. Costs one access(2) and loads nothing.
  [[nodiscard]] virtual bool present(const std::string& owner) = 0;

  // All of them; nothing when this process may not ask. Throws Error.
  [[nodiscard]] virtual std::optional<FilterTable> read() = 0;

  // That of one port. Where it is as expected, or as it was put for the owner expected, or there is
  // none, the number of questions does not depend on how many others there are.
  [[nodiscard]] virtual std::optional<PortFilter> read(const LinkName& port,
                                                       const PortFilter& expected) = 0;

  // The ports that may send from this MAC, in one question; none when this process may not ask.
  [[nodiscard]] virtual std::vector<LinkName> ports_of(const Mac& mac) = 0;

  // There is a table with its chain and all of its rules, in a constant number of questions.
  [[nodiscard]] virtual bool whole() = 0;

  // From now on the port's frames pass as the filter says and no others, at once and as a whole;
  // with mode off there is no filter of it. On `filter.bridge` frames of guests' ports (vif*, tap*)
  // without a filter are dropped from now on, where the kernel can tell bridges apart
  // (CONFIG_NFT_BRIDGE_META), until its last filter goes. Where the table is not whole it is made
  // anew, and with mode off for the moment: it is not whole afterwards. Throws Error, and then the
  // kernel has what it had.
  virtual void put(const LinkName& port, const PortFilter& filter) = 0;

  // There is no filter of this owner, whatever its link was called and whatever is written down.
  // Throws Error, and then the kernel has what it had.
  virtual void remove(const std::string& owner) = 0;

  // The table is made anew at once: each port has what the kernel has of it where that is whole, or
  // else what it wants, or what is known otherwise. Throws Error, and then the kernel has what it
  // had.
  virtual void make_anew() = 0;

  // The table goes where no port has a filter any more. Nothing is loaded when there never was one.
  // Throws Error.
  virtual void drop_unused() = 0;
};

// The filters of the network namespace that the calling thread is in. `folder` holds what was put
// in for which owner; it is made when it is first needed, and may be lost or read-only. Runs wait
// for each other there, a few milliseconds each and no longer than some seconds; meanwhile
// `on_interrupt` is called now and then, which may throw.
inline constexpr const char* filter_folder = "/run/vifchain/filters";
std::unique_ptr<Filter> open_filter(std::string folder = filter_folder,
                                    std::function<void()> on_interrupt = {});

}  // namespace vifchain::inline edge::inline filter
