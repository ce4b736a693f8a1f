// [bond.NAME]
#include "core/file/complain.hpp"
#include "core/file/read_tables.hpp"

namespace vifchain {
namespace {

// Source-MAC balancing without a switch's help: balance-xor with filter rules.
bool read_slb(const Entry& entry, BondDraft& bond, Diagnostics& wrong) {
  const auto* mode = std::get_if<std::string>(&entry.node.value);
  if (entry.key != "mode" || mode == nullptr || *mode != "balance-slb") return false;
  complain(wrong, entry.node, "is not supported yet");
  bond.options.emplace(Option::bond_mode,
                       Written<Value>{static_cast<std::int64_t>(BondMode::balance_xor),
                                      entry.node.place, entry.node.text});
  return true;
}

bool read_bond_key(const Entry& entry, BondDraft& bond, Diagnostics& wrong) {
  return read_ports_key(entry, bond.ports, wrong) || read_slb(entry, bond, wrong) ||
         read_option_key(Owner::bond, entry, bond, wrong) || read_mtu_key(entry, bond, wrong) ||
         read_mac_key(entry, bond.mac, wrong) || read_hosting_key(entry, bond.hosting, wrong);
}

bool names_ports(const Table& table) {
  for (const auto& entry : table) {
    const auto* list = std::get_if<Array>(&entry.node.value);
    if (entry.key == "ports") return list == nullptr || !list->empty();
  }
  return false;
}

}  // namespace

void read_bond(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  BondDraft bond;
  bond.name = entry.key;
  bond.place = entry.place;
  const KnownKeys known{"[bond." + entry.key + "]", {"ports", "mtu", "mac"}, {Owner::bond}, true};
  bool understood = true;  // a key that is not may well be a misspelt `ports`
  for (const auto& key : table_of(entry)) {
    if (read_bond_key(key, bond, wrong)) continue;
    unknown_key(key, known, wrong);
    understood = false;
  }
  if (understood && !names_ports(table_of(entry)))
    complain(wrong, bond, "a bond needs ports, ports = [\"…\"]");
  check_bond(bond, wrong);
  if (right_name(entry, wrong)) draft.bonds.push_back(std::move(bond));
}

}  // namespace vifchain
