// SPDX-License-Identifier: Apache-2.0
// One text of `vif = [...]` as xl reads it, and what xl does with it without a word.
#pragma once

#include <string_view>

#include "core/guests/vif_spec.hpp"
#include "core/guests/xen_release.hpp"

namespace vifchain::inline core::inline guests {

// As parse_nic_config in Xen's xl_parse.c, over the commas of the text: blanks before a key go,
// those behind a value stay; a key is `key=` in small letters and nothing else; the last of two
// counts; what is unknown to the xl of this release is passed over. An obstacle among the remarks
// is what makes xl give up, or what would have said where the vif belongs.
VifSpec read_xl_vif(std::string_view text, const XenRelease& xen);

}  // namespace vifchain::inline core::inline guests
