// SPDX-License-Identifier: Apache-2.0
#include "core/model/name.hpp"

#include <arpa/inet.h>

#include <vector>

#include "core/text/decimal.hpp"
#include "core/text/escape.hpp"

namespace vifchain::inline core::inline model {
namespace {

constexpr std::size_t longest_link_name = 15;  // IFNAMSIZ - 1

// White space as the kernel's own isspace() has it (lib/ctype.c): 0xa0 is among it.
bool kernel_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

// dev_valid_name refuses '/', ':' and white space; dev_get_valid_name takes '%' for a pattern, so
// that no link has it in its name; a NUL ends a name.
std::string forbidden_byte(std::string_view text) {
  for (const char c : text) {
    if (c == '/' || c == ':' || c == '%') return std::string("has '") + c + "' in it";
    if (c == '\0') return "has a NUL byte in it";
    if (kernel_space(c)) return "has white space in it";
  }
  return {};
}

// Decimal without sign and without leading zeros.
std::optional<unsigned> plain_decimal(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return decimal(text);
}

// Up to eight bytes, the first one highest.
std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return bytes.empty() ? 0 : number << 8 * (8 - bytes.size());
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

std::string why_no_link_name(std::string_view text) {
  if (text.empty()) return "is empty";
  if (text.size() > longest_link_name)
    return "is " + std::to_string(text.size()) + " bytes long, at most 15 are allowed";
  if (text == "." || text == "..") return "is no name for a link";
  return forbidden_byte(text);
}

LinkName::LinkName(std::string_view text)
    : text_(text),
      order_(number_of(text.substr(0, 8)),
             number_of(text.substr(text.size() < 8 ? text.size() : 8))) {}

std::optional<LinkName> LinkName::parse(std::string_view text) {
  if (!why_no_link_name(text).empty()) return std::nullopt;
  return LinkName(text);
}

std::optional<VlanId> VlanId::from(std::int64_t number) {
  if (number < 1 || number > 4094) return std::nullopt;
  return VlanId(static_cast<std::uint16_t>(number));
}

std::optional<VlanId> VlanId::parse(std::string_view decimal) {
  const auto number = plain_decimal(decimal);
  return number ? from(*number) : std::nullopt;
}

std::optional<Mac> Mac::parse(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.size() != 6) return std::nullopt;
  Mac mac;
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = parts[i].size() == 2 ? decimal<std::uint8_t>(parts[i], 16) : std::nullopt;
    if (!byte) return std::nullopt;
    mac.bytes[i] = *byte;
  }
  return mac;
}

std::string Mac::str() const {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    if (!text.empty()) text += ':';
    text += {digits[byte >> 4], digits[byte & 0xf]};
  }
  return text;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find('\0') != text.npos) return std::nullopt;
  const std::string whole(text);
  for (const bool v6 : {false, true}) {
    IpAddress address{.v6 = v6};
    if (inet_pton(v6 ? AF_INET6 : AF_INET, whole.c_str(), address.bytes.data()) == 1)
      return address;
  }
  return std::nullopt;
}

std::string IpAddress::str() const {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text);
}

IpAddress link_local_of(const Mac& mac) {
  const auto& m = mac.bytes;
  IpAddress address{.v6 = true};
  address.bytes = {0xfe, 0x80, 0,    0,    0,    0,    0,   0, static_cast<std::uint8_t>(m[0] ^ 2),
                   m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]};
  return address;
}

}  // namespace vifchain::inline core::inline model
