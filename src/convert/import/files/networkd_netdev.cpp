// SPDX-License-Identifier: Apache-2.0
// One .netdev: a bond, a VLAN link or a bridge (systemd.netdev(5)).
#include "convert/import/files/networkd_units.hpp"
#include "convert/import/files/renderer_keys.hpp"
#include "core/model/name.hpp"

namespace vifchain::inline convert {
namespace {

class NetdevReader {
 public:
  NetdevReader(const Unit& unit, DraftConfig& draft) : unit_(unit), draft_(draft) {}

  void read() {
    const auto name = unit_.value("NetDev", "Name");
    const auto kind = unit_.value("NetDev", "Kind");
    if (name.empty() || kind.empty())
      return draft_.lose(unit_.at,
                         "has no Name= and Kind= in [NetDev]: systemd-networkd passes it over");
    if (kind == "bond")
      fill(draft_.bond(name, unit_.at), Owner::bond, "Bond");
    else if (kind == "bridge")
      fill(draft_.bridge(name, unit_.at), Owner::bridge, "Bridge");
    else if (kind == "vlan")
      fill(draft_.vlan(name, unit_.at), Owner::vlan, "VLAN");
    else
      draft_.lose(unit_.at, name + " is of the kind \"" + kind +
                                "\": vifchain makes bonds, VLAN links and bridges, and takes other "
                                "links for ports as they are");
  }

 private:
  void fill(DraftLink& link, Owner owner, std::string_view section) {
    for (const auto& entry : unit_.keys) {
      if (entry.section == "NetDev")
        take_common(link, entry);
      else if (entry.section == section)
        take_option(link, owner, entry);
      else if (entry.section == "Match")
        draft_.lose(entry.at, "holds under a condition, and vifchain knows none", link.name);
      else
        draft_.lose(entry.at, "[" + entry.section + "] is for links of another kind", link.name);
    }
  }

  void take_common(DraftLink& link, const UnitKey& entry) {
    if (entry.key == "MTUBytes") return draft_.set_mtu(link, entry.value, entry.at);
    if (entry.key == "MACAddress") return take_mac(link, entry);
    const bool read = entry.key == "Name" || entry.key == "Kind" || entry.key == "Description";
    if (!read) draft_.lose(entry.at, "is no key of [NetDev] that vifchain knows", link.name);
  }

  void take_mac(DraftLink& link, const UnitKey& entry) {
    if (entry.value == "none" || entry.value.empty()) return;  // that of its first port, as ours is
    if (link.kind == DraftKind::vlan)
      return draft_.lose(entry.at, "a VLAN link has the MAC of the link that it is on", link.name);
    draft_.set_mac(link, with_colons(entry.value), entry.at);
  }

  void take_option(DraftLink& link, Owner owner, const UnitKey& entry) {
    if (owner == Owner::vlan && entry.key == "Id") return take_id(link, entry);
    if (owner == Owner::vlan && entry.key == "Protocol") return take_protocol(link, entry);
    const auto* key = networkd_key(owner, entry.key);
    if (key == nullptr)
      return draft_.lose(entry.at, "is no key of [" + entry.section + "] that vifchain knows",
                         link.name);
    if (entry.value.empty()) return;  // as if it were not there
    auto value = from_networkd(*key, entry.value);
    if (!value)
      return draft_.lose(entry.at, "\"" + entry.value + "\" is no span of time", link.name);
    if (key->option == Option::bond_ad_actor_system) value = with_colons(*value);
    draft_.set(link, owner, spec(key->option).key, *value, entry.at);
  }

  void take_id(DraftLink& link, const UnitKey& entry) {
    link.vid = VlanId::parse(entry.value);
    if (!link.vid)
      draft_.lose(entry.at, "\"" + entry.value + "\" is no VLAN id (1 to 4094)", link.name);
  }

  void take_protocol(DraftLink& link, const UnitKey& entry) {
    if (entry.value == "802.1ad")
      link.protocol = VlanProtocol::ieee_802_1ad;
    else if (entry.value != "802.1q")
      draft_.lose(entry.at, "is none of 802.1q and 802.1ad", link.name);
  }

  const Unit& unit_;
  DraftConfig& draft_;
};

}  // namespace

void read_netdev(const Unit& unit, DraftConfig& draft) {
  NetdevReader(unit, draft).read();
}

std::string with_colons(std::string_view mac) {
  std::string text;
  if (mac.find('.') != mac.npos) {  // 1234.5678.90ab
    for (const char c : mac)
      if (c != '.') text += (text.size() % 3 == 2 ? ":" : "") + std::string(1, c);
    return text;
  }
  for (const char c : mac) text += c == '-' ? ':' : c;
  return text;
}

}  // namespace vifchain::inline convert
