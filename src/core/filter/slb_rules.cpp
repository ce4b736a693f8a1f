// SPDX-License-Identifier: Apache-2.0
#include "core/filter/slb_rules.hpp"

#include <algorithm>

#include "core/filter/port_filter.hpp"
#include "core/text/hash.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline filter {
namespace {

// Offsets in bits: @ll,0,48 is the receiver's MAC, @ll,48,48 the sender's, @ll,55,1 its group bit,
// @ll,96,16 the type, @ll,116,12 the VLAN of a frame that is tagged. @ll,0,128 are both MACs, the
// type, and the VLAN tag or the first two bytes behind the type: the same in every copy of a frame.
// Raw, because names like `ether saddr` ask for the type of the link that a frame came from, and a
// frame that goes out came from none (nf_hook_egress in include/linux/netfilter_netdev.h).
//
// `add` leaves an entry that is there as it is, and of two processors that add the same key one
// does (nft_rhash_update in net/netfilter/nft_set_hash.c), so that every copy meets one and the
// same first port. What is in the map can only be compared by way of the packet's mark, which is
// nobody's yet where a frame comes in. Where the map is full the first of the ports counts.
//
// An address of a group is nobody's, so frames from one are not remembered: frames to the group
// would pass on every port.
constexpr std::string_view shared = R"(
  set tagged { typeof @ll,48,48 . @ll,116,12; size 65535; flags dynamic,timeout; timeout 1s; }
  set untagged { typeof @ll,48,48; size 65535; flags dynamic,timeout; timeout 1s; }
  map first { typeof @ll,0,128 : meta mark; size 65535; flags dynamic,timeout; timeout 100ms; }
  chain sent {
    @ll,55,1 1 return
    @ll,96,16 0x8100 update @tagged { @ll,48,48 . @ll,116,12 } return
    update @untagged { @ll,48,48 }
  }
  chain known {
    @ll,0,44 0x0180c200000 accept
    @ll,96,16 0x8100 goto known_tagged
    @ll,48,48 @untagged counter drop comment "sent from here"
    @ll,0,48 @untagged accept
  }
  chain known_tagged {
    @ll,48,48 . @ll,116,12 @tagged counter drop comment "sent from here"
    @ll,0,48 . @ll,116,12 @tagged accept
  }
  chain first_port {
    meta mark set 1
    meta mark set @ll,0,128 map @first
  }
)";
constexpr std::uint32_t shared_parts = 7;
constexpr std::uint32_t parts_of_a_port = 2;

// nft takes no longer one.
constexpr std::size_t longest_comment = 128;

std::string hook(std::string_view direction, const LinkName& port) {
  return "type filter hook " + std::string(direction) + " device \"" + port.str() +
         "\" priority 0; policy accept;";
}

std::string chains_of(const LinkName& port, const std::string& number) {
  const std::string entry = "@first { @ll,0,128 : " + number + " }\n";
  return "  chain out" + number + " {\n    " + hook("egress", port) + "\n    jump sent\n  }\n" +
         "  chain in" + number + " {\n    " + hook("ingress", port) + "\n    jump known\n" +
         "    add " + entry + "    jump first_port\n    meta mark != " + number +
         " counter drop comment \"came by another port\"\n    update " + entry +
         "    meta mark set 0\n  }\n";
}

std::string chains_of(const std::vector<LinkName>& ports) {
  std::string text;
  std::size_t number = 0;
  for (const auto& port : ports) text += chains_of(port, std::to_string(++number));
  return text;
}

// Changes with every change of the rules.
std::string version() {
  return low_digits(hash(std::string(shared) + chains_of({*LinkName::parse("port")})), 8);
}

std::string comment_for(const std::vector<LinkName>& ports) {
  return version() + " " + joined(ports, &LinkName::str, " ");
}

}  // namespace

std::string why_no_slb_rules(const LinkName& bond, const std::vector<LinkName>& ports) {
  if (auto why = why_not_in_a_ruleset(bond); !why.empty()) return why;
  for (const auto& port : ports)
    if (auto why = why_not_in_a_ruleset(port); !why.empty()) return why;
  if (comment_for(ports).size() <= longest_comment) return {};
  return "the names of its ports have " + std::to_string(comment_for(ports).size()) +
         " letters, and nftables keeps " + std::to_string(longest_comment);
}

// Letters, digits, dots and dashes may stand in a table's name.
std::string slb_table(const LinkName& bond) {
  return "vifchain-slb-" + in_identifier(bond, ".-");
}

// To delete a table it must be there.
std::string drop_slb_rules(const LinkName& bond) {
  const std::string table = "table netdev " + slb_table(bond) + "\n";
  return "add " + table + "delete " + table;
}

std::string put_slb_rules(const LinkName& bond, const std::vector<LinkName>& ports) {
  return drop_slb_rules(bond) + "table netdev " + slb_table(bond) + " {\n  comment \"" +
         comment_for(ports) + "\"\n" + std::string(shared) + chains_of(ports) + "}\n";
}

SlbRules read_slb_rules(std::string_view comment, std::uint32_t parts) {
  SlbRules rules;
  const auto mine = version();
  rules.spoilt = comment.substr(0, mine.size()) != mine;
  for (auto rest = comment; rest.find(' ') != std::string_view::npos;) {
    rest.remove_prefix(rest.find(' ') + 1);
    const auto port = LinkName::parse(rest.substr(0, rest.find(' ')));
    if (port) rules.ports.push_back(*port);
    if (!port) rules.spoilt = true;
  }
  const auto ports = static_cast<std::uint32_t>(rules.ports.size());
  if (ports == 0 || parts != shared_parts + ports * parts_of_a_port) rules.spoilt = true;
  std::ranges::sort(rules.ports);
  return rules;
}

}  // namespace vifchain::inline core::inline filter
