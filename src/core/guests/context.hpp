// SPDX-License-Identifier: Apache-2.0
// What the looks at one vif share. Internal to check_guests.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/guests/check.hpp"
#include "core/text/find.hpp"
#include "core/vif/request.hpp"
#include "core/vif/resolve_bridge.hpp"

namespace vifchain::inline core::inline guests {

struct VifContext {
  const WantedVif& vif;
  std::size_t number;  // among all
  const GuestsHost& host;
  CheckedVifs& checked;

  void say(Weight weight, std::string text) const {
    checked.findings.push_back({number, weight, std::move(text)});
  }
  [[nodiscard]] std::string node(const std::string& name) const {
    return value_in(vif.nodes, name);
  }
};

// Who serves the vif.
enum class Server : std::uint8_t {
  we,
  stock,      // vif-bridge: it needs the bridge as well
  another,    // a script that we know nothing of, or one that cannot be run
  elsewhere,  // another domain
};
Server look_at_script(const VifContext& context);

// What the vif asks for; nothing where it cannot be granted on any host.
std::optional<VifRequest> look_at_request(const VifContext& context);

// The bridge and what carries it.
void look_at_bridge(const VifContext& context, const VifRequest& request, Server server);

// Names, MACs and numbers among all vifs, and on the host.
void look_at_neighbours(const std::vector<WantedVif>& vifs, const GuestsHost& host,
                        CheckedVifs& checked);

// Whether two vifs can be there at the same time.
bool can_meet(const WantedVif& a, const WantedVif& b);

// Whether the other end of the vif is in another domain.
bool is_elsewhere(const WantedVif& vif);

}  // namespace vifchain::inline core::inline guests
