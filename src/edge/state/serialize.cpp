// SPDX-License-Identifier: Apache-2.0
#include "edge/state/serialize.hpp"

#include <cstring>

namespace vifchain::inline edge::inline state {
namespace {

// Written and read on one machine by one program, so numbers lie there as in memory.
class Writer {
 public:
  std::string bytes;

  template <class Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
  void put(Number number) { bytes.append(reinterpret_cast<const char*>(&number), sizeof number); }
  void put(const std::string& text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes += text;
  }
  void put(const LinkName& name) { put(name.str()); }
  void put(const VlanId& id) { put(id.number()); }
  void put(const Mac& mac) { put(std::string(mac.bytes.begin(), mac.bytes.end())); }
  void put(const IpAddress& address) {
    put(address.v6);
    put(std::string(address.bytes.begin(), address.bytes.end()));
  }
  void put(const LinkAddress& address) {
    put(address.address);
    put(address.prefix);
    const AddressTraits& traits = address.traits;
    put(traits.peer);
    put(traits.broadcast);
    put(traits.label);
    put(traits.scope);
    put(traits.flags);
    put(traits.valid);
    put(traits.preferred);
    put(traits.metric);
    put(traits.protocol);
  }
  void put(const Route& route) {
    put(route.to);
    put(route.table);
    put(route.metric);
    put(route.tos);
    put(route.via);
    put(route.source);
    put(route.protocol);
    put(route.scope);
    put(route.type);
    put(route.onlink);
    put(route.features);
    put(route.expires.seconds);
    put(route.foreign);
  }
  void put(const PortVlan& vlan) {
    put(vlan.id);
    put(vlan.pvid);
    put(vlan.untagged);
  }
  void put(const FdbEntry& entry) {
    put(entry.mac);
    put(entry.vlan);
  }
  template <class T>
  void put(const std::optional<T>& maybe) {
    put(maybe.has_value());
    if (maybe) put(*maybe);
  }
  template <class T>
  void put(const std::vector<T>& all) {
    put(static_cast<std::uint32_t>(all.size()));
    for (const auto& one : all) put(one);
  }
  template <class Map>
  requires requires { typename Map::mapped_type; }
  void put(const Map& all) {
    put(static_cast<std::uint32_t>(all.size()));
    for (const auto& [key, value] : all) {
      put(key);
      put(value);
    }
  }
  void put(const Value& value) {
    put(static_cast<std::uint8_t>(value.index()));
    std::visit([&](const auto& v) { put(v); }, value);
  }
  void put(const Kind& kind) {
    put(static_cast<std::uint8_t>(kind.index()));
    if (const auto* bond = std::get_if<Bond>(&kind)) put(bond->options);
    if (const auto* bridge = std::get_if<Bridge>(&kind)) put(bridge->options);
    if (const auto* vlan = std::get_if<Vlan>(&kind)) {
      put(vlan->parent);
      put(vlan->id);
      put(vlan->protocol);
      put(vlan->options);
    }
  }
  void put(const SlbRules& rules) {
    put(rules.ports);
    put(rules.spoilt);
  }
  void put(const PortFilter& filter) {
    put(filter.mode);
    put(filter.mac);
    put(filter.addresses);
    put(filter.routers);
    put(filter.owner);
    put(filter.bridge);
    put(filter.spoilt);
  }
  void put(const Link& link) {
    put(link.name);
    put(link.kind);
    put(link.controller);
    put(link.keep_controller);
    put(link.may_leave);
    put(link.port);
    put(link.vlans);
    put(link.fdb);
    put(link.mtu);
    put(link.mac);
    put(link.up);
    put(link.addr_gen);
    put(link.secret);
    put(link.ra);
    put(link.apart);
    put(link.addresses);
    put(link.routes);
    put(link.keep_addresses);
    put(link.slb);
    put(link.filter);
    put(link.rate);
    put(link.birth.options);
    put(link.birth.mac);
    put(link.birth.mtu);
    put(link.permanent_mac);
    put(link.ours);
  }
  void put(const VifPolicy& policy) {
    put(policy.antispoof);
    put(policy.isolated);
    put(policy.learning);
    put(policy.bpdu_guard);
    put(policy.mcast_flood);
    put(policy.flood);
    put(policy.ipv6_link_local);
    put(policy.wait);
    put(policy.receive_rate);
    put(policy.routers);
  }
  void put(const Teardown& teardown) {
    put(teardown.last_vif);
    put(teardown.linger);
  }
};

// Thrown inside decode() alone, when the bytes end early or make no sense.
struct Nonsense {};

template <class T>
T sound(std::optional<T> value) {
  if (!value) throw Nonsense{};
  return std::move(*value);
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  template <class T>
  T get() {
    return get(static_cast<T*>(nullptr));
  }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw Nonsense{};
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <class Number>
  requires std::is_arithmetic_v<Number> || std::is_enum_v<Number> Number get(Number*) {
    Number number{};
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
  }
  bool get(bool*) { return get<std::uint8_t>() != 0; }
  Option get(Option*) {
    const auto number = get<std::uint8_t>();
    if (number >= option_count) throw Nonsense{};
    return static_cast<Option>(number);
  }
  std::string get(std::string*) {
    const auto size = get<std::uint32_t>();
    return std::string(take(size));
  }
  LinkName get(LinkName*) { return sound(LinkName::parse(get<std::string>())); }
  VlanId get(VlanId*) { return sound(VlanId::from(get<std::uint16_t>())); }
  Mac get(Mac*) {
    Mac mac;
    fill(mac.bytes);
    return mac;
  }
  IpAddress get(IpAddress*) {
    IpAddress address{.v6 = get<bool>()};
    fill(address.bytes);
    return address;
  }
  template <std::size_t size>
  void fill(std::array<std::uint8_t, size>& bytes) {
    const auto text = get<std::string>();
    if (text.size() != size) throw Nonsense{};
    std::memcpy(bytes.data(), text.data(), size);
  }
  LinkAddress get(LinkAddress*) {
    LinkAddress address{get<IpAddress>()};
    address.prefix = get<std::uint8_t>();
    AddressTraits& traits = address.traits;
    traits.peer = get<std::optional<IpAddress>>();
    traits.broadcast = get<std::optional<IpAddress>>();
    traits.label = get<std::string>();
    traits.scope = get<std::uint8_t>();
    traits.flags = get<std::uint32_t>();
    traits.valid = get<std::optional<std::uint32_t>>();
    traits.preferred = get<std::optional<std::uint32_t>>();
    traits.metric = get<std::uint32_t>();
    traits.protocol = get<std::uint8_t>();
    return address;
  }
  Route get(Route*) {
    Route route{.to = get<LinkAddress>()};
    route.table = get<std::uint32_t>();
    route.metric = get<std::uint32_t>();
    route.tos = get<std::uint8_t>();
    route.via = get<std::optional<IpAddress>>();
    route.source = get<std::optional<IpAddress>>();
    route.protocol = get<std::uint8_t>();
    route.scope = get<std::uint8_t>();
    route.type = get<std::uint8_t>();
    route.onlink = get<bool>();
    route.features = get<std::map<std::uint16_t, std::uint32_t>>();
    route.expires.seconds = get<std::optional<std::uint32_t>>();
    route.foreign = get<std::string>();
    return route;
  }
  PortVlan get(PortVlan*) {
    const auto id = get<VlanId>();
    const bool pvid = get<bool>();
    return {id, pvid, get<bool>()};
  }
  FdbEntry get(FdbEntry*) {
    const auto mac = get<Mac>();
    return {mac, get<std::optional<VlanId>>()};
  }
  template <class T>
  std::optional<T> get(std::optional<T>*) {
    if (!get<bool>()) return std::nullopt;
    return get<T>();
  }
  template <class T>
  std::vector<T> get(std::vector<T>*) {
    std::vector<T> all;
    for (auto left = get<std::uint32_t>(); left > 0; --left) all.push_back(get<T>());
    return all;
  }
  template <class Map>
  requires requires { typename Map::mapped_type; }
  Map get(Map*) {
    Map all;
    for (auto left = get<std::uint32_t>(); left > 0; --left) {
      auto key = get<typename Map::key_type>();
      all.emplace(std::move(key), get<typename Map::mapped_type>());
    }
    return all;
  }
  Value get(Value*) {
    switch (get<std::uint8_t>()) {
      case 0:
        return get<std::int64_t>();
      case 1:
        return get<LinkName>();
      case 2:
        return get<Mac>();
      case 3:
        return get<std::vector<IpAddress>>();
      case 4:
        return get<QosMap>();
      default:
        throw Nonsense{};
    }
  }
  Kind get(Kind*) {
    switch (get<std::uint8_t>()) {
      case 0:
        return Given{};
      case 1:
        return Bond{get<Options>()};
      case 2:
        return get_vlan();
      case 3:
        return Bridge{get<Options>()};
      default:
        throw Nonsense{};
    }
  }
  Vlan get_vlan() {
    auto parent = get<LinkName>();
    const auto id = get<VlanId>();
    const auto protocol = get<VlanProtocol>();
    return {std::move(parent), id, protocol, get<Options>()};
  }
  SlbRules get(SlbRules*) {
    auto ports = get<std::vector<LinkName>>();
    return {std::move(ports), get<bool>()};
  }
  PortFilter get(PortFilter*) {
    PortFilter filter{.mode = get<Antispoof>()};
    filter.mac = get<Mac>();
    filter.addresses = get<std::vector<LinkAddress>>();
    filter.routers = get<std::vector<IpAddress>>();
    filter.owner = get<std::optional<LinkName>>();
    filter.bridge = get<std::optional<LinkName>>();
    filter.spoilt = get<bool>();
    return filter;
  }
  Link get(Link*) {
    Link link{.name = get<LinkName>()};
    link.kind = get<Kind>();
    link.controller = get<std::optional<LinkName>>();
    link.keep_controller = get<bool>();
    link.may_leave = get<std::optional<LinkName>>();
    link.port = get<Options>();
    link.vlans = get<std::optional<std::vector<PortVlan>>>();
    link.fdb = get<std::optional<std::vector<FdbEntry>>>();
    link.mtu = get<std::optional<unsigned>>();
    link.mac = get<std::optional<Mac>>();
    link.up = get<std::optional<bool>>();
    link.addr_gen = get<std::optional<AddrGen>>();
    link.secret = get<std::optional<IpAddress>>();
    link.ra = get<std::optional<bool>>();
    link.apart = get<std::optional<bool>>();
    link.addresses = get<std::optional<std::vector<LinkAddress>>>();
    link.routes = get<std::optional<std::vector<Route>>>();
    link.keep_addresses = get<bool>();
    link.slb = get<std::optional<SlbRules>>();
    link.filter = get<std::optional<PortFilter>>();
    link.rate = get<std::optional<std::uint64_t>>();
    link.birth.options = get<Options>();
    link.birth.mac = get<std::optional<Mac>>();
    link.birth.mtu = get<std::optional<unsigned>>();
    link.permanent_mac = get<std::optional<Mac>>();
    link.ours = get<bool>();
    return link;
  }
  Antispoof get(Antispoof*) {
    const auto number = get<std::uint8_t>();
    if (number > static_cast<std::uint8_t>(Antispoof::closed)) throw Nonsense{};
    return static_cast<Antispoof>(number);
  }
  VifPolicy get(VifPolicy*) {
    VifPolicy policy;
    policy.antispoof = get<std::optional<Antispoof>>();
    policy.isolated = get<std::optional<bool>>();
    policy.learning = get<std::optional<bool>>();
    policy.bpdu_guard = get<std::optional<bool>>();
    policy.mcast_flood = get<std::optional<bool>>();
    policy.flood = get<std::optional<bool>>();
    policy.ipv6_link_local = get<std::optional<bool>>();
    policy.wait = get<std::optional<unsigned>>();
    policy.receive_rate = get<std::optional<std::uint64_t>>();
    policy.routers = get<std::optional<std::vector<IpAddress>>>();
    return policy;
  }
  Teardown get(Teardown*) {
    const bool last_vif = get<bool>();
    return {last_vif, get<unsigned>()};
  }

  std::string_view rest_;
};

}  // namespace

std::string encode(const Chain& chain) {
  Writer writer;
  writer.put(chain.bridge);
  writer.put(chain.links);
  writer.put(chain.ports);
  writer.put(chain.policy);
  writer.put(chain.teardown);
  return std::move(writer.bytes);
}

std::optional<Chain> decode(std::string_view bytes) {
  try {
    Reader reader(bytes);
    Chain chain{.bridge = reader.get<LinkName>(), .links = {}, .ports = {}};
    chain.links = reader.get<Actual>();
    chain.ports = reader.get<std::map<LinkName, std::vector<LinkName>>>();
    chain.policy = reader.get<VifPolicy>();
    chain.teardown = reader.get<Teardown>();
    if (!reader.at_end() || !chain.links.contains(chain.bridge)) return std::nullopt;
    return chain;
  } catch (const Nonsense&) {
    return std::nullopt;
  }
}

}  // namespace vifchain::inline edge::inline state
