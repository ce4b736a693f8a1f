// SPDX-License-Identifier: Apache-2.0
#include "link_text.hpp"

#include <sstream>
#include <stdexcept>

namespace vifchain {
namespace {

[[noreturn]] void nonsense(const std::string& word) {
  throw std::invalid_argument(word);
}

LinkName name_from(const std::string& word) {
  const auto name = LinkName::parse(word);
  if (!name) nonsense(word);
  return *name;
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::int64_t integer(const std::string& word) {
  std::size_t used = 0;
  const std::int64_t value = std::stoll(word, &used);
  if (used != word.size()) nonsense(word);
  return value;
}

IpAddress address_from(const std::string& word) {
  const auto address = IpAddress::parse(word);
  if (!address) nonsense(word);
  return *address;
}

Mac mac_from(const std::string& word) {
  const auto mac = Mac::parse(word);
  if (!mac) nonsense(word);
  return *mac;
}

std::int64_t choice_from(const OptionSpec& row, const std::string& word) {
  for (const Choice& choice : row.choices)
    if (choice.name == word) return choice.number;
  return integer(word);
}

Value value_from(const OptionSpec& row, const std::string& word) {
  switch (row.form) {
    case Form::flag:
      return std::int64_t{word == "true"};
    case Form::number:
    case Form::seconds:
      return integer(word);  // hundredths, as the value holds them
    case Form::choice:
      return choice_from(row, word);
    case Form::mac:
      return mac_from(word);
    case Form::port:
      return name_from(word);
    case Form::addresses: {
      std::vector<IpAddress> list;
      for (const auto& part : split(word, ',')) list.push_back(address_from(part));
      return list;
    }
    case Form::qos_map: {
      QosMap map;
      for (const auto& part : split(word, ',')) {
        const auto pair = split(part, ':');
        map[static_cast<std::uint32_t>(integer(pair.at(0)))] =
            static_cast<std::uint32_t>(integer(pair.at(1)));
      }
      return map;
    }
  }
  nonsense(word);
}

std::string value_text(const OptionSpec& row, const Value& value) {
  if (row.form == Form::seconds) return std::to_string(std::get<std::int64_t>(value));
  std::string text;
  for (const char c : show(row.id, value))
    if (c != '[' && c != ']' && c != ' ') text += c;
  return text;
}

void put_option(Options& options, Owner owner, const std::string& key, const std::string& value) {
  const OptionSpec* row = find_option(owner, key);
  if (row == nullptr) nonsense(key);
  options[row->id] = value_from(*row, value);
}

std::vector<PortVlan> vlans_from(const std::string& text) {
  std::vector<PortVlan> vlans;
  for (const auto& part : split(text, ',')) {
    const auto digits = part.substr(0, part.find_first_not_of("0123456789"));
    const auto id = VlanId::parse(digits);
    if (!id) nonsense(part);
    vlans.push_back({.id = *id,
                     .pvid = part.find('p') != std::string::npos,
                     .untagged = part.find('u') != std::string::npos});
  }
  return vlans;
}

std::vector<LinkAddress> addresses_from(const std::string& text) {
  std::vector<LinkAddress> addresses;
  for (const auto& part : split(text, ',')) {
    const auto pair = split(part, '/');
    addresses.push_back({address_from(pair.at(0)), static_cast<std::uint8_t>(integer(pair.at(1)))});
  }
  return addresses;
}

// "02:00:00:00:00:01" or "02:00:00:00:00:01@5", for VLAN 5.
std::vector<FdbEntry> fdb_from(const std::string& text) {
  std::vector<FdbEntry> fdb;
  for (const auto& part : split(text, ',')) {
    const auto pair = split(part, '@');
    fdb.push_back({mac_from(pair.at(0))});
    if (pair.size() > 1) fdb.back().vlan = VlanId::parse(pair[1]).value();
  }
  return fdb;
}

// "eth0,eth1", or "none".
SlbRules slb_from(const std::string& text) {
  SlbRules rules;
  if (text == "none") return rules;
  for (const auto& part : split(text, ',')) rules.ports.push_back(name_from(part));
  return rules;
}

// "mac-ip/02:00:00:00:00:05/xenbr0", or "off".
PortFilter filter_from(const std::string& text) {
  const auto parts = split(text, '/');
  PortFilter filter;
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip, Antispoof::closed})
    if (parts.at(0) == word_of(mode)) filter.mode = mode;
  if (parts.size() > 1) filter.mac = mac_from(parts[1]);
  if (parts.size() > 2) filter.bridge = name_from(parts[2]);
  return filter;
}

constexpr std::string_view addr_gens[] = {"eui64", "none", "stable_secret", "random"};

AddrGen addr_gen_from(const std::string& word) {
  for (std::size_t i = 0; i < std::size(addr_gens); ++i)
    if (addr_gens[i] == word) return static_cast<AddrGen>(i);
  nonsense(word);
}

Owner owner_of_text(const Kind& kind) {
  if (std::holds_alternative<Bond>(kind)) return Owner::bond;
  if (std::holds_alternative<Bridge>(kind)) return Owner::bridge;
  return Owner::vlan;
}

bool is_bond_port_key(const std::string& key) {
  return find_option(Owner::bond_port, key) != nullptr &&
         find_option(Owner::bridge_port, key) == nullptr;
}

void put_setting(Link& link, const std::string& key, const std::string& value) {
  if (key == "mtu") {
    link.mtu = static_cast<unsigned>(integer(value));
  } else if (key == "mac") {
    link.mac = mac_from(value);
  } else if (key == "permanent_mac") {
    link.permanent_mac = mac_from(value);
  } else if (key == "vlans") {
    link.vlans = vlans_from(value);
  } else if (key == "fdb") {
    link.fdb = fdb_from(value);
  } else if (key == "slb") {
    link.slb = slb_from(value);
  } else if (key == "filter") {
    link.filter = filter_from(value);
  } else if (key == "rate") {
    link.rate = static_cast<std::uint64_t>(integer(value));
  } else if (key == "addresses") {
    link.addresses = addresses_from(value);
  } else if (key == "addr_gen") {
    link.addr_gen = addr_gen_from(value);
  } else if (key == "ra") {
    link.ra = value == "1";
  } else if (key == "apart") {
    link.apart = value == "1";
  } else if (key == "birth.mac") {
    link.birth.mac = mac_from(value);
  } else if (key == "birth.mtu") {
    link.birth.mtu = static_cast<unsigned>(integer(value));
  } else if (key.starts_with("birth.")) {
    put_option(link.birth.options, owner_of_text(link.kind), key.substr(6), value);
  } else if (key.starts_with("port.")) {
    const auto port_key = key.substr(5);
    put_option(link.port, is_bond_port_key(port_key) ? Owner::bond_port : Owner::bridge_port,
               port_key, value);
  } else {
    put_option(options_of(link), owner_of_text(link.kind), key, value);
  }
}

Kind kind_from(std::istringstream& words, const std::string& word) {
  if (word == "given") return Given{};
  if (word == "bond") return Bond{};
  if (word == "bridge") return Bridge{};
  if (word != "vlan") nonsense(word);
  std::string id, on, parent;
  words >> id >> on >> parent;
  const auto vid = VlanId::parse(id);
  if (!vid || on != "on") nonsense(id);
  return Vlan{.parent = name_from(parent), .id = *vid};
}

std::optional<Link> link_from(std::istringstream& words, const LinkName& name) {
  std::string word;
  words >> word;
  if (word == "absent") return std::nullopt;
  Link link{.name = name, .kind = kind_from(words, word)};
  while (words >> word) {
    if (word == "in") {
      words >> word;
      link.controller = name_from(word);
    } else if (word == "keep") {
      link.keep_controller = true;
    } else if (word == "up" || word == "down") {
      link.up = word == "up";
    } else if (word == "ours") {
      link.ours = true;
    } else if (word == "802.1ad") {
      std::get<Vlan>(link.kind).protocol = VlanProtocol::ieee_802_1ad;
    } else {
      const auto equals = word.find('=');
      if (equals == std::string::npos) nonsense(word);
      put_setting(link, word.substr(0, equals), word.substr(equals + 1));
    }
  }
  return link;
}

std::string print_options(const Options& options, const std::string& before) {
  std::string text;
  for (const auto& [option, value] : options) {
    const OptionSpec& row = spec(option);
    text += " " + before + std::string(row.key) + "=" + value_text(row, value);
  }
  return text;
}

std::string print_vlans(const std::vector<PortVlan>& vlans) {
  std::string text;
  for (const auto& vlan : vlans)
    text.append(text.empty() ? "" : ",")
        .append(std::to_string(vlan.id.number()))
        .append(vlan.pvid ? "p" : "")
        .append(vlan.untagged ? "u" : "");
  return " vlans=" + text;
}

std::string print_fdb(const std::vector<FdbEntry>& fdb) {
  std::string text;
  for (const auto& entry : fdb)
    text.append(text.empty() ? "" : ",")
        .append(entry.mac.str())
        .append(entry.vlan ? "@" + std::to_string(entry.vlan->number()) : "");
  return " fdb=" + text;
}

std::string print_slb(const SlbRules& rules) {
  std::string text;
  for (const auto& port : rules.ports) text += (text.empty() ? "" : ",") + port.str();
  return " slb=" + (text.empty() ? "none" : text) + (rules.spoilt ? ",spoilt" : "");
}

std::string print_filter(const PortFilter& filter) {
  std::string text = " filter=" + std::string(word_of(filter.mode));
  if (filter.mode == Antispoof::off) return text;
  text += "/" + filter.mac.str() + (filter.bridge ? "/" + filter.bridge->str() : "");
  return text + (filter.spoilt ? ",spoilt" : "");
}

std::string print_addresses(const std::vector<LinkAddress>& addresses) {
  std::string text;
  for (const auto& a : addresses)
    text.append(text.empty() ? "" : ",")
        .append(a.address.str())
        .append("/")
        .append(std::to_string(a.prefix));
  return " addresses=" + text;
}

std::string print_kind(const Kind& kind) {
  if (std::holds_alternative<Given>(kind)) return "given";
  if (std::holds_alternative<Bond>(kind)) return "bond";
  if (std::holds_alternative<Bridge>(kind)) return "bridge";
  const auto& vlan = std::get<Vlan>(kind);
  return "vlan " + std::to_string(vlan.id.number()) + " on " + vlan.parent.str() +
         (vlan.protocol == VlanProtocol::ieee_802_1ad ? " 802.1ad" : "");
}

}  // namespace

Desired parse_desired(std::string_view text) {
  Desired desired;
  for (const auto& line : split(std::string(text), '\n')) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word.starts_with('#')) continue;
    try {
      const auto name = name_from(word);
      desired.insert_or_assign(name, link_from(words, name));
    } catch (const std::exception& error) {
      throw std::invalid_argument("\"" + std::string(error.what()) + "\" in: " + line);
    }
  }
  return desired;
}

Actual parse_actual(std::string_view text) {
  Actual links;
  for (auto& [name, link] : parse_desired(text)) links.emplace(name, link.value());
  return links;
}

std::string print(const Link& link) {
  std::string text = link.name.str() + " " + print_kind(link.kind);
  if (link.ours) text += " ours";
  if (link.controller) text += " in " + link.controller->str();
  if (link.keep_controller) text += " keep";
  if (link.up) text += *link.up ? " up" : " down";
  if (link.mtu) text += " mtu=" + std::to_string(*link.mtu);
  if (link.mac) text += " mac=" + link.mac->str();
  if (link.permanent_mac) text += " permanent_mac=" + link.permanent_mac->str();
  text += print_options(options_of(link), "") + print_options(link.port, "port.");
  if (link.vlans) text += print_vlans(*link.vlans);
  if (link.fdb) text += print_fdb(*link.fdb);
  if (link.slb) text += print_slb(*link.slb);
  if (link.filter) text += print_filter(*link.filter);
  if (link.rate) text += " rate=" + std::to_string(*link.rate);
  if (link.addr_gen)
    text += " addr_gen=" + std::string(addr_gens[static_cast<std::size_t>(*link.addr_gen)]);
  if (link.ra) text += std::string(" ra=") + (*link.ra ? "1" : "0");
  if (link.apart) text += std::string(" apart=") + (*link.apart ? "1" : "0");
  if (link.addresses) text += print_addresses(*link.addresses);
  if (link.birth.mac) text += " birth.mac=" + link.birth.mac->str();
  if (link.birth.mtu) text += " birth.mtu=" + std::to_string(*link.birth.mtu);
  return text + print_options(link.birth.options, "birth.") + "\n";
}

std::string print(const Actual& links) {
  std::string text;
  for (const auto& [name, link] : links) text += print(link);
  return text;
}

std::string print(const Desired& desired) {
  std::string text;
  for (const auto& [name, link] : desired) text += link ? print(*link) : name.str() + " absent\n";
  return text;
}

}  // namespace vifchain
