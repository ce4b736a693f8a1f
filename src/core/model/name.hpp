// SPDX-License-Identifier: Apache-2.0
// Names and numbers of links that cannot hold a wrong value: parsed once, never checked again.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vifchain::inline core::inline model {

// A link's name as the kernel takes it: 1-15 bytes, no '/', ':' or white space, not "." or ".."
// (dev_valid_name in net/core/dev.c).
class LinkName {
 public:
  // The name, or nothing when the kernel would refuse it.
  static std::optional<LinkName> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const { return text_; }
  auto operator<=>(const LinkName& other) const { return order_ <=> other.order_; }
  bool operator==(const LinkName& other) const { return order_ == other.order_; }

 private:
  explicit LinkName(std::string_view text);
  std::string text_;
  // Its bytes as two numbers, which compare as the texts do: a host's links are looked up by name
  // all the time.
  std::pair<std::uint64_t, std::uint64_t> order_;
};

// Why `text` is no link name, as half a sentence ("is 17 bytes long, at most 15 are allowed");
// empty when it is one.
std::string why_no_link_name(std::string_view text);

// An 802.1Q VLAN identifier that may be assigned: 1-4094 (IEEE 802.1Q table 9-2: 0 and 4095 are
// reserved).
class VlanId {
 public:
  static std::optional<VlanId> from(std::int64_t number);
  static std::optional<VlanId> parse(std::string_view decimal);

  [[nodiscard]] std::uint16_t number() const { return number_; }
  auto operator<=>(const VlanId&) const = default;

 private:
  explicit VlanId(std::uint16_t number) : number_(number) {}
  std::uint16_t number_;
};

// A 48-bit MAC address.
struct Mac {
  std::array<std::uint8_t, 6> bytes{};

  static std::optional<Mac> parse(std::string_view text);  // aa:bb:cc:dd:ee:ff
  [[nodiscard]] std::string str() const;
  [[nodiscard]] bool unicast() const { return (bytes[0] & 1) == 0 && *this != Mac{}; }
  auto operator<=>(const Mac&) const = default;
};

// The address netback gives every vif: the highest non-multicast one, so that no bridge ever
// adopts it (drivers/net/xen-netback/interface.c).
inline constexpr Mac vif_mac{{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff}};

// An IPv4 or IPv6 address without prefix, in network byte order; IPv4 uses the first four bytes.
struct IpAddress {
  bool v6 = false;
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] std::string str() const;
  [[nodiscard]] std::uint8_t bits() const { return v6 ? 128 : 32; }  // of the longest prefix
  auto operator<=>(const IpAddress&) const = default;
};

// The link-local address that a host makes of its MAC (RFC 4291, appendix A).
IpAddress link_local_of(const Mac& mac);

}  // namespace vifchain::inline core::inline model
