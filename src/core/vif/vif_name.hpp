// SPDX-License-Identifier: Apache-2.0
// What a vif may be called: the name that its owner wants for its link (vifname=).
#pragma once

#include <string>
#include <string_view>

#include "core/model/topology.hpp"
#include "core/model/vif_event.hpp"

namespace vifchain::inline core::inline vif {

// Why no vif may have this name on any host, as half a sentence ("ends in -emu, as the links of
// emulated NICs do"); empty when one may.
std::string why_no_vif_name(std::string_view name);

// Why this vif may not have it: it is the kernel's or the device model's for another one. Empty
// when it may.
std::string why_not_its_name(std::string_view name, const VifId& vif);

// Why the name, or that of the emulated NIC beside it, is the file's: one that it names or implies,
// or that a template of it can make. A guest's vif of that name would be taken for a NIC of this
// host, and carry another segment. Empty when the file has neither.
std::string why_it_is_the_files(const LinkName& name, const Topology& topology);

}  // namespace vifchain::inline core::inline vif
