// Who may send what through one port of a bridge, as a value and as one line of text.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/link.hpp"
#include "core/policy.hpp"

namespace vifchain {

struct Guard {
  LinkName port;    // the present name of the link
  LinkName bridge;  // where it is, or is about to be, a port
  Antispoof mode = Antispoof::mac;
  Mac mac;                             // the guest's
  std::vector<LinkAddress> addresses;  // mac_ip only: hosts and networks it may speak as

  bool operator==(const Guard&) const = default;
};

// Why there can be no filter for it, as half a sentence; empty when there can.
std::string why_no_guard(const Guard& guard);

// Why nft's language cannot carry the name, as half a sentence; empty when it can.
std::string why_not_in_a_ruleset(const LinkName& name);

// "vif5.0 xenbr0 mac-ip 02:00:00:00:00:05 192.0.2.5/32,2001:db8::/64", and back; nothing for what
// is no such line.
std::string guard_text(const Guard& guard);
std::optional<Guard> read_guard(std::string_view line);

}  // namespace vifchain
