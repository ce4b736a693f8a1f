// SPDX-License-Identifier: Apache-2.0
#include "core/vif/guest_address.hpp"

#include <algorithm>

#include "core/text/cursor.hpp"
#include "core/text/decimal.hpp"

namespace vifchain::inline core::inline vif {
namespace {

constexpr std::string_view separators = " \t,";

// No address is longer; more of what is none would fill the message.
constexpr std::size_t shown_length = 48;

std::string shortened(std::string_view word) {
  std::string text;
  for (const char byte : word) {
    if (text.size() >= shown_length) return '"' + text + "...\"";
    text += byte > ' ' && byte <= '~' ? std::string(1, byte) : "<" + shown(byte) + ">";
  }
  return '"' + text + '"';
}

struct Reserved {
  std::string_view network;
  std::string_view what;
};
constexpr Reserved reserved[] = {{"0.0.0.0/32", "is no host's address"},
                                 {"127.0.0.0/8", "is a loopback address"},
                                 {"224.0.0.0/4", "is a multicast address"},
                                 {"255.255.255.255/32", "is the broadcast address"},
                                 {"::/128", "is no host's address"},
                                 {"::1/128", "is a loopback address"},
                                 {"::ffff:0:0/96", "is an IPv4 address, to be written as such"},
                                 {"ff00::/8", "is a multicast address"}};

std::optional<unsigned> parse_length(std::string_view digits, unsigned most) {
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  const auto length = decimal(digits);
  return length && *length <= most ? length : std::nullopt;
}

// `word` begins at `column` of the whole text.
LinkAddress parse_word(std::string_view word, std::size_t column) {
  const auto slash = word.find('/');
  const auto address = IpAddress::parse(word.substr(0, slash));
  if (!address)
    throw BadSpec{column,
                  "expected an IP address, 192.0.2.1 or 2001:db8::/64, found " + shortened(word)};
  LinkAddress read{*address, address->bits()};
  if (slash == std::string_view::npos) return read;
  const auto length = parse_length(word.substr(slash + 1), read.prefix);
  if (!length)
    throw BadSpec{column + slash + 1, "expected a prefix length from 0 to " +
                                          std::to_string(read.prefix) + ", found " +
                                          shortened(word.substr(slash + 1))};
  read.prefix = static_cast<std::uint8_t>(*length);
  read.address = network_of(read);
  return read;
}

void refuse_reserved(std::string_view word, const LinkAddress& address, std::size_t column) {
  for (const auto& [network, what] : reserved)
    if (contains(parse_word(network, 1), address))
      throw BadSpec{column, std::string(word) + " " + std::string(what)};
}

std::vector<LinkAddress> read_all(std::string_view text) {
  std::vector<LinkAddress> addresses;
  SpecReader spec(text);
  for (;;) {
    spec.skip(separators);
    if (spec.at_end()) return addresses;
    const auto column = spec.column();
    const auto word = spec.until(separators);
    addresses.push_back(parse_word(word, column));
    refuse_reserved(word, addresses.back(), column);
  }
}

// A network is sorted before all that it contains, and networks never overlap by half.
std::vector<LinkAddress> disjoint(std::vector<LinkAddress> addresses) {
  std::sort(addresses.begin(), addresses.end());
  std::vector<LinkAddress> kept;
  for (const auto& address : addresses)
    if (kept.empty() || !contains(kept.back(), address)) kept.push_back(address);
  return kept;
}

}  // namespace

std::variant<std::vector<LinkAddress>, BadSpec> read_guest_addresses(std::string_view text) {
  return read_or_refuse([&] { return disjoint(read_all(text)); });
}

}  // namespace vifchain::inline core::inline vif
