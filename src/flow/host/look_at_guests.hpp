// SPDX-License-Identifier: Apache-2.0
// What guests' vifs are held against: the file, and this host as it is.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/guests/check.hpp"
#include "edge/kernel/kernel.hpp"

namespace vifchain::inline flow::inline host {

struct GuestsHostRead {
  GuestsHost host;
  std::string no_guests = {};  // why xenstore was not asked; mostly empty
};

// Reads everything that check_vifs() goes by, for vifs with these scripts. Without a file it is one
// that declares nothing. Throws Error where the kernel does not answer, and Refusal, with every
// mistake given to `complain` before, when the file is wrong. Changes nothing.
GuestsHostRead look_at_guests_host(const std::string& config,
                                   const std::vector<std::string>& scripts,
                                   const std::function<void(const std::string&)>& complain,
                                   const Patience& patience);

// The vifs of running guests as xenstore has them, by name or number; all of one guest, or one of
// them with "/DEVID". Throws Refusal for one that is not there, with the guests that are, and Error
// when xenstore cannot be asked.
std::vector<WantedVif> running_vifs(const std::vector<std::string>& guests);

}  // namespace vifchain::inline flow::inline host
