// SPDX-License-Identifier: Apache-2.0
// netplan's YAML (netplan(5)): the same tree whichever renderer it is for.
#include <algorithm>
#include <set>

#include "convert/import/files/renderer_keys.hpp"
#include "convert/import/lost_keys.hpp"
#include "convert/import/readers.hpp"
#include "core/text/glob.hpp"

namespace vifchain::inline convert {
namespace {

// YAML 1.1's, as netplan has them.
std::optional<bool> switch_of(std::string_view word) {
  if (is_one_of(word, "true yes on y True TRUE Yes YES On ON Y")) return true;
  if (is_one_of(word, "false no off n False FALSE No NO Off OFF N")) return false;
  return std::nullopt;
}

constexpr LostKeys lost[] = {
    {"nameservers", name_servers},
    {"dhcp-identifier dhcp4-overrides dhcp6-overrides", of_dhcp_client},
    {"routing-policy", of_policy_rules},
    {"ipv6-privacy ipv6-address-generation ipv6-address-token ipv6-mtu link-local",
     "a setting of the kernel's, which vifchain leaves alone: sysctl.conf(5)"},
    {"wakeonlan receive-checksum-offload transmit-checksum-offload tcp-segmentation-offload "
     "tcp6-segmentation-offload generic-segmentation-offload generic-receive-offload "
     "large-receive-offload emit-lldp auth infiniband-mode virtual-function-count "
     "embedded-switch-mode delay-virtual-functions-rebind",
     of_nics},
    {"neigh-suppress hairpin port-mac-learning",
     "is an option of its port: name it in its [port] table"},
    {"activation-mode ignore-carrier", nothing_of_the_kind},
};

// About booting, and which program does it.
constexpr std::string_view without_meaning =
    "renderer optional optional-addresses critical version";

std::string text_of(const Node& node) {
  const auto* text = std::get_if<std::string>(&node.value);
  return text == nullptr ? node.text : *text;
}

const Table& table_in(const Node& node) {
  static const Table none;
  const auto* table = std::get_if<Table>(&node.value);
  return table == nullptr ? none : *table;
}

const Entry* find(const Table& table, std::string_view key) {
  const Entry* found = nullptr;
  for (const auto& entry : table)
    if (entry.key == key) found = &entry;
  return found;
}

class NetplanReader {
 public:
  explicit NetplanReader(DraftConfig& draft) : draft_(draft) {}

  void read(const std::vector<SourceTree>& files) {
    for (const auto& file : files) each_link(file, &NetplanReader::note_name);
    for (const auto& file : files) each_link(file, &NetplanReader::declare);
    for (const auto& file : files) read_globals(file);
    for (const auto& file : files) each_link(file, &NetplanReader::read_link);
  }

 private:
  // A link under network, as it stands in a file: its kind by the mapping that it is in.
  struct Place {
    const std::string& kind;
    const Entry& link;
  };

  void each_link(const SourceTree& file, void (NetplanReader::*visit)(const Place&)) {
    file_ = file.name;
    for (const auto& root : file.tree) {
      if (root.key != "network") continue;
      for (const auto& kind : table_in(root.node))
        if (is_one_of(kind.key, "ethernets bonds vlans bridges"))
          for (const auto& link : table_in(kind.node)) (this->*visit)({kind.key, link});
    }
  }

  [[nodiscard]] Said said(const Entry& entry) const {
    const auto value = text_of(entry.node);
    return said_in(file_, entry.place.line, entry.key + ":" + (value.empty() ? "" : " " + value));
  }
  [[nodiscard]] Said said(const Node& node) const {
    return said_in(file_, node.place.line, text_of(node));
  }

  // --- names: an ethernet's id need not be its name -------------------------------------------

  void note_name(const Place& place) {
    if (place.kind != "ethernets") return;
    const auto& table = table_in(place.link.node);
    const auto* match = find(table, "match");
    const auto* set_name = find(table, "set-name");
    const auto* name = match == nullptr ? nullptr : find(table_in(match->node), "name");
    if (set_name != nullptr)
      names_[place.link.key] = text_of(set_name->node);
    else if (name != nullptr && !is_glob(text_of(name->node)))
      names_[place.link.key] = text_of(name->node);
    else if (match != nullptr)
      note_unnamed(place, name != nullptr ? *name : *match);
  }

  void note_unnamed(const Place& place, const Entry& by) {
    if (!unnamed_.insert(place.link.key).second) return;
    draft_.warn(said(by),
                "which NIC " + place.link.key +
                    " is only the host can tell: put its name wherever " + place.link.key +
                    " stands",
                place.link.key);
  }

  [[nodiscard]] std::string name_of(const std::string& id) const {
    const auto found = names_.find(id);
    return found == names_.end() ? id : found->second;
  }

  // --- what there is ----------------------------------------------------------------------------

  void declare(const Place& place) {
    const auto at = said(place.link);
    if (is_open_vswitchs(place)) return;
    if (place.kind == "bonds") draft_.bond(place.link.key, at);
    if (place.kind == "bridges") draft_.bridge(place.link.key, at);
    if (place.kind == "vlans") draft_.vlan(place.link.key, at);
  }

  static bool is_open_vswitchs(const Place& place) {
    return find(table_in(place.link.node), "openvswitch") != nullptr;
  }

  void read_globals(const SourceTree& file) {
    file_ = file.name;
    for (const auto& root : file.tree) {
      if (root.key != "network") {
        draft_.lose(said(root), "netplan reads nothing but network:");
        continue;
      }
      if (!std::holds_alternative<Table>(root.node.value))
        draft_.lose(said(root), "must be a mapping of links");
      for (const auto& kind : table_in(root.node)) read_global(kind);
    }
  }

  void read_global(const Entry& kind) {
    if (is_one_of(kind.key, "ethernets bonds vlans bridges")) {
      const bool empty = text_of(kind.node).empty();
      if (!std::holds_alternative<Table>(kind.node.value) && !empty)
        draft_.lose(said(kind), "must be a mapping of links");
      return;
    }
    if (is_one_of(kind.key, without_meaning)) return;
    if (kind.key == "openvswitch")
      return draft_.lose(said(kind), "vifchain makes the kernel's bridges, not Open vSwitch's");
    if (is_one_of(kind.key, "wifis modems tunnels vrfs dummy-devices nm-devices virtual-ethernets"))
      return draft_.lose(said(kind), "vifchain makes bonds, VLAN links and bridges alone");
    draft_.lose(said(kind), "is no key of network that vifchain knows");
  }

  // --- one link ---------------------------------------------------------------------------------

  void read_link(const Place& place) {
    const auto at = said(place.link);
    const bool nic = place.kind == "ethernets";
    const auto name = nic ? name_of(place.link.key) : place.link.key;
    if (name == "lo") return draft_.lose(at, "vifchain leaves the loopback link alone");
    if (!std::holds_alternative<Table>(place.link.node.value) && !text_of(place.link.node).empty())
      return draft_.lose(at, "must be a mapping of what is wanted of the link", name);
    if (is_open_vswitchs(place))
      return draft_.lose(at, "Open vSwitch makes this link, and vifchain makes the kernel's alone");
    DraftLink& link = draft_.link(name, at);
    for (const auto& entry : table_in(place.link.node)) {
      const bool special = nic                     ? take_nic(entry)
                           : place.kind == "vlans" ? take_vlan(link, entry)
                                                   : take_controller(link, entry);
      if (!special) take_common(link, entry);
    }
  }

  static bool take_nic(const Entry& entry) {
    return entry.key == "match" || entry.key == "set-name";
  }

  bool take_vlan(DraftLink& vlan, const Entry& entry) {
    const auto text = text_of(entry.node);
    if (entry.key == "id") {
      vlan.vid = VlanId::parse(text);
      if (!vlan.vid)
        draft_.lose(said(entry), "\"" + text + "\" is no VLAN id (1 to 4094)", vlan.name);
    } else if (entry.key == "link") {
      vlan.parent = name_of(text);
      draft_.link(*vlan.parent, said(entry));
    }
    return entry.key == "id" || entry.key == "link";
  }

  bool take_controller(DraftLink& link, const Entry& entry) {
    if (entry.key == "interfaces") {
      for (const auto& port : elements_of(entry, link.name))
        draft_.add_port(link, name_of(text_of(port)), said(entry));
      return true;
    }
    if (entry.key != "parameters") return false;
    const auto owner = link.kind == DraftKind::bond ? Owner::bond : Owner::bridge;
    for (const auto& parameter : table_in(entry.node)) take_parameter(link, owner, parameter);
    add_stp(link);
    return true;
  }

  // On, once there are parameters at all (handle_bridge in parse.c of netplan).
  static void add_stp(DraftLink& link) {
    if (link.kind == DraftKind::bridge && !link.options.contains(Option::bridge_stp))
      link.options[Option::bridge_stp] = std::int64_t{1};
  }

  Array elements_of(const Entry& entry, const std::string& link) {
    if (const auto* list = std::get_if<Array>(&entry.node.value)) return *list;
    if (!text_of(entry.node).empty()) draft_.lose(said(entry), "must be a list", link);
    return {};
  }

  void take_parameter(DraftLink& link, Owner owner, const Entry& entry) {
    const auto* key = netplan_key(owner, entry.key);
    if (key == nullptr)
      return draft_.lose(said(entry), "is no parameter that vifchain knows", link.name);
    if (spec(key->option).owner == Owner::bridge_port) return take_per_port(*key, entry, link.name);
    std::string text = text_of(entry.node);
    if (const auto* list = std::get_if<Array>(&entry.node.value)) {
      text.clear();
      for (const auto& element : *list) text += (text.empty() ? "" : " ") + text_of(element);
    }
    auto value = from_netplan(*key, text);
    if (!value) return draft_.lose(said(entry), "\"" + text + "\" is no span of time", link.name);
    if (key->option == Option::bond_primary) value = name_of(*value);
    draft_.set(link, owner, spec(key->option).key, *value, said(entry));
  }

  void take_per_port(const RendererKey& key, const Entry& entry, const std::string& bridge) {
    if (!std::holds_alternative<Table>(entry.node.value))
      return draft_.lose(said(entry), "must be a mapping from ports to numbers", bridge);
    for (const auto& port : table_in(entry.node))
      draft_.set(draft_.link(name_of(port.key), said(port)), Owner::bridge_port,
                 spec(key.option).key, text_of(port.node), said(port));
  }

  void take_common(DraftLink& link, const Entry& entry) {
    const auto text = text_of(entry.node);
    if (entry.key == "mtu") return draft_.set_mtu(link, text, said(entry));
    if (entry.key == "macaddress") return take_mac(link, entry);
    if (entry.key == "addresses") return take_addresses(link, entry);
    if (entry.key == "gateway4" || entry.key == "gateway6")
      return draft_.add_gateway(link, text, said(entry));
    if (entry.key == "routes") return take_routes(link, entry);
    if (is_one_of(entry.key, "dhcp4 dhcp6 accept-ra")) return take_switch(link, entry);
    if (is_one_of(entry.key, without_meaning)) return;
    draft_.lose(said(entry), why_lost(lost, entry.key, "is no key of a link that vifchain knows"),
                link.name);
  }

  void take_mac(DraftLink& link, const Entry& entry) {
    if (link.kind == DraftKind::bond || link.kind == DraftKind::bridge)
      return draft_.set_mac(link, text_of(entry.node), said(entry));
    draft_.lose(said(entry),
                "vifchain gives MACs to bonds and bridges alone: a .link file of udev does it "
                "for a NIC",
                link.name);
  }

  // "192.0.2.5/24", or {"192.0.2.5/24": {label: …}}.
  void take_addresses(DraftLink& link, const Entry& entry) {
    for (const auto& element : elements_of(entry, link.name)) {
      const auto* table = std::get_if<Table>(&element.value);
      if (table == nullptr) {
        add_address(link, text_of(element), said(element));
        continue;
      }
      for (const auto& [address, place, options] : *table) {
        add_address(link, address, said_in(file_, place.line, address));
        for (const auto& option : table_in(options))
          draft_.lose(said(option), "vifchain gives an address as it is", link.name);
      }
    }
  }

  // netplan takes none without its prefix length (handle_address in parse.c).
  void add_address(DraftLink& link, const std::string& text, const Said& at) {
    const bool whole = text.find('/') != text.npos;
    if (!whole) return draft_.lose(at, "has no prefix length: write it with it", link.name);
    draft_.add_address(link, text, {}, at);
  }

  void take_switch(DraftLink& link, const Entry& entry) {
    const auto on = switch_of(text_of(entry.node));
    if (!on) return draft_.lose(said(entry), "is neither true nor false", link.name);
    const bool v6 = entry.key == "dhcp6";
    if (entry.key == "accept-ra")
      link.ra = on;
    else if (*on)
      link.dhcp = with(link.dhcp, v6);
    else if (wants(link.dhcp, v6))
      link.dhcp = wants(link.dhcp, !v6) ? with(Dhcp::off, !v6) : Dhcp::off;
  }

  void take_routes(DraftLink& link, const Entry& entry) {
    for (const auto& element : elements_of(entry, link.name)) {
      if (std::holds_alternative<Table>(element.value))
        take_route(link, element);
      else
        draft_.lose(said(element), "must be a mapping with to and via", link.name);
    }
  }

  // All of it or nothing: one that lost its table or its type would be another one.
  void take_route(DraftLink& link, const Node& route) {
    std::string to, via, metric, all_of_it;
    bool onlink = false;
    for (const auto& entry : table_in(route)) {
      const auto text = text_of(entry.node);
      all_of_it += (all_of_it.empty() ? "" : ", ") + entry.key + ": " + text;
      if (entry.key == "to")
        to = text;
      else if (entry.key == "via")
        via = text;
      else if (entry.key == "metric")
        metric = text;
      else if (entry.key == "on-link")
        onlink = switch_of(text) == true;
      else if (!is_usual(entry.key, text))
        return draft_.lose(said(entry),
                           "the route is left out: routes of a vifchain.toml have to, via, metric "
                           "and onlink alone",
                           link.name);
    }
    const bool all = is_one_of(to, "default 0.0.0.0/0 ::/0 0/0");
    draft_.add_route(link, all ? "default" : to, {}, via, metric,
                     said_in(file_, route.place.line, all_of_it), onlink);
  }

  static bool is_usual(std::string_view key, const std::string& text) {
    if (key == "table") return text == "254";
    if (key == "type") return text == "unicast";
    return key == "scope" && is_one_of(text, "global link");
  }

  DraftConfig& draft_;
  std::string file_;
  std::map<std::string, std::string, std::less<>> names_;  // by id, where they differ
  std::set<std::string, std::less<>> unnamed_;
};

}  // namespace

void read_netplan(const std::vector<SourceTree>& files, DraftConfig& draft) {
  NetplanReader(draft).read(files);
}

}  // namespace vifchain::inline convert
