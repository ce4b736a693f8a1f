// SPDX-License-Identifier: Apache-2.0
// Which bridge the text of `bridge=` means, in the file and on the host.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/model/topology.hpp"

namespace vifchain::inline core::inline vif {

struct MeantBridge {
  // Of a bridge that the file does not know: that bridge alone, as somebody's, never to be changed.
  Chain chain;
  bool declared = false;             // by name or by a template
  std::vector<PortVlan> vlans = {};  // that the text asks for besides the bridge
  bool old_name = false;             // xenbrN is taken for ethN
};

// The link of that name is no bridge.
struct NoBridge {
  std::string reason;  // a whole sentence
};

// The link of a name as the kernel has it; nothing when there is none.
using LookUp = std::function<std::optional<Link>(const LinkName& name)>;

// In this order: a declared bridge of exactly that name; a bridge that the kernel has; a template;
// NAME[.TAG][:VID…], whose NAME is looked for in the same way; xenbrN for the bridge ethN. Nothing
// when it is nowhere. What `look_up` throws is passed on.
std::optional<std::variant<MeantBridge, NoBridge>> meant_bridge(const Topology& topology,
                                                                const std::string& text,
                                                                const LookUp& look_up);

// Why a bridge that is nowhere cannot be had: which there are. `config` is the file's name,
// `has_file` whether there is one; `waited` says how long it was waited for and may be empty.
std::string nowhere_in_words(const Topology& topology, const std::string& text,
                             const std::string& config, bool has_file,
                             const std::string& waited = {});

}  // namespace vifchain::inline core::inline vif
