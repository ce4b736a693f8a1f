// SPDX-License-Identifier: Apache-2.0
#include "core/plan/bond_effect.hpp"

namespace vifchain::inline core::inline plan {
namespace {

std::int64_t number_of(const Options& options, Option option) {
  return integer(options, option).value_or(0);
}

bool mode_uses_arp(std::int64_t mode) {
  return mode < static_cast<std::int64_t>(BondMode::lacp);
}

// bond_option_mode_set in bond_options.c.
void change_mode(Options& bond, std::int64_t mode) {
  if (integer(bond, Option::bond_mode) == mode) return;
  bond[Option::bond_mode] = mode;
  bond[Option::bond_arp_validate] = std::int64_t{0};
  if (mode == static_cast<std::int64_t>(BondMode::balance_alb))
    bond[Option::bond_tlb_dynamic_lb] = std::int64_t{1};
  if (mode_uses_arp(mode)) return;
  bond[Option::bond_arp_interval] = std::int64_t{0};
  if (number_of(bond, Option::bond_miimon) == 0) bond[Option::bond_miimon] = std::int64_t{100};
}

// The kernel keeps delays as multiples of miimon, so they change with it.
void scale_delays(Options& bond, std::int64_t from, std::int64_t to) {
  for (const auto delay :
       {Option::bond_updelay, Option::bond_downdelay, Option::bond_peer_notif_delay}) {
    if (!bond.contains(delay)) continue;
    if (from == 0)
      bond.erase(delay);
    else
      bond[delay] = number_of(bond, delay) / from * to;
  }
}

void change_miimon(Options& bond, std::int64_t miimon) {
  scale_delays(bond, number_of(bond, Option::bond_miimon), miimon);
  bond[Option::bond_miimon] = miimon;
  if (miimon == 0) return;
  if (number_of(bond, Option::bond_arp_interval) != 0)
    bond[Option::bond_arp_validate] = std::int64_t{0};
  bond[Option::bond_arp_interval] = std::int64_t{0};
}

void change_arp_interval(Options& bond, std::int64_t interval) {
  bond[Option::bond_arp_interval] = interval;
  if (interval == 0 || number_of(bond, Option::bond_miimon) == 0) return;
  scale_delays(bond, number_of(bond, Option::bond_miimon), 0);
  bond[Option::bond_miimon] = std::int64_t{0};
}

}  // namespace

void change_bond(Options& bond, const Options& change) {
  if (change.contains(Option::bond_mode)) change_mode(bond, number_of(change, Option::bond_mode));
  if (change.contains(Option::bond_miimon))
    change_miimon(bond, number_of(change, Option::bond_miimon));
  for (const auto& [option, value] : change)
    if (option != Option::bond_arp_interval) bond[option] = value;
  if (change.contains(Option::bond_arp_interval))
    change_arp_interval(bond, number_of(change, Option::bond_arp_interval));
}

}  // namespace vifchain::inline core::inline plan
