// SPDX-License-Identifier: Apache-2.0
#include "convert/import/draft_config.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "core/config/complain.hpp"
#include "core/config/read_value.hpp"
#include "core/text/decimal.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline convert {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

// The words of a list with blanks or commas.
std::vector<std::string> elements_of(std::string_view text) {
  std::string words(text);
  std::ranges::replace(words, ',', ' ');
  return words_of(words);
}

std::optional<std::int64_t> whole(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  return hex ? decimal<std::int64_t>(text.substr(2), 16) : decimal<std::int64_t>(text);
}

std::optional<double> fraction(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stop == end ? std::optional(number) : std::nullopt;
}

std::optional<bool> flag(const std::string& word) {
  if (is_one_of(word, "1 yes on true y t")) return true;
  if (is_one_of(word, "0 no off false n f")) return false;
  return std::nullopt;
}

// Some choices are a switch for the kernel's older tools: lacp_active, tlb_dynamic_lb.
std::optional<Node> node_of_choice(const OptionSpec& option, std::string_view text) {
  if (const auto number = whole(text)) return Node{*number, {}, {}};
  const bool named = std::ranges::any_of(
      option.choices, [&](const Choice& choice) { return lower(choice.name) == lower(text); });
  if (!named)
    if (const auto on = flag(lower(text))) return Node{std::int64_t{*on}, {}, {}};
  return Node{std::string(text), {}, {}};
}

std::optional<Node> node_of_seconds(std::string_view text) {
  if (text.ends_with("s")) text.remove_suffix(1);
  if (const auto number = whole(text)) return Node{*number, {}, {}};
  if (const auto number = fraction(text)) return Node{*number, {}, {}};
  return std::nullopt;
}

Node node_of_list(std::string_view text) {
  Array array;
  for (auto& word : elements_of(text)) array.push_back({std::move(word), {}, {}});
  return {std::move(array), {}, {}};
}

// The text as the file would have it.
std::optional<Node> node_of(const OptionSpec& option, std::string_view text) {
  switch (option.form) {
    case Form::flag:
      if (const auto on = flag(lower(text))) return Node{*on, {}, {}};
      return std::nullopt;
    case Form::number:
      if (const auto number = whole(text)) return Node{*number, {}, {}};
      return std::nullopt;
    case Form::choice:
      return node_of_choice(option, text);
    case Form::seconds:
      return node_of_seconds(text);
    case Form::mac:
    case Form::port:
      return Node{std::string(text), {}, {}};
    case Form::addresses:
    case Form::qos_map:
      return node_of_list(text);
  }
  return std::nullopt;
}

// What the file allows, in the words of its own reader.
std::string what_is_allowed(const OptionSpec& option) {
  Diagnostics wrong;
  static_cast<void>(read_option(option, Node{Table{}, {}, {}}, wrong));
  return wrong.empty() ? std::string() : wrong.front().message;
}

std::string kind_in_words(DraftKind kind) {
  switch (kind) {
    case DraftKind::bond:
      return "a bond";
    case DraftKind::vlan:
      return "a VLAN link";
    case DraftKind::bridge:
      return "a bridge";
    case DraftKind::unknown:
      break;
  }
  return "a link";
}

// The prefix length of "24" or "255.255.255.0".
std::optional<int> prefix_of(std::string_view netmask) {
  if (const auto number = whole(netmask)) {
    if (*number < 0 || *number > 128) return std::nullopt;
    return static_cast<int>(*number);
  }
  const auto mask = IpAddress::parse(netmask);
  if (!mask || mask->v6) return std::nullopt;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 4; ++i) bits = bits << 8 | mask->bytes[i];
  const auto ones = std::countl_one(bits);
  if (std::popcount(bits) != ones) return std::nullopt;  // ones after zeros
  return ones;
}

std::optional<LinkAddress> address_of(std::string_view text, std::string_view netmask) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (slash != text.npos) netmask = text.substr(slash + 1);
  if (slash == text.npos && netmask.empty() && address)
    return LinkAddress{*address, address->bits()};
  const auto prefix = prefix_of(netmask);
  if (!address || !prefix || *prefix > address->bits()) return std::nullopt;
  return LinkAddress{*address, static_cast<std::uint8_t>(*prefix)};
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

std::optional<Value> value_of(const OptionSpec& option, std::string_view text) {
  const auto node = node_of(option, text);
  if (!node) return std::nullopt;
  Diagnostics wrong;
  return read_option(option, *node, wrong);
}

DraftLink& DraftConfig::link(std::string_view name, const Said& at) {
  const auto found = links_.find(name);
  if (found != links_.end()) return found->second;
  order_.emplace_back(name);
  return links_.emplace(name, DraftLink{std::string(name), at}).first->second;
}

DraftLink& DraftConfig::of_kind(std::string_view name, DraftKind kind, const Said& at) {
  DraftLink& found = link(name, at);
  if (found.kind != DraftKind::unknown && found.kind != kind)
    warn(at,
         "makes " + found.name + " " + kind_in_words(kind) + ", which is " +
             kind_in_words(found.kind) + " by " + place_of(found.first),
         name);
  if (found.kind != kind) found.options = {};
  found.kind = kind;
  return found;
}

DraftLink& DraftConfig::bond(std::string_view name, const Said& at) {
  return of_kind(name, DraftKind::bond, at);
}

DraftLink& DraftConfig::bridge(std::string_view name, const Said& at) {
  return of_kind(name, DraftKind::bridge, at);
}

DraftLink& DraftConfig::vlan(std::string_view name, const Said& at) {
  return of_kind(name, DraftKind::vlan, at);
}

void DraftConfig::vlan(std::string_view name, std::string_view parent, std::string_view vid,
                       const Said& at) {
  const auto number = whole(vid);
  const auto id = number ? VlanId::from(*number) : std::nullopt;
  if (!id) return lose(at, quoted(vid) + " is no VLAN id (1 to 4094)", name);
  DraftLink& made = vlan(name, at);
  made.parent = std::string(parent);
  made.vid = id;
  made.said["link"] = made.said["id"] = at;
  link(parent, at);
}

void DraftConfig::add_port(DraftLink& controller, std::string_view port, const Said& at) {
  if (std::ranges::find(controller.ports, port) == controller.ports.end())
    controller.ports.emplace_back(port);
  controller.said["ports " + std::string(port)] = at;
  link(port, at);
}

void DraftConfig::remove_port(DraftLink& controller, std::string_view port) {
  std::erase(controller.ports, port);
}

bool DraftConfig::set(DraftLink& link, Owner owner, std::string_view key, std::string_view value,
                      const Said& at) {
  const OptionSpec* option = find_option(owner, key);
  if (option == nullptr) {
    lose(at, "there is no option " + quoted(key), link.name);
    return false;
  }
  if (option->id == Option::bond_mode && lower(value) == "balance-slb") {
    link.slb = true;
    link.options.erase(Option::bond_mode);
    link.said["mode"] = at;
    return true;
  }
  auto read = value_of(*option, value);
  if (!read) {
    lose(at, quoted(value) + ": " + what_is_allowed(*option), link.name);
    return false;
  }
  const bool of_port = owner == Owner::bridge_port || owner == Owner::bond_port;
  (of_port ? link.port_options : link.options)[option->id] = std::move(*read);
  link.said[said_key(of_port, key)] = at;
  return true;
}

void DraftConfig::set_mtu(DraftLink& link, std::string_view text, const Said& at) {
  const auto number = whole(text);
  if (!number || *number < 68 || *number > 65535)
    return lose(at, quoted(text) + " is no MTU (68 to 65535 bytes)", link.name);
  link.mtu = static_cast<unsigned>(*number);
  link.said["mtu"] = at;
}

void DraftConfig::set_mac(DraftLink& link, std::string_view text, const Said& at) {
  const auto mac = Mac::parse(lower(text));
  if (!mac || !mac->unicast())
    return lose(at, quoted(text) + " is no MAC address that a link can have", link.name);
  link.mac = *mac;
  link.said["mac"] = at;
}

void DraftConfig::add_address(DraftLink& link, std::string_view text, std::string_view netmask,
                              const Said& at) {
  auto address = address_of(text, netmask);
  if (!address)
    return lose(at,
                quoted(text) + (netmask.empty() ? "" : " with " + quoted(netmask)) +
                    " is no address with its prefix length",
                link.name);
  address->traits.protocol = our_protocol;
  if (std::ranges::find(link.addresses, *address) == link.addresses.end())
    link.addresses.push_back(*address);
  link.said["addresses " + address->str()] = at;
}

void DraftConfig::add_gateway(DraftLink& link, std::string_view text, const Said& at,
                              std::string_view metric, bool onlink) {
  add_route(link, "default", {}, text, metric, at, onlink);
}

void DraftConfig::have_gateways_on_link(DraftLink& link) {
  for (auto& route : link.routes) {
    if (!route.via || (route.via->v6 && route.via->bytes[0] == 0xfe)) continue;
    const LinkAddress gateway{*route.via, route.via->bits()};
    route.onlink = route.onlink || std::ranges::none_of(link.addresses, [&](const auto& own) {
                     return contains(own, gateway);
                   });
  }
}

void DraftConfig::add_route(DraftLink& link, std::string_view to, std::string_view netmask,
                            std::string_view via, std::string_view metric, const Said& at,
                            bool onlink) {
  const auto gateway = IpAddress::parse(via);
  if (!via.empty() && !gateway) return lose(at, quoted(via) + " is no address", link.name);
  const bool is_default = to == "default" || to == "any";
  if (is_default && !gateway)
    return lose(at, "a default route without a gateway: name the gateway", link.name);
  Route route = default_route(gateway.value_or(IpAddress{}));
  if (!is_default) {
    const auto network = address_of(to, netmask);
    if (!network || (gateway && gateway->v6 != network->address.v6))
      return lose(at, quoted(to) + " is no network with its prefix length", link.name);
    route.to = *network;
    route.to.address = network_of(*network);
  }
  route.via = gateway;
  route.onlink = onlink && gateway;
  route.scope = scope_of(route);
  const auto number = metric.empty() ? std::optional<std::int64_t>(0) : whole(metric);
  if (!number || *number < 0 || *number > 0xffffffffLL)
    return lose(at, quoted(metric) + " is no metric", link.name);
  route.metric = static_cast<std::uint32_t>(*number);
  if (route.metric == 0 && route.to.address.v6) route.metric = usual_metric6;
  if (std::ranges::find(link.routes, route) == link.routes.end()) link.routes.push_back(route);
  link.said[is_default ? "gateway " + gateway->str() : "routes " + route.to.str()] = at;
}

void DraftConfig::add_vlans(DraftLink& port, std::string_view text, const Said& at) {
  for (const auto& word : elements_of(text)) {
    const auto why_not = append_vids(word, port.vlans);
    if (!why_not.empty()) lose(at, why_not, port.name);
  }
  port.said["port.vlans"] = at;
}

void DraftConfig::set_pvid(DraftLink& port, std::string_view text, const Said& at) {
  const auto id = VlanId::parse(text);
  if (!id) return lose(at, quoted(text) + " is no VLAN id (1 to 4094)", port.name);
  port.pvid = id;
  port.said["port.pvid"] = at;
}

void DraftConfig::lose(const Said& at, std::string why, std::string_view link) {
  remarks_.push_back({Remark::Kind::lost, at, std::move(why), std::string(link)});
}

void DraftConfig::warn(const Said& at, std::string why, std::string_view link) {
  remarks_.push_back({Remark::Kind::trap, at, std::move(why), std::string(link)});
}

const DraftLink* DraftConfig::find(std::string_view name) const {
  const auto found = links_.find(name);
  return found == links_.end() ? nullptr : &found->second;
}

DraftLink* DraftConfig::find(std::string_view name) {
  const auto found = links_.find(name);
  return found == links_.end() ? nullptr : &found->second;
}

const DraftLink* DraftConfig::controller_of(std::string_view port) const {
  for (const auto& name : order_) {
    const DraftLink& link = links_.find(name)->second;
    if (std::ranges::find(link.ports, port) != link.ports.end()) return &link;
  }
  return nullptr;
}

void DraftConfig::remove(std::string_view name) {
  const auto found = links_.find(name);
  if (found == links_.end()) return;
  std::erase(order_, name);
  links_.erase(found);
}

std::vector<const DraftLink*> DraftConfig::links() const {
  std::vector<const DraftLink*> links;
  for (const auto& name : order_) links.push_back(&links_.at(name));
  return links;
}

}  // namespace vifchain::inline convert
