// SPDX-License-Identifier: Apache-2.0
// The VLANs of a bridge's ports, as ifupdown2 has them: said in a port's own stanza or, for all
// ports, in the bridge's (ifupdown-addons-interfaces(5), addons/bridge.py).
#pragma once

#include <map>
#include <set>
#include <string>

#include "convert/import/draft_config.hpp"
#include "core/text/interfaces_file.hpp"

namespace vifchain::inline convert {

class IfupVlans {
 public:
  // True when the line of that link's stanza is about VLANs of ports, and has been kept.
  bool takes(const InterfacesLine& line, const std::string& link);

  // After all stanzas: ports of a VLAN-aware bridge are in its bridge-vids and, untagged, in its
  // bridge-pvid, where they have none of their own. VLANs without such a bridge are remarked.
  void give_to_ports(DraftConfig& draft) const;

 private:
  struct Vlans {
    std::string vids, pvid, access;
    bool untagged = true;
    Said at;       // the last line
    Said vids_at;  // that of vids
  };

  [[nodiscard]] Vlans of(const std::string& link) const;
  void give(const std::string& port, const Vlans& of_bridge, DraftConfig& draft) const;

  std::map<std::string, Vlans> vlans_;  // by bridge or port
};

}  // namespace vifchain::inline convert
