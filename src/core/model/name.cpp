// SPDX-License-Identifier: Apache-2.0
#include "core/model/name.hpp"

#include <algorithm>
#include <charconv>
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

std::string hex(unsigned number) {
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  return {digits, end};
}

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
  const auto parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = plain_decimal(parts[i]);
    if (!number || *number > 255) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*number);
  }
  return bytes;
}

using Groups = std::vector<std::uint16_t>;

bool append_group(Groups& groups, std::string_view text) {
  const auto number = text.size() > 4 ? std::nullopt : decimal<std::uint16_t>(text, 16);
  if (number) groups.push_back(*number);
  return number.has_value();
}

bool append_v4(Groups& groups, std::string_view text) {
  const auto bytes = parse_v4(text);
  if (!bytes) return false;
  for (std::size_t i = 0; i < 4; i += 2)
    groups.push_back(static_cast<std::uint16_t>((*bytes)[i] << 8 | (*bytes)[i + 1]));
  return true;
}

// The groups of one side of "::"; the last part may be an IPv4 address (RFC 4291 section 2.2).
std::optional<Groups> parse_groups(std::string_view text, bool v4_allowed) {
  Groups groups;
  if (text.empty()) return groups;
  const auto parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool v4 = v4_allowed && i + 1 == parts.size() && parts[i].find('.') != parts[i].npos;
    if (!(v4 ? append_v4(groups, parts[i]) : append_group(groups, parts[i]))) return std::nullopt;
  }
  return groups;
}

std::optional<Groups> all_eight_groups(std::string_view text) {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return parse_groups(text, true);
  auto head = parse_groups(text.substr(0, gap), false);
  const auto tail = parse_groups(text.substr(gap + 2), true);
  if (!head || !tail || head->size() + tail->size() > 7) return std::nullopt;
  head->resize(8 - tail->size());
  head->insert(head->end(), tail->begin(), tail->end());
  return head;
}

std::string v4_text(const std::uint8_t* bytes) {
  std::string text = std::to_string(bytes[0]);
  for (int i = 1; i < 4; ++i) text += '.' + std::to_string(bytes[i]);
  return text;
}

struct Run {
  std::size_t begin = 0, size = 0;
};

// The first longest run of zero groups, of two at least (RFC 5952 section 4.2).
Run zeros_to_shorten(const std::array<std::uint16_t, 8>& groups) {
  Run best, run;
  for (std::size_t i = 0; i < 8; ++i) {
    run = groups[i] != 0 ? Run{i + 1, 0} : Run{run.begin, run.size + 1};
    if (run.size > best.size) best = run;
  }
  return best.size >= 2 ? best : Run{};
}

std::string v6_text(const std::array<std::uint16_t, 8>& groups) {
  const Run zeros = zeros_to_shorten(groups);
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (zeros.size != 0 && i == zeros.begin) {
      text += "::";
      i += zeros.size - 1;
    } else {
      if (!text.empty() && text.back() != ':') text += ':';
      text += hex(groups[i]);
    }
  }
  return text;
}

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

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
  std::string text;
  for (const auto byte : bytes) {
    if (!text.empty()) text += ':';
    text += (byte < 16 ? "0" : "") + hex(byte);
  }
  return text;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  if (const auto v4 = parse_v4(text)) {
    std::copy(v4->begin(), v4->end(), address.bytes.begin());
    return address;
  }
  const auto groups = all_eight_groups(text);
  if (!groups || groups->size() != 8) return std::nullopt;
  address.v6 = true;
  for (std::size_t i = 0; i < 8; ++i) {
    address.bytes[2 * i] = static_cast<std::uint8_t>((*groups)[i] >> 8);
    address.bytes[2 * i + 1] = static_cast<std::uint8_t>((*groups)[i] & 0xff);
  }
  return address;
}

std::string IpAddress::str() const {
  if (!v6) return v4_text(bytes.data());
  if (std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin()))
    return "::ffff:" + v4_text(bytes.data() + mapped_prefix.size());
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < 8; ++i)
    groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  return v6_text(groups);
}

IpAddress link_local_of(const Mac& mac) {
  const auto& m = mac.bytes;
  IpAddress address{.v6 = true};
  address.bytes = {0xfe, 0x80, 0,    0,    0,    0,    0,   0, static_cast<std::uint8_t>(m[0] ^ 2),
                   m[1], m[2], 0xff, 0xfe, m[3], m[4], m[5]};
  return address;
}

}  // namespace vifchain::inline core::inline model
