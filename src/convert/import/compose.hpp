// SPDX-License-Identifier: Apache-2.0
// From a draft to the text of a vifchain.toml.
#pragma once

#include <string>
#include <vector>

#include "convert/import/draft_config.hpp"

namespace vifchain::inline convert {

struct Composed {
  std::string toml;  // parse_topology() finds nothing wrong with it
  // The draft's, and those about what does not fit together: a thousand, then one that says how
  // many more there are.
  std::vector<Remark> remarks;
};

// The tables for all bonds, VLAN links and bridges of the draft, and for the NICs of which more
// than their being there is told; above each table, and at the end for the host, what could not be
// carried over, as comments. Links that have no place in a vifchain.toml (a NIC with addresses of
// its own, a name that the kernel refuses) are left out with a remark.
Composed compose(DraftConfig draft);

}  // namespace vifchain::inline convert
