// SPDX-License-Identifier: Apache-2.0
// libFuzzer: whatever is in the file, it is answered with a topology or with what is wrong in it.
#include "edge/parse/toml.hpp"
#include "edge/state/serialize.hpp"
#include "require.hpp"

namespace {

using namespace vifchain;

// Nobody refers to a link outside.
void require_closed(const Chain& chain) {
  for (const auto& [name, link] : chain.links) {
    const auto* parent = parent_of(link);
    require(parent == nullptr || chain.links.contains(*parent),
            "what a VLAN is on is in its chain");
    require(!link.controller || chain.links.contains(*link.controller),
            "a controller is in the chain of its port");
  }
}

// What the bridge says, and [vif] where it says nothing.
void require_policy(const Chain& chain, const Topology& topology) {
  require(over(chain.policy, topology.vif) == chain.policy, "what [vif] says is said");
  require(!chain.policy.wait || *chain.policy.wait <= 30, "no wait is longer than an online");
  require(chain.teardown.last_vif || chain.teardown.linger == 0, "what stays does not linger");
}

void require_kept(const Chain& chain) {
  const auto bytes = encode(chain);
  const auto back = decode(bytes);
  require(back && encode(*back) == bytes, "a chain comes back as it was kept");
}

void require_chains(const Topology& topology) {
  for (const auto& [name, link] : topology.links) {
    const auto chain = chain_for(topology, name.str());
    require(chain.has_value() == std::holds_alternative<Bridge>(link.kind),
            "every bridge has a chain");
    if (!chain) continue;
    require_closed(*chain);
    require_policy(*chain, topology);
    require_kept(*chain);
  }
}

// [vif] bridge is no link of the file but a bridge.
void require_usual_bridge(const Topology& topology) {
  const auto name = usual_bridge(topology);
  const auto link_name = LinkName::parse(name.value_or("x"));
  require(link_name.has_value(), "the usual bridge has a right name");
  const auto link = topology.links.find(*link_name);
  require(
      !name || link == topology.links.end() || std::holds_alternative<Bridge>(link->second.kind),
      "the usual bridge is a bridge");
}

void require_said(const Diagnostics& wrong) {
  require(!wrong.empty(), "a wrong file has something wrong in it");
  for (const auto& diagnostic : wrong) {
    require(diagnostic.place.line != 0 && diagnostic.place.column != 0, "a mistake has a place");
    require(show(diagnostic, "file").find('\n') == std::string::npos, "a mistake is one line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto result = parse_topology({reinterpret_cast<const char*>(data), size});
  if (const auto* topology = std::get_if<Topology>(&result)) {
    require_chains(*topology);
    require_usual_bridge(*topology);
  }
  if (const auto* wrong = std::get_if<Diagnostics>(&result)) require_said(*wrong);
  return 0;
}
