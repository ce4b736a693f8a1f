// SPDX-License-Identifier: Apache-2.0
// A host that has its IPv6 from a router's advertisements, and the bridge that takes the NIC's
// place: the router is this test, with advertisements made by hand.
#include <gtest/gtest.h>

#include <optional>

#include "frames.hpp"
#include "host.hpp"

namespace vifchain {
namespace {

using namespace test;

const IpAddress router = IpAddress::parse("fe80::1").value();
const IpAddress all_nodes = IpAddress::parse("ff02::1").value();

// Seconds.
struct Lifetimes {
  std::uint16_t router = 1800;
  std::uint32_t valid = 3600, preferred = 1800;
};

Bytes advertisement(const Lifetimes& times) {
  const Bytes prefix = join({{3, 4, 64, 0xc0},
                             be32(times.valid),
                             be32(times.preferred),
                             be32(0),
                             bytes_of(IpAddress::parse("2001:db8:77::").value())});
  const Bytes body = join({{64, 0}, be16(times.router), be32(0), be32(0), prefix});
  const Mac mac{{0x02, 0, 0, 0, 0, 0x01}}, to{{0x33, 0x33, 0, 0, 0, 1}};
  return frame(to, mac, type_ip6,
               ip6(router, all_nodes, icmp6, icmp6_between(router, all_nodes, 134, body)));
}

class HostRa : public testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    sh("ip link set eth0_far addrgenmode none && ip link set eth0 addrgenmode eui64 && "
       "ip link set eth0 up");
    wire_.emplace("eth0_far");
  }

  // One sees to it that whoever takes advertisements has an address, and a route.
  void advertise(const Lifetimes& times = {}) { wire_->send(advertisement(times)); }

  static std::string addresses(const std::string& link) {
    return sh("ip -6 -o addr show dev " + link + " scope global | grep -o '2001:[^ ]*' || :");
  }

  static std::string default_routes() { return sh("ip -6 route show default"); }

  void have_ipv6() {
    ASSERT_TRUE(eventually([&] {
      advertise();
      return !addresses("eth0").empty() && has(default_routes(), "dev eth0 proto ra");
    }));
  }

  static bool reaches_router() {
    return has(sh("ip -6 route get 2001:db8:99::1 || :"), "via fe80::1 dev xenbr0");
  }

  static std::string accept_ra(const std::string& link) {
    return sh("cat /proc/sys/net/ipv6/conf/" + link + "/accept_ra");
  }

  static constexpr const char* with_ra = "[bridge.xenbr0]\nports = [\"eth0\"]\nra = true\n";

  std::optional<Host> host_;
  std::optional<Wire> wire_;
};

TEST_F(HostRa, ApplyRefusesToLoseItAndSaysWhatToWrite) {
  have_ipv6();
  const auto before = addresses("eth0");
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "hint: ra = true in [bridge.xenbr0]")) << ran.err;
  EXPECT_EQ(addresses("eth0"), before);
  EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
  EXPECT_EQ(vifchain("plan").exit_code, 1);
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nra = false\n");
  EXPECT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(addresses("xenbr0"), "");
}

TEST_F(HostRa, AddressAndWayOutLiveThroughApplyAndDown) {
  have_ipv6();
  const auto before = addresses("eth0");
  Host::write_config(with_ra);
  const Ran ran = vifchain("apply");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(addresses("xenbr0"), before);
  EXPECT_TRUE(reaches_router()) << default_routes();
  EXPECT_FALSE(has(default_routes(), "metric 1024")) << default_routes();
  EXPECT_TRUE(has(sh("ip -6 route"), "2001:db8:77::/64 dev xenbr0 proto kernel"));
  EXPECT_FALSE(has(sh("ip -6 route"), "dev eth0"));
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
  EXPECT_TRUE(eventually([&] {
    advertise();
    return has(default_routes(), "dev xenbr0 proto ra metric 1024");
  })) << default_routes();
  EXPECT_FALSE(has(default_routes(), "metric 1025")) << "the kernel's own took its place";
  EXPECT_EQ(addresses("xenbr0"), before);
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
  const Ran down = vifchain("down --all");
  ASSERT_EQ(down.exit_code, 0) << down.err;
  EXPECT_EQ(addresses("eth0"), before);
  EXPECT_TRUE(has(default_routes(), "via fe80::1 dev eth0")) << default_routes();
  EXPECT_TRUE(eventually([&] {
    advertise();
    return has(default_routes(), "dev eth0 proto ra metric 1024");
  })) << default_routes();
}

// With lifetimes that one lost advertisement more than halves nothing is left of what was copied.
TEST_F(HostRa, SixtyAdvertisementsWithLifetimesOfSecondsAreAllTaken) {
  have_ipv6();
  const auto before = addresses("eth0");
  Host::write_config(with_ra);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  for (int i = 0; i < 60; ++i) {
    advertise({.router = 20, .valid = 7300, .preferred = 20});
    sh("sleep 0.05");
  }
  EXPECT_TRUE(eventually([&] {
    return has(sh("ip -6 addr show dev xenbr0"), "preferred_lft 20sec") ||
           has(sh("ip -6 addr show dev xenbr0"), "preferred_lft 19sec");
  })) << sh("ip -6 addr show dev xenbr0");
  EXPECT_TRUE(has(default_routes(), "dev xenbr0 proto ra metric 1024 expires")) << default_routes();
  EXPECT_FALSE(has(default_routes(), "1025")) << default_routes();
  EXPECT_EQ(addresses("xenbr0"), before);
}

TEST_F(HostRa, ARouterThatGivesUpTakesTheStandInAway) {
  have_ipv6();
  Host::write_config(with_ra);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_TRUE(has(default_routes(), "metric 1025")) << default_routes();
  EXPECT_TRUE(eventually([&] {
    advertise({.router = 0});
    return default_routes().empty();
  })) << default_routes();
  EXPECT_NE(addresses("xenbr0"), "") << "its addresses are not the router's matter";
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
}

TEST_F(HostRa, AFailureGivesAllOfItBack) {
  have_ipv6();
  const auto before = addresses("eth0");
  // The client begins when all links are as wanted, and this one never does.
  sh("mkdir -p /run/bin && printf '#!/bin/sh\\nexit 1\\n' > /run/bin/udhcpc && "
     "chmod +x /run/bin/udhcpc");
  Host::write_config(std::string(with_ra) + "dhcp = \"ipv4\"\n[host]\ndhcp_client = \"udhcpc\"\n");
  EXPECT_EQ(vifchain("apply").exit_code, 1);
  EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
  EXPECT_EQ(addresses("eth0"), before);
  EXPECT_TRUE(has(default_routes(), "via fe80::1 dev eth0")) << default_routes();
  EXPECT_TRUE(eventually([&] {
    advertise();
    return has(default_routes(), "dev eth0 proto ra metric 1024");
  })) << default_routes();
}

TEST_F(HostRa, WhereTheHostForwardsTheBridgeTakesThemAllTheSame) {
  sh("echo 1 > /proc/sys/net/ipv6/conf/all/forwarding && "
     "echo 2 > /proc/sys/net/ipv6/conf/eth0/accept_ra");
  have_ipv6();
  Host::write_config(with_ra);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(accept_ra("xenbr0"), "2\n");
  EXPECT_TRUE(eventually([&] {
    advertise();
    return has(default_routes(), "dev xenbr0 proto ra metric 1024");
  })) << default_routes();
}

TEST_F(HostRa, BootMakesABridgeThatTakesThem) {
  Host::write_config(with_ra);
  sh("ip link set eth0 down");
  ASSERT_EQ(vifchain("apply --boot").exit_code, 0);
  EXPECT_TRUE(eventually([&] {
    advertise();
    return !addresses("xenbr0").empty() && has(default_routes(), "dev xenbr0 proto ra");
  }));
}

TEST_F(HostRa, WhatAnotherProgramTakesIsNamedAndNotCopied) {
  have_ipv6();
  sh("echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_ra");
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  const Ran check = vifchain("check");
  EXPECT_TRUE(has(check.out, "accept_ra is 0")) << check.out;
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(addresses("xenbr0"), "");
}

TEST_F(HostRa, ImportWritesItDown) {
  have_ipv6();
  Host::write_config(with_ra);
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const Ran ran = vifchain("import --from-kernel");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "ra    = true")) << ran.out;
  EXPECT_FALSE(has(ran.out, "2001:db8:77")) << ran.out;
}

}  // namespace
}  // namespace vifchain
