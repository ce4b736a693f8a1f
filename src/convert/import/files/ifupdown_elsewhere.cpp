// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/ifupdown_elsewhere.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace vifchain::inline convert {
namespace {

struct Elsewhere {
  std::string_view beginning;  // of the key
  std::string_view why;
};

constexpr std::string_view of_the_nic = "a NIC's own settings stay with ethtool";
constexpr std::string_view of_the_kernel = "kernel settings stay in sysctl.d";
constexpr std::string_view of_the_client = "the DHCP client's own settings stay with it";
constexpr std::string_view wireless = "wireless links are no ports of bridges";
constexpr std::string_view no_tunnels = "vifchain makes no tunnels";

constexpr Elsewhere elsewhere[] = {
    {"dns-", "name servers stay with resolvconf or /etc/resolv.conf"},
    {"accept-ra", of_the_kernel},
    {"autoconf", of_the_kernel},
    {"privext", of_the_kernel},
    {"dad-", of_the_kernel},
    {"ip-forward", of_the_kernel},
    {"ip6-forward", of_the_kernel},
    {"ip-rp-filter", of_the_kernel},
    {"rp-filter", of_the_kernel},
    {"ipv6-addrgen", "ports get no IPv6 addresses of their own"},
    {"hostname", of_the_client},
    {"client", of_the_client},
    {"vendor", of_the_client},
    {"leasetime", of_the_client},
    {"leasehours", of_the_client},
    {"request-prefix", of_the_client},
    {"wpa-", wireless},
    {"wireless-", wireless},
    {"ethernet-", of_the_nic},
    {"link-", of_the_nic},
    {"offload-", of_the_nic},
    {"hardware-", of_the_nic},
    {"driver-", of_the_nic},
    {"ethtool", of_the_nic},
    {"gro-", of_the_nic},
    {"gso-", of_the_nic},
    {"tso-", of_the_nic},
    {"lro-", of_the_nic},
    {"ovs-", "Open vSwitch is not set up by vifchain"},
    {"vxlan-", no_tunnels},
    {"tunnel-", no_tunnels},
    {"vrf", "vifchain has no VRFs"},
    {"address-virtual", "vifchain has no second router to share an address with"},
    {"mstpctl-", "MSTP stays with mstpd"},
    {"clag", "multi-chassis bonds need Cumulus' own daemon"},
    {"pointopoint", "an address has no peer in a vifchain.toml"},
    {"scope", "an address has no scope in a vifchain.toml"},
    {"preferred-lifetime", "addresses in a vifchain.toml have no lifetime"},
    {"mapping", "a script chooses the stanza when the link comes up: name one"},
    {"alias", "a link has no second name in a vifchain.toml"},
    {"description", "a link has no description in a vifchain.toml: write a comment"},
    {"ttl", no_tunnels},
    {"endpoint", no_tunnels},
    {"local", no_tunnels},
    {"batman-", "vifchain has no mesh links"},
    {"provider", "vifchain dials nowhere"},
    {"ppp", "vifchain dials nowhere"},
};

}  // namespace

void lose_line(const IfupLine& line, const std::string& link, DraftConfig& draft) {
  const auto found = std::ranges::find_if(
      elsewhere, [&](const Elsewhere& row) { return line.key.starts_with(row.beginning); });
  draft.lose(line.at,
             found != std::end(elsewhere) ? std::string(found->why)
                                          : "vifchain knows no option \"" + line.key + "\"",
             link);
}

}  // namespace vifchain::inline convert
