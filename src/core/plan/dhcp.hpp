// SPDX-License-Identifier: Apache-2.0
// dom0's DHCP clients as values: which should run, which do, and what is to be done about it.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/model/hosting.hpp"
#include "core/model/link.hpp"

namespace vifchain::inline core::inline plan {

// A client at work on a link, for one family; what serves both is two of these.
struct DhcpClient {
  DhcpProgram program{};
  std::optional<LinkName> link = {};  // none: it takes every link that it finds
  bool v6 = false;
  int pid = 0;                          // 0: a part of systemd-networkd
  bool ours = false;                    // vifchain started it
  std::vector<LinkAddress> found = {};  // of ours: addresses that were on the link before it

  bool operator==(const DhcpClient&) const = default;
};

// A client of ours that is to end. Its lease stays its own: it asks for the same address again.
struct DhcpStop {
  DhcpClient client;
  std::string because;
  bool starts_again = false;
};

// A client that is to run. `program`: the one that the file names, or else the one that is found.
struct DhcpStart {
  LinkName link;
  bool v6 = false;
  std::optional<DhcpProgram> program = {};
  std::string because = {};
};

struct DhcpPlan {
  std::vector<DhcpStop> stops;          // before any link is changed
  std::vector<DhcpStart> starts;        // once all of them are as wanted
  std::vector<std::string> notes = {};  // each a sentence for the administrator
  [[nodiscard]] bool empty() const { return stops.empty() && starts.empty(); }
};

// What it takes that the links of `desired` have the clients of their Hosting, and no other of
// ours. Clients on other links are left alone, but those of ours whose link is not there any more
// end. A client that runs as wanted is never restarted, unless its link is made anew; one of
// somebody else's on a link serves as well, and is never stopped.
DhcpPlan plan_dhcp(const Desired& desired, const Actual& actual,
                   const std::map<LinkName, Hosting>& hosting,
                   const std::vector<DhcpClient>& running);

// What a client that ends for good leaves on its link, and nobody wants then: the addresses that
// came after it was started and have an end, without those that the kernel made of router
// advertisements; those that it takes where no server answers (169.254.0.0/16, RFC 3927);
// and the routes that lead nowhere without them or are the client's own. Nothing of links that
// become ports: they hand all of it up.
struct DhcpLeavings {
  std::vector<LinkAddress> addresses;
  std::vector<Route> routes;
};
std::map<LinkName, DhcpLeavings> leavings(const DhcpPlan& plan, const Desired& desired,
                                          const Actual& actual);

// Whether a gateway is a neighbour of one of these addresses.
bool leads_through(const std::vector<LinkAddress>& addresses, const IpAddress& gateway);

// The clients that this host has.
struct DhcpPrograms {
  std::set<DhcpProgram> there;
  bool udhcpc6 = false;  // beside udhcpc, which knows IPv4 alone
};

// The program for `start`, or why there is none: half a sentence, what was found and what to do.
// `fixed`: its link is to have addresses without an end of the family, which dhclient's script
// takes away; `running` may have a client that takes every link already.
std::variant<DhcpProgram, std::string> choose_program(const DhcpStart& start,
                                                      const DhcpPrograms& programs, bool fixed,
                                                      const std::vector<DhcpClient>& running);

// Where a link's clients are otherwise than its Hosting, each half a sentence. Null: it has none.
std::vector<std::string> dhcp_differences(const Hosting* hosting,
                                          const std::vector<DhcpClient>& on_link);

// "IPv4", "IPv6".
std::string family_in_words(bool v6);

// The names that the file has: "networkd", "dhcpcd", "dhclient", "udhcpc".
std::string name_of(DhcpProgram program);

// "dhclient (pid 812)"; a client of systemd-networkd has no pid.
std::string in_words(const DhcpClient& client);

// A change as one line for people: "stop dhclient (pid 812) on xenbr0, IPv4".
std::string describe(const DhcpStop& stop);
std::string describe(const DhcpStart& start);

}  // namespace vifchain::inline core::inline plan
