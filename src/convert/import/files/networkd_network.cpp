// SPDX-License-Identifier: Apache-2.0
// One .network, for one of the links that it matches (systemd.network(5)).
#include "convert/import/files/networkd_units.hpp"
#include "convert/import/files/renderer_keys.hpp"
#include "convert/import/lost_keys.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

bool is_yes(std::string_view word) {
  return is_one_of(word, "1 yes y true t on");
}

// Keys of [Network].
constexpr LostKeys lost[] = {
    {"DNS Domains NTP LLMNR MulticastDNS DNSSEC DNSOverTLS DNSDefaultRoute "
     "DNSSECNegativeTrustAnchors",
     "name and time servers are no part of a vifchain.toml: /etc/resolv.conf and its like have "
     "them"},
    {"IPForward IPv4Forwarding IPv6Forwarding IPv6PrivacyExtensions IPv6DuplicateAddressDetection "
     "IPv6HopLimit IPv4AcceptLocal IPv4RouteLocalnet IPv4ProxyARP ProxyARP IPv6ProxyNDP "
     "IPv6MTUBytes LinkLocalAddressing IPv6LinkLocalAddressGenerationMode IPv4ReversePathFilter "
     "IPv6RetransmissionTimeSec",
     "a setting of the kernel's, which vifchain leaves alone: sysctl.conf(5)"},
    {"IPMasquerade DHCPServer IPv6SendRA DHCPPrefixDelegation DHCPv6PrefixDelegation "
     "IPv6PrefixDelegation",
     "a service to others, which is no part of a vifchain.toml"},
    {"VRF MACVLAN MACVTAP IPVLAN IPVTAP Tunnel VXLAN Xfrm MACsec BatmanAdvanced IPoIB L2TP",
     "vifchain makes bonds, VLAN links and bridges alone"},
    {"BindCarrier ActiveSlave DefaultRouteOnDevice KeepMaster IPv4LLRoute IPv4LLStartAddress",
     nothing_of_the_kind},
};

// About networkd's own work: when it begins, what it waits for, what it tells whom.
constexpr std::string_view without_meaning =
    "Description ConfigureWithoutCarrier IgnoreCarrierLoss KeepConfiguration LLDP EmitLLDP "
    "RequiredForOnline RequiredFamilyForOnline ManageForeignRoutes "
    "ManageForeignRoutingPolicyRules Unmanaged";

class NetworkReader {
 public:
  NetworkReader(const Unit& unit, DraftLink& link, bool remark, DraftConfig& draft)
      : unit_(unit), link_(link), remark_(remark), draft_(draft) {}

  void read() {
    for (const auto& entry : unit_.keys) take(entry);
    for (const auto* entry : unit_.all("Network", "Address")) add_address(*entry);
    for (const auto* entry : unit_.all("Network", "Gateway")) add_gateway(*entry);
    for (const auto heading : unit_.headings("Address")) take_address(heading);
    for (const auto heading : unit_.headings("Route")) take_route(heading);
    take_vlans();
  }

 private:
  void lose(const UnitKey& entry, std::string_view why) {
    if (remark_) draft_.lose(entry.at, std::string(why), link_.name);
  }

  void take(const UnitKey& entry) {
    if (entry.section == "Network") return take_network(entry);
    if (entry.section == "Link") return take_link(entry);
    if (entry.section == "Bridge") return take_port_option(entry);
    if (entry.section == "Match") return take_condition(entry);
    if (is_one_of(entry.section, "Address Route BridgeVLAN")) return;
    if (is_one_of(entry.section, "DHCP DHCPv4 DHCPv6 IPv6AcceptRA"))
      return lose(entry, of_dhcp_client);
    if (entry.section == "RoutingPolicyRule") return lose(entry, of_policy_rules);
    lose(entry, "[" + entry.section + "] has no counterpart in a vifchain.toml");
  }

  void take_condition(const UnitKey& entry) {
    const bool ether = entry.key == "Type" && entry.value == "ether";
    if (!ether && !is_one_of(entry.key, "Name Kind"))
      lose(entry, "is taken to hold: vifchain knows links by their names alone");
  }

  void take_network(const UnitKey& entry) {
    if (is_one_of(entry.key, "Address Gateway")) return;
    if (entry.key == "Bond")
      return draft_.add_port(draft_.bond(entry.value, entry.at), link_.name, entry.at);
    if (entry.key == "Bridge")
      return draft_.add_port(draft_.bridge(entry.value, entry.at), link_.name, entry.at);
    if (entry.key == "VLAN") return take_vlan(entry);
    if (entry.key == "DHCP") return take_dhcp(entry);
    if (is_one_of(entry.key, "IPv6AcceptRA IPv6AcceptRouterAdvertisements")) {
      if (!entry.value.empty()) link_.ra = is_yes(entry.value);
      return;
    }
    if (entry.key == "PrimarySlave") return take_primary(entry);
    // On ports vifchain leaves no link-local address anyway.
    const bool on_port = entry.key == "LinkLocalAddressing" && entry.value == "no" && is_port();
    if (on_port || is_one_of(entry.key, without_meaning)) return;
    lose(entry, why_lost(lost, entry.key, "is no key of [Network] that vifchain knows"));
  }

  [[nodiscard]] bool is_port() const {
    return !unit_.value("Network", "Bond").empty() || !unit_.value("Network", "Bridge").empty();
  }

  // A VLAN link is on one link; networkd takes the name wherever it stands.
  void take_vlan(const UnitKey& entry) {
    for (const auto& name : words_of(entry.value)) {
      DraftLink& vlan = draft_.vlan(name, entry.at);
      if (vlan.parent && *vlan.parent != link_.name)
        draft_.warn(entry.at, name + " is on " + *vlan.parent + " already", name);
      else
        vlan.parent = link_.name;
    }
  }

  void take_dhcp(const UnitKey& entry) {
    if (is_yes(entry.value) || entry.value == "both")
      link_.dhcp = Dhcp::both;
    else if (is_one_of(entry.value, "ipv4 v4"))
      link_.dhcp = Dhcp::ipv4;
    else if (is_one_of(entry.value, "ipv6 v6"))
      link_.dhcp = Dhcp::ipv6;
    else if (entry.value.empty() || is_one_of(entry.value, "no none false 0 off n f"))
      link_.dhcp = Dhcp::off;
    else
      lose(entry, "is none of yes, no, ipv4 and ipv6");
  }

  void take_primary(const UnitKey& entry) {
    const auto bond = unit_.value("Network", "Bond");
    if (bond.empty()) return lose(entry, "is for a port of a bond, which Bond= makes it");
    if (is_yes(entry.value))
      draft_.set(draft_.bond(bond, entry.at), Owner::bond, "primary", link_.name, entry.at);
  }

  void take_link(const UnitKey& entry) {
    if (entry.key == "MTUBytes") return draft_.set_mtu(link_, entry.value, entry.at);
    if (entry.key == "MACAddress") return take_mac(entry);
    if (is_one_of(entry.key, without_meaning)) return;
    const bool up = entry.key == "ActivationPolicy" && is_one_of(entry.value, "up always-up");
    if (!up) lose(entry, "vifchain leaves this of a link as it is");
  }

  void take_mac(const UnitKey& entry) {
    if (link_.kind == DraftKind::bond || link_.kind == DraftKind::bridge)
      return draft_.set_mac(link_, with_colons(entry.value), entry.at);
    lose(entry, "vifchain gives MACs to bonds and bridges alone: a .link file does it for a NIC");
  }

  void take_port_option(const UnitKey& entry) {
    const auto* key = networkd_key(Owner::bridge_port, entry.key);
    if (is_one_of(entry.key, "UseBPDU AllowPortToBeRoot"))
      return lose(entry,
                  "is the opposite in some versions of systemd: look at the port with "
                  "`bridge -d link`, and name guard and root_block in its [port] table");
    if (key == nullptr) return lose(entry, "is no key of [Bridge] that vifchain knows");
    if (entry.value.empty()) return;
    if (const auto value = from_networkd(*key, entry.value))
      draft_.set(link_, Owner::bridge_port, spec(key->option).key, *value, entry.at);
  }

  void add_address(const UnitKey& entry) {
    const bool pool = entry.value.starts_with("0.0.0.0/") || entry.value.starts_with("::/");
    if (pool) return lose(entry, "an address that systemd-networkd picks by itself: name one");
    const bool whole = entry.value.find('/') != entry.value.npos;
    if (!whole) return lose(entry, "has no prefix length: write it with it");
    draft_.add_address(link_, entry.value, {}, entry.at);
  }

  void add_gateway(const UnitKey& entry) {
    if (entry.value.starts_with('_'))
      return lose(entry, "a gateway that another server tells: dhcp brings its own");
    draft_.add_gateway(link_, entry.value, entry.at);
  }

  [[nodiscard]] std::vector<const UnitKey*> under(unsigned heading) const {
    std::vector<const UnitKey*> entries;
    for (const auto& entry : unit_.keys)
      if (entry.heading == heading) entries.push_back(&entry);
    return entries;
  }

  void take_address(unsigned heading) {
    for (const auto* entry : under(heading)) {
      if (entry->key == "Address")
        add_address(*entry);
      else
        lose(*entry, "vifchain gives an address as it is: ip-address(8) has the rest");
    }
  }

  // All of a [Route], or nothing: one that lost its table or its type would be another one.
  void take_route(unsigned heading) {
    const UnitKey *to = nullptr, *via = nullptr, *metric = nullptr;
    bool onlink = false;
    for (const auto* entry : under(heading)) {
      if (entry->key == "Destination") {
        to = entry;
      } else if (entry->key == "Gateway") {
        via = entry;
      } else if (entry->key == "Metric") {
        metric = entry;
      } else if (is_one_of(entry->key, "GatewayOnLink GatewayOnlink")) {
        onlink = is_yes(entry->value);
      } else if (!is_usual(*entry)) {
        return lose_route(heading, *entry);
      }
    }
    const auto text = [](const UnitKey* entry) {
      return entry == nullptr ? std::string() : entry->value;
    };
    if (via != nullptr && via->value.starts_with('_')) return add_gateway(*via);
    if (to == nullptr && via == nullptr) return;
    const auto& at = (to != nullptr ? to : via)->at;
    const bool all = to == nullptr || to->value == "0.0.0.0/0" || to->value == "::/0";
    draft_.add_route(link_, all ? "default" : to->value, {}, text(via), text(metric), at, onlink);
  }

  static bool is_usual(const UnitKey& entry) {
    if (entry.key == "Table") return is_one_of(entry.value, "main 254");
    if (entry.key == "Type") return entry.value == "unicast";
    if (entry.key == "Scope") return is_one_of(entry.value, "global link");
    return entry.key == "Protocol" && entry.value == "static";
  }

  void lose_route(unsigned heading, const UnitKey& why) {
    for (const auto* entry : under(heading))
      lose(*entry, entry == &why ? "routes of a vifchain.toml have to, via, metric and onlink "
                                   "alone"
                                 : "belongs to a route that is left out, for its " + why.key);
  }

  // networkd lets a VLAN out with its tag unless it is named in EgressUntagged=.
  void take_vlans() {
    DraftLink untagged{"", {}};
    std::optional<VlanId> pvid;
    for (const auto& entry : unit_.keys) {
      if (entry.section != "BridgeVLAN") continue;
      if (link_.kind == DraftKind::bridge)
        lose(entry, "vifchain leaves the VLANs of the bridge itself alone: they are its ports'");
      else if (entry.key == "VLAN")
        draft_.add_vlans(link_, entry.value, entry.at);
      else if (entry.key == "EgressUntagged")
        draft_.add_vlans(untagged, entry.value, entry.at);
      else if (entry.key == "PVID")
        pvid = take_pvid(entry);
      else
        lose(entry, "is no key of [BridgeVLAN] that vifchain knows");
    }
    if (pvid) link_.pvid = pvid;
    check_untagged(untagged.vlans, pvid);
  }

  std::optional<VlanId> take_pvid(const UnitKey& entry) {
    if (entry.value.empty() || entry.value == "no") return std::nullopt;
    const auto id = VlanId::parse(entry.value);
    if (!id) lose(entry, "\"" + entry.value + "\" is no VLAN id (1 to 4094)");
    return id;
  }

  void check_untagged(const VidRanges& untagged, std::optional<VlanId> pvid) {
    if (!remark_) return;
    const bool pvid_alone = pvid && untagged == VidRanges{{*pvid, *pvid}};
    if (!untagged.empty() && !pvid_alone)
      draft_.lose(unit_.at,
                  "EgressUntagged= names VLANs that are not the PVID: a port of a vifchain.toml "
                  "sends those of its pvid without a tag, and no other",
                  link_.name);
    else if (pvid && untagged.empty())
      draft_.warn(unit_.at,
                  "PVID= without EgressUntagged= sends VLAN " + std::to_string(pvid->number()) +
                      " with its tag; pvid of a vifchain.toml is untagged in both directions",
                  link_.name);
  }

  const Unit& unit_;
  DraftLink& link_;
  const bool remark_;
  DraftConfig& draft_;
};

}  // namespace

void read_network(const Unit& unit, const std::string& link, bool remark, DraftConfig& draft) {
  NetworkReader(unit, draft.link(link, unit.at), remark, draft).read();
}

}  // namespace vifchain::inline convert
