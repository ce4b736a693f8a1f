// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever bridge= is, it is answered with a bridge and VLANs that a port can have, or
// with what is wrong.
#include <algorithm>
#include <string>

#include "core/vif/vlan_grammar.hpp"
#include "require.hpp"

namespace {

using namespace vifchain;

std::string written_out(const BridgeSpec& spec) {
  std::string text = spec.bridge;
  for (const auto& vlan : spec.vlans)
    if (vlan.pvid) text += "." + std::to_string(vlan.id.number());
  for (const auto& vlan : spec.vlans)
    if (!vlan.pvid) text += ":" + std::to_string(vlan.id.number());
  return text;
}

void require_right(const BridgeSpec& spec, std::string_view text) {
  require(LinkName::parse(spec.bridge).has_value(), "the bridge has a right name");
  require(spec.bridge.find_first_of(".:") == std::string::npos, "the name ends before . and :");
  require(text.starts_with(spec.bridge), "the text begins with the name");
  require(spec.vlans.empty() == (spec.bridge == text), "what follows the name are VLANs");
  for (std::size_t i = 0; i < spec.vlans.size(); ++i) {
    const auto& vlan = spec.vlans[i];
    require(i == 0 || spec.vlans[i - 1].id < vlan.id, "VLANs are in order, none twice");
    require(vlan.pvid == vlan.untagged, "the TAG alone is untagged");
  }
  const auto untagged = std::count_if(spec.vlans.begin(), spec.vlans.end(),
                                      [](const PortVlan& vlan) { return vlan.pvid; });
  require(untagged == std::count(text.begin(), text.end(), '.'), "a TAG is after a dot");
}

void require_same_when_written_out(const BridgeSpec& spec) {
  const auto again = read_bridge_spec(written_out(spec));
  const auto* same = std::get_if<BridgeSpec>(&again);
  require(same != nullptr && same->bridge == spec.bridge && same->vlans == spec.vlans,
          "written out, it is the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = read_bridge_spec(text);
  if (const auto* bad = std::get_if<BadSpec>(&read)) {
    require_placed(*bad, text);
    return 0;
  }
  const auto& spec = std::get<BridgeSpec>(read);
  require_right(spec, text);
  require_same_when_written_out(spec);
  return 0;
}
