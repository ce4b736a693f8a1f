// SPDX-License-Identifier: Apache-2.0
#include "core/vif/resolve_bridge.hpp"

#include "core/model/links.hpp"
#include "core/text/list.hpp"
#include "core/vif/vlan_grammar.hpp"

namespace vifchain::inline core::inline vif {
namespace {

using Answer = std::optional<std::variant<MeantBridge, NoBridge>>;

// Somebody else's bridge: used as it stands.
MeantBridge foreign_bridge(const LinkName& bridge, const VifPolicy& policy) {
  Link link{.name = bridge};
  link.keep_controller = true;
  return {.chain = {bridge, {{bridge, std::move(link)}}, {}, policy, {}}};
}

bool is_bridge(const std::optional<Link>& link) {
  return link && is<Bridge>(*link);
}

Answer find(const Topology& topology, const std::string& text, const LookUp& look_up) {
  const auto name = LinkName::parse(text);
  if (!name) return std::nullopt;
  auto chain = chain_for(topology, text);
  const bool by_template = chain && !topology.links.contains(*name);
  if (chain && !by_template) return MeantBridge{.chain = std::move(*chain), .declared = true};
  const auto there = look_up(*name);
  if (there && there->name != *name) return find(topology, there->name.str(), look_up);
  if (is_bridge(there) && !(by_template && there->ours)) return foreign_bridge(*name, topology.vif);
  if (by_template) return MeantBridge{.chain = std::move(*chain), .declared = true};
  if (!there) return std::nullopt;
  return NoBridge{"Could not find bridge device " + text + ": there is such a link, but it is " +
                  kind_in_words(there->kind)};
}

Answer find_with_vlans(const Topology& topology, const std::string& text, const LookUp& look_up) {
  const auto spec = read_bridge_spec(text);
  const auto* parts = std::get_if<BridgeSpec>(&spec);
  if (parts == nullptr || parts->vlans.empty()) return std::nullopt;
  auto found = find(topology, parts->bridge, look_up);
  if (found)
    if (auto* bridge = std::get_if<MeantBridge>(&*found)) bridge->vlans = parts->vlans;
  return found;
}

// network-bridge once renamed eth0 to peth0 and called the bridge eth0: xenbr0 still means it.
Answer find_old_name(const Topology& topology, const std::string& text, const LookUp& look_up) {
  if (!text.starts_with("xenbr")) return std::nullopt;
  const auto name = LinkName::parse("eth" + text.substr(5));
  const auto there = name ? look_up(*name) : std::nullopt;
  if (!is_bridge(there)) return std::nullopt;
  auto bridge = foreign_bridge(there->name, topology.vif);
  bridge.old_name = true;
  return bridge;
}

}  // namespace

Answer meant_bridge(const Topology& topology, const std::string& text, const LookUp& look_up) {
  for (const auto way : {find, find_with_vlans, find_old_name})
    if (auto found = way(topology, text, look_up)) return found;
  return std::nullopt;
}

std::string nowhere_in_words(const Topology& topology, const std::string& text,
                             const std::string& config, bool has_file, const std::string& waited) {
  const auto names = bridge_names(topology);
  const std::string declares = !has_file       ? " is not there"
                               : names.empty() ? " declares no bridge"
                                               : " declares " + listed(names);
  std::string sentence = "Could not find bridge device " + text + ": " + config + declares +
                         ", and no bridge of this name is on the host" + waited;
  const auto spec = read_bridge_spec(text);
  if (const auto* bad = std::get_if<BadSpec>(&spec))
    sentence += "; as NAME[.TAG][:VID...] it is wrong at character " + std::to_string(bad->column) +
                ": " + bad->reason;
  return sentence + "; add it there or correct the guest's bridge=";
}

}  // namespace vifchain::inline core::inline vif
