// SPDX-License-Identifier: Apache-2.0
// A running guest's vif, by what people call it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/model/vif_event.hpp"
#include "edge/store/guests.hpp"
#include "edge/store/store.hpp"

namespace vifchain::inline cli {

struct FoundVif {
  VifId vif;
  std::string backend;   // its backend directory
  std::string libxl;     // where the toolstack has its own copy; the backend itself in a driver
                         // domain, which may not see that copy
  std::string in_words;  // "web/0"
};

// The vif that `text`, GUEST[/DEVID], means: GUEST is a domain's number or name, and without DEVID
// it has one vif. Only a name needs `open_guests`. Throws Refusal when there is no such vif or its
// backend is not in this domain, and says then which there are, or where to go.
FoundVif find_vif(Store& store, const std::function<std::unique_ptr<GuestNames>()>& open_guests,
                  const std::string& text);

}  // namespace vifchain::inline cli
