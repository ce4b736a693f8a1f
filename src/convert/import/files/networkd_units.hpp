// SPDX-License-Identifier: Apache-2.0
// The files of systemd-networkd put together: which takes the place of which, and what drop-ins add
// (systemd.unit(5)).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "convert/import/draft_config.hpp"

namespace vifchain::inline convert {

struct UnitKey {
  std::string section, key, value;
  unsigned heading = 0;  // keys of one [SECTION] have the same; it grows from section to section
  Said at;
};

struct Unit {
  std::string name;  // "10-bond1.netdev"
  Said at;           // the file as a whole
  std::vector<UnitKey> keys = {};

  // The last value; empty when there is none.
  [[nodiscard]] std::string value(std::string_view section, std::string_view key) const;
  // Every value of a key that may be given several times; an empty one forgets those before it.
  [[nodiscard]] std::vector<const UnitKey*> all(std::string_view section,
                                                std::string_view key) const;
  // The headings of the section, in order.
  [[nodiscard]] std::vector<unsigned> headings(std::string_view section) const;
};

struct Units {
  std::vector<Unit> netdevs, networks, links;  // each by name
};

// With a remark for what belongs nowhere.
Units networkd_units(const std::vector<SourceFile>& files, DraftConfig& draft);

// Both tell what of the unit the link gets.
void read_netdev(const Unit& unit, DraftConfig& draft);
// `remark`: whether what is lost is said; once for each unit, however many links it is for.
void read_network(const Unit& unit, const std::string& link, bool remark, DraftConfig& draft);

// A MAC address in any of systemd's spellings, with colons.
std::string with_colons(std::string_view mac);

}  // namespace vifchain::inline convert
