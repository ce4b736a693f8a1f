// SPDX-License-Identifier: Apache-2.0
// What was found about guests' vifs, for people and for machines.
#pragma once

#include <string>

#include "core/guests/check.hpp"
#include "flow/host/guest_files.hpp"

namespace vifchain::inline cli {

struct GuestsShown {
  const ReadGuests& read;
  const CheckedVifs& checked;
};

// A line for each finding about files; then each vif of which there is something to say, its place,
// number and text, and below it a line for each finding.
std::string guest_findings_text(const GuestsShown& shown, bool colour);

// "3 vifs of 2 guests: 1 error, 2 warnings."
std::string guest_summary(const GuestsShown& shown);

// An object with `vifs` and `findings`, as vifchain-json(7) describes them.
std::string guest_findings_json(const GuestsShown& shown, const std::string& config,
                                const XenRelease& xen);

bool has_obstacle(const GuestsShown& shown);

// "web.cfg:4: vif 0 (bridge=xenbr0)", or "web, vif 0" where it runs.
std::string place_in_words(const WantedVif& vif);

}  // namespace vifchain::inline cli
