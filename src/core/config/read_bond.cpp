// SPDX-License-Identifier: Apache-2.0
// [bond.NAME]
#include <limits>

#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"

namespace vifchain::inline core::inline config {
namespace {

// None of the kernel's numbers, and none that anybody writes.
constexpr std::int64_t slb_mode = std::numeric_limits<std::int64_t>::min();

std::vector<Choice> modes() {
  const auto& of_the_kernel = spec(Option::bond_mode).choices;
  std::vector<Choice> all(of_the_kernel.begin(), of_the_kernel.end());
  all.push_back({"balance-slb", slb_mode});
  return all;
}

bool read_mode(const Entry& entry, BondDraft& bond, Diagnostics& wrong) {
  if (entry.key != "mode") return false;
  auto mode = read_choice("mode", modes(), entry.node, wrong);
  bond.slb = mode == slb_mode;
  if (bond.slb) mode = static_cast<std::int64_t>(BondMode::balance_xor);
  if (mode)
    bond.options.emplace(Option::bond_mode, as_written<Value>(*mode, entry.node));
  else
    bond.unread.push_back(Option::bond_mode);
  return true;
}

// Balancing by source MAC, and watching the ports: the switch says nothing of them.
void add_what_slb_stands_for(BondDraft& bond) {
  const auto& mode = *written(bond, Option::bond_mode);
  const auto add = [&](Option option, std::int64_t value) {
    if (!is_unread(bond, option))
      bond.options.emplace(option, Written<Value>{value, mode.place, mode.text});
  };
  add(Option::bond_xmit_hash_policy, vlan_srcmac);
  add(Option::bond_miimon, usual_miimon);
}

bool read_bond_key(const Entry& entry, BondDraft& bond, Diagnostics& wrong) {
  return read_ports_key(entry, bond.ports, wrong) || read_mode(entry, bond, wrong) ||
         read_option_key(Owner::bond, entry, bond, wrong) ||
         take_key(entry, "mtu", read_mtu, bond.mtu, wrong) ||
         take_key(entry, "mac", read_mac, bond.mac, wrong) ||
         read_hosting_key(entry, bond.hosting, wrong);
}

bool names_ports(const Table& table) {
  const auto ports = std::ranges::find(table, "ports", &Entry::key);
  if (ports == table.end()) return false;
  const auto* list = std::get_if<Array>(&ports->node.value);
  return list == nullptr || !list->empty();
}

}  // namespace

void read_bond(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  auto bond = table_at<BondDraft>(entry);
  const KnownKeys known{"[bond." + entry.key + "]", {"ports", "mtu", "mac"}, {Owner::bond}, true};
  bool understood = true;  // a key that is not may well be a misspelt `ports`
  for (const auto& key : table_of(entry)) {
    if (read_bond_key(key, bond, wrong)) continue;
    unknown_key(key, known, wrong);
    understood = false;
  }
  if (understood && !names_ports(table_of(entry)))
    complain(wrong, bond, "needs ports, for example ports = [\"eth0\"]");
  if (bond.slb) add_what_slb_stands_for(bond);
  check_bond(bond, wrong);
  if (right_name(entry, wrong)) draft.bonds.push_back(std::move(bond));
}

}  // namespace vifchain::inline core::inline config
