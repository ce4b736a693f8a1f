// SPDX-License-Identifier: Apache-2.0
// From a chain as the file has it to the desired state for this host: what depends on which links
// are here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/model/link.hpp"
#include "core/model/topology.hpp"

namespace vifchain::inline core::inline plan {

struct DesiredChain {
  Desired links;
  std::vector<std::string> notes;  // what the administrator should know, each a sentence
};

// The desired state for a whole chain. Bonds lose the ports that are not on this host, as long as
// one is left; bonds and bridges get the MAC they are to be born with: the permanent one of their
// first NIC, or for a bridge without NICs one made of machine-id and name (locally administered);
// the machine-id is asked for only then.
DesiredChain desired_for(const Chain& chain, const Actual& actual,
                         const std::function<std::string()>& machine_id);
DesiredChain desired_for(const Stack& stack, const Actual& actual,
                         const std::function<std::string()>& machine_id);

// Takes out of the desired state every option of a standing link that cannot change while it
// carries traffic, or that decides which frames pass, with a note for each: a starting guest must
// not interrupt those that run. Whether this host lives on a standing bridge is not a guest's
// matter either.
void keep_traffic(DesiredChain& desired, const Actual& actual);

// A unicast, locally administered MAC that depends on machine and name alone.
Mac stable_mac(const std::string& machine_id, const LinkName& name);

}  // namespace vifchain::inline core::inline plan
