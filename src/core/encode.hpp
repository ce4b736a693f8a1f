// Chains and wishes as bytes and back, for keeping what was already checked, or the way back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/dhcp.hpp"
#include "core/topology.hpp"

namespace vifchain {

// Changes whenever encode() writes something else.
inline constexpr std::uint32_t encoding = 5;

std::string encode(const Chain& chain);

// The chain that was encoded; nothing when the bytes are no such thing.
std::optional<Chain> decode(std::string_view bytes);

// The same for what a host is to be like again.
struct WayBack {
  std::string config;                             // the file that was applied
  std::optional<std::string> config_then = {};    // its text
  std::optional<std::string> config_before = {};  // the text that the host was as before it
  std::int64_t until = 0;                         // time(2) at which it goes back
  Desired goal = {};
  std::vector<DhcpClient> clients = {};  // those of ours that ran
};
std::string encode(const WayBack& way);
std::optional<WayBack> decode_way_back(std::string_view bytes);

}  // namespace vifchain
