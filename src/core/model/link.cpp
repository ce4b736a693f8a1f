// SPDX-License-Identifier: Apache-2.0
#include "core/model/link.hpp"
#include "core/model/links.hpp"

namespace vifchain::inline core::inline model {
namespace {

struct OptionsOf {
  const Options& none;

  const Options& operator()(const Given&) const { return none; }
  const Options& operator()(const Bond& bond) const { return bond.options; }
  const Options& operator()(const Vlan& vlan) const { return vlan.options; }
  const Options& operator()(const Bridge& bridge) const { return bridge.options; }
};

struct KindInWords {
  std::string operator()(const Given&) const { return "neither bond, VLAN nor bridge"; }
  std::string operator()(const Bond&) const { return "a bond"; }
  std::string operator()(const Vlan&) const { return "a VLAN link"; }
  std::string operator()(const Bridge&) const { return "a bridge"; }
};

}  // namespace

std::vector<FdbEntry> static_entries(const Mac& mac, const std::vector<PortVlan>& vlans) {
  if (vlans.empty()) return {{mac}};
  std::vector<FdbEntry> entries;
  entries.reserve(vlans.size());
  for (const auto& vlan : vlans) entries.push_back({mac, vlan.id});
  return entries;
}

const Options& options_of(const Link& link) {
  static const Options none;
  return std::visit(OptionsOf{none}, link.kind);
}

// A `Given` has no place for options: what a caller puts there is lost with the next call.
Options& options_of(Link& link) {
  static thread_local Options none;
  none.clear();
  return const_cast<Options&>(std::visit(OptionsOf{none}, link.kind));
}

std::optional<BondMode> mode_of(const Link& link) {
  if (!is<Bond>(link)) return std::nullopt;
  const auto mode = integer(options_of(link), Option::bond_mode);
  if (!mode) return std::nullopt;
  return static_cast<BondMode>(*mode);
}

std::string mode_word(const Link& link) {
  const auto mode = mode_of(link);
  if (!mode) return {};
  if (*mode == BondMode::balance_xor && link.slb.value_or(SlbRules{}) != SlbRules{})
    return "balance-slb";
  return show(Option::bond_mode, static_cast<std::int64_t>(*mode));
}

const LinkName* parent_of(const Link& link) {
  const auto* vlan = std::get_if<Vlan>(&link.kind);
  return vlan == nullptr ? nullptr : &vlan->parent;
}

bool is_given(const Link& link) {
  return is<Given>(link);
}

bool has_mtu6(const Link& link) {
  return !link.mtu || *link.mtu >= least_mtu6;
}

std::string kind_in_words(const Kind& kind) {
  return std::visit(KindInWords{}, kind);
}

}  // namespace vifchain::inline core::inline model
