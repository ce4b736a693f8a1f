// SPDX-License-Identifier: Apache-2.0
#include "core/filter/filter_elements.hpp"

#include <algorithm>
#include <cstring>

#include "core/filter/port_filter.hpp"

namespace vifchain::inline core::inline filter {
namespace {

constexpr std::size_t name_size = 16;  // IFNAMSIZ
constexpr std::string_view digits = "0123456789abcdef";
constexpr std::string_view chain_start = "on_";

template <class Bytes>
std::string padded(const Bytes& bytes, std::size_t size) {
  std::string text(reinterpret_cast<const char*>(bytes.data()), size);
  text.resize((size + 3) / 4 * 4);
  return text;
}

std::string address_key(const IpAddress& address) {
  return padded(address.bytes, address.v6 ? 16 : 4);
}

IpAddress highest_of(const LinkAddress& network) {
  IpAddress address = network.address;
  for (std::size_t bit = network.prefix; bit < address.bits(); ++bit)
    address.bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> bit % 8);
  return address;
}

// Without those that lie in another one: networks in a set must not overlap.
std::vector<LinkAddress> outermost(const std::vector<LinkAddress>& addresses) {
  std::vector<LinkAddress> kept;
  for (const auto& address : addresses) {
    const LinkAddress candidate{network_of(address), address.prefix};
    const auto covers = [&](const LinkAddress& other) { return contains(other, candidate); };
    if (std::ranges::any_of(kept, covers)) continue;
    std::erase_if(kept, [&](const LinkAddress& other) { return contains(candidate, other); });
    kept.push_back(candidate);
  }
  return kept;
}

std::string_view chain_of(Antispoof mode) {
  if (mode == Antispoof::mac) return "mac";
  return mode == Antispoof::mac_ip ? "mac_ip" : "closed";
}

std::string comment_of(const PortFilter& filter) {
  std::string text = filter.owner ? filter.owner->str() : "-";
  text += ' ';
  return text + low_digits(filter_hash(filter), 16);
}

class Writer {
 public:
  Writer(const LinkName& port, const PortFilter& filter) : key_(link_key(port)), filter_(filter) {}

  std::vector<FilterElement> write() && {
    if (filter_.mode == Antispoof::off) return {};
    all_.push_back({"mode", key_, {}, std::string(chain_of(filter_.mode))});
    if (filter_.bridge)
      all_.push_back({"places", key_, {}, bridge_chain(*filter_.bridge), comment_of(filter_)});
    if (filter_.mode != Antispoof::closed) {
      add("macs", padded(filter_.mac.bytes, 6));
      add("macs_inside", padded(filter_.mac.bytes, 6));
    }
    if (filter_.mode == Antispoof::mac_ip) add_addresses();
    std::ranges::sort(all_);
    return std::move(all_);
  }

 private:
  void add(std::string_view set, const std::string& key) { all_.push_back({set, key_ + key}); }

  void add_addresses() {
    for (const auto& address : outermost(filter_.addresses)) {
      const bool v6 = address.address.v6;
      add_network(v6 ? "own_ip6" : "own_ip4", v6 ? "own_ip6_nets" : "own_ip4_nets", address);
      if (v6) add_network("targets", "target_nets", address);
    }
    for (const auto& router : filter_.routers) {
      add(router.v6 ? "routers6" : "routers4", address_key(router));
      if (router.v6) add("router_targets", address_key(router));
    }
  }

  void add_network(std::string_view hosts, std::string_view networks, const LinkAddress& address) {
    const auto first = address_key(address.address);
    if (address.prefix == address.address.bits()) return add(hosts, first);
    all_.push_back({networks, key_ + first, key_ + address_key(highest_of(address))});
  }

  std::string key_;
  const PortFilter& filter_;
  std::vector<FilterElement> all_;
};

IpAddress address_from(std::string_view bytes) {
  IpAddress address{.v6 = bytes.size() == 16};
  std::memcpy(address.bytes.data(), bytes.data(), std::min<std::size_t>(bytes.size(), 16));
  return address;
}

// The network between the two; a host where they are no network, so that the elements do not fit.
LinkAddress network_between(const IpAddress& first, const IpAddress& last) {
  for (std::uint8_t prefix = 0; prefix < first.bits(); ++prefix)
    if (highest_of({first, prefix}) == last) return {first, prefix};
  return {first, first.bits()};
}

std::optional<LinkName> bridge_from(std::string_view chain) {
  if (!chain.starts_with(chain_start)) return std::nullopt;
  std::string name;
  for (auto rest = chain.substr(chain_start.size()); !rest.empty();) {
    if (rest[0] != '_') {
      name += rest[0];
      rest.remove_prefix(1);
      continue;
    }
    if (rest.size() < 3) return std::nullopt;
    const auto high = digits.find(rest[1]), low = digits.find(rest[2]);
    if (high == digits.npos || low == digits.npos) return std::nullopt;
    name += static_cast<char>(high << 4 | low);
    rest.remove_prefix(3);
  }
  return LinkName::parse(name);
}

void take_mode(const FilterElement& element, PortFilter& filter) {
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip, Antispoof::closed})
    if (element.verdict == chain_of(mode)) filter.mode = mode;
}

void take_place(const FilterElement& element, PortFilter& filter) {
  filter.bridge = bridge_from(element.verdict);
  filter.owner = LinkName::parse(element.comment.substr(0, element.comment.find(' ')));
  if (filter.owner && filter.owner->str() == "-") filter.owner.reset();
}

void take(const FilterElement& element, PortFilter& filter) {
  const auto rest = std::string_view(element.key).substr(name_size);
  const auto& set = element.set;
  if (set == "mode") take_mode(element, filter);
  if (set == "places") take_place(element, filter);
  if (set == "macs" && rest.size() >= filter.mac.bytes.size())
    std::memcpy(filter.mac.bytes.data(), rest.data(), filter.mac.bytes.size());
  if (set == "own_ip4" || set == "own_ip6") {
    const auto address = address_from(rest);
    filter.addresses.push_back({address, address.bits()});
  }
  if ((set == "own_ip4_nets" || set == "own_ip6_nets") && element.end.size() == element.key.size())
    filter.addresses.push_back(network_between(
        address_from(rest), address_from(std::string_view(element.end).substr(name_size))));
  if (set == "routers4" || set == "routers6") filter.routers.push_back(address_from(rest));
}

}  // namespace

std::vector<FilterElement> elements_of(const LinkName& port, const PortFilter& filter) {
  return Writer(port, filter).write();
}

std::string link_key(const LinkName& link) {
  std::string key = link.str();
  key.resize(name_size);
  return key;
}

std::optional<LinkName> link_in_key(std::string_view key) {
  const auto name = key.substr(0, name_size);
  return LinkName::parse(name.substr(0, name.find('\0')));
}

PortFilter filter_of(const LinkName& port, std::vector<FilterElement> elements) {
  PortFilter filter;
  std::ranges::sort(elements);
  for (const auto& element : elements)
    if (element.key.size() >= name_size) take(element, filter);
  std::ranges::sort(filter.addresses);
  std::ranges::sort(filter.routers);
  filter.spoilt = elements != elements_of(port, filter);
  return filter;
}

std::string bridge_chain(const LinkName& bridge) {
  return std::string(chain_start) + in_identifier(bridge, ".");
}

}  // namespace vifchain::inline core::inline filter
