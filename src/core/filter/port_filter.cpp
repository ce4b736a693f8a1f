// SPDX-License-Identifier: Apache-2.0
#include "core/filter/port_filter.hpp"

#include "core/text/escape.hpp"
#include "core/text/hash.hpp"

namespace vifchain::inline core::inline filter {
namespace {

std::optional<Antispoof> mode_from(std::string_view wanted) {
  for (const auto mode : {Antispoof::mac, Antispoof::mac_ip, Antispoof::closed})
    if (word_of(mode) == wanted) return mode;
  return std::nullopt;
}

// What stands before the next `separator`; both are taken off the text.
std::string_view take_word(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

std::string name_or_dash(const std::optional<LinkName>& name) {
  return name ? name->str() : "-";
}

// False for what is neither an address nor, behind a "!", a router's.
bool take_address(std::string_view word, PortFilter& filter) {
  if (word.starts_with('!')) {
    const auto router = IpAddress::parse(word.substr(1));
    if (router) filter.routers.push_back(*router);
    return router.has_value();
  }
  const auto address = LinkAddress::parse(word);
  if (address) filter.addresses.push_back(*address);
  return address.has_value();
}

}  // namespace

// A quoted name in nft's language knows no escapes, and an asterisk in it stands for any end.
std::string why_not_in_a_ruleset(const LinkName& name) {
  for (const char byte : name.str())
    if (byte <= ' ' || byte > '~' || byte == '"' || byte == '\\' || byte == '*')
      return name.str() +
             " has a byte that nftables cannot carry (a space, quote, backslash or asterisk, or "
             "none "
             "of ASCII)";
  return {};
}

std::string why_no_filter(const LinkName& port, const PortFilter& filter) {
  if (filter.mode == Antispoof::off) return {};
  if (filter.mode != Antispoof::closed && !filter.mac.unicast())
    return filter.mac.str() + " is no MAC of one host";
  if (!filter.bridge) return "no bridge is known for " + port.str();
  for (const auto& name : {std::optional(port), filter.owner, filter.bridge})
    if (name)
      if (auto why = why_not_in_a_ruleset(*name); !why.empty()) return why;
  return {};
}

std::string in_identifier(const LinkName& name, std::string_view plain) {
  std::string text;
  for (const char c : name.str()) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || plain.find(c) != plain.npos;
    text += is_plain ? std::string(1, c) : "_" + hex({&c, 1});
  }
  return text;
}

std::string low_digits(std::uint64_t number, int count) {
  std::string text;
  for (; count > 0; --count, number >>= 4) text += "0123456789abcdef"[number & 15];
  return text;
}

std::string filter_text(const PortFilter& filter) {
  std::string text(word_of(filter.mode));
  text +=
      " " + filter.mac.str() + " " + name_or_dash(filter.owner) + " " + name_or_dash(filter.bridge);
  char before = ' ';
  for (const auto& address : filter.addresses) {
    text += before + address.str();
    before = ',';
  }
  for (const auto& router : filter.routers) {
    text += before + ("!" + router.str());
    before = ',';
  }
  return text;
}

std::optional<PortFilter> read_filter_text(std::string_view line) {
  const auto mode = mode_from(take_word(line, ' '));
  const auto mac = Mac::parse(take_word(line, ' '));
  if (!mode || !mac) return std::nullopt;
  PortFilter filter{.mode = *mode, .mac = *mac};
  for (auto* name : {&filter.owner, &filter.bridge}) {
    const auto word = take_word(line, ' ');
    if (word == "-") continue;
    if (*name = LinkName::parse(word); !*name) return std::nullopt;
  }
  while (!line.empty())
    if (!take_address(take_word(line, ','), filter)) return std::nullopt;
  return filter;
}

std::uint64_t filter_hash(const PortFilter& filter) {
  return hash(filter_text(filter));
}

}  // namespace vifchain::inline core::inline filter
