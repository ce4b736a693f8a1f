// SPDX-License-Identifier: Apache-2.0
// Guests on a bridge to which the file gives this host no address, and who try to talk to it.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "frames.hpp"
#include "host.hpp"

namespace vifchain {
namespace {

using namespace test;

const IpAddress dom0 = IpAddress::parse("192.0.2.1").value();
const IpAddress dom0_6 = IpAddress::parse("2001:db8::1").value();
const IpAddress guest = IpAddress::parse("192.0.2.66").value();
const IpAddress guest_6 = IpAddress::parse("2001:db8::66").value();
constexpr Mac guest_mac{{0x02, 0, 0, 0, 0, 0x05}};

// A port of this host's that takes UDP on all of its addresses.
class Listener {
 public:
  Listener() : socket_(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    any.sin6_port = htons(port);
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&any), sizeof any) != 0)
      throw std::runtime_error("no port to listen on");
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Datagrams that came since the last call.
  [[nodiscard]] int heard() const {
    char byte = 0;
    int count = 0;
    while (::recv(socket_, &byte, 1, 0) >= 0) ++count;
    return count;
  }

  static constexpr std::uint16_t port = 5353;

 private:
  int socket_;
};

class HostApart : public testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("ip link add lan type veth peer name lan_far && ip link set lan_far up && "
       "ip link set lan up && ip addr add 192.0.2.1/24 dev lan && "
       "ip -6 addr add 2001:db8::1/64 dev lan nodad");
    Host::write_config("[bridge.inner]\n");
    Host::add_vif(5, 0, "inner");
    Host::add_vif(6, 0, "inner");
  }

  // The guest's end of the vif.
  static std::string end_of(unsigned domid) {
    return sh("ip -o link show dev vif" + std::to_string(domid) +
              ".0 | grep -o '@[^:]*' | tr -d '@\\n'");
  }

  void start_guests() {
    ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
    ASSERT_EQ(Host::vif_chain("online", 6, 0).exit_code, 0);
    // They are links of this host's own here, and are to answer nobody.
    for (const unsigned domid : {5U, 6U})
      sh("ip link set " + end_of(domid) + " addrgenmode none arp off up");
    five_.emplace(end_of(5));
    six_.emplace(end_of(6));
  }

  static Mac mac_of(const std::string& link) {
    return Mac::parse(sh("ip -o link show dev " + link +
                         " | grep -o 'ether [0-9a-f:]*' | cut -c7- | tr -d '\\n'"))
        .value();
  }

  // Everything that a guest can try: it asks who has the host's address, and sends to it over the
  // bridge's own MAC.
  void try_all() {
    const Mac bridge = mac_of("inner");
    five_->send(frame(everybody, guest_mac, type_arp,
                      arp({.sender = guest_mac, .sender_ip = guest, .target_ip = dom0})));
    five_->send(frame(bridge, guest_mac, type_ip4,
                      ip4(guest, dom0, udp, udp_between(guest, dom0, 99, Listener::port, {'x'}))));
    five_->send(
        frame(bridge, guest_mac, type_ip6,
              ip6(guest_6, dom0_6, udp, udp_between(guest_6, dom0_6, 99, Listener::port, {'x'}))));
  }

  // A frame between the guests comes after all that was sent before it.
  [[nodiscard]] std::vector<Bytes> answers() {
    const Bytes last = frame(guest_mac, mac_of(end_of(6)), 0x88b5, zeros(46));
    six_->send(last);
    return five_->heard_until(last);
  }

  static bool has_arp_answer(const std::vector<Bytes>& frames) {
    for (const auto& one : frames)
      if (one.size() > 21 && one[12] == 8 && one[13] == 6 && one[21] == 2) return true;
    return false;
  }

  std::optional<Host> host_;
  std::optional<Wire> five_, six_;
};

TEST_F(HostApart, NoArpNoUdpAndNoRouterOfAGuestsReachesTheHost) {
  start_guests();
  const Listener listener;
  static_cast<void>(answers());
  try_all();
  EXPECT_FALSE(has_arp_answer(answers()));
  EXPECT_EQ(listener.heard(), 0);
  EXPECT_EQ(sh("ip -6 addr show dev inner"), "") << "no link-local address";
  EXPECT_EQ(sh("cat /proc/sys/net/ipv6/conf/inner/accept_ra"), "0\n");
  // What it is for: without the filter all of it comes in.
  sh("tc qdisc del dev inner clsact");
  EXPECT_TRUE(eventually([&] {
    try_all();
    return has_arp_answer(answers()) && listener.heard() > 0;
  }));
}

TEST_F(HostApart, ApplySeesThatItIsGoneAndPutsItBack) {
  start_guests();
  ASSERT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
  sh("tc qdisc del dev inner clsact");
  const Ran plan = vifchain("plan");
  EXPECT_EQ(plan.exit_code, 2);
  EXPECT_TRUE(has(plan.out, "close this host to traffic from inner")) << plan.out;
  EXPECT_TRUE(has(vifchain("status").out, "access to this host: expected closed, found open"));
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(vifchain("plan").exit_code, 0);
  const Listener listener;
  try_all();
  EXPECT_FALSE(has_arp_answer(answers()));
  EXPECT_EQ(listener.heard(), 0);
}

TEST_F(HostApart, AFlushOfTheRulesetIsNoWayIn) {
  start_guests();
  sh("nft flush ruleset");
  const Listener listener;
  try_all();
  EXPECT_FALSE(has_arp_answer(answers()));
  EXPECT_EQ(listener.heard(), 0);
}

TEST_F(HostApart, WhatOthersGaveIsLeftAloneAndNamed) {
  start_guests();
  sh("ip addr add 198.51.100.1/24 dev inner");
  const Ran check = vifchain("check");
  EXPECT_TRUE(has(check.out, "198.51.100.1/24 from another program")) << check.out;
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(sh("ip addr show dev inner"), "198.51.100.1/24"));
  EXPECT_EQ(sh("tc filter show dev inner ingress"), "");
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
}

TEST_F(HostApart, TheFilesAddressOpensItAndGoesWithIt) {
  start_guests();
  Host::write_config("[bridge.inner]\naddresses = [\"192.0.2.9/24\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(sh("tc qdisc show dev inner clsact"), "");
  Host::write_config("[bridge.inner]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(sh("tc filter show dev inner ingress"), "direct-action"));
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
}

TEST_F(HostApart, AFilterOfSomebodyElsesStaysBesideOurs) {
  start_guests();
  sh("tc filter add dev inner ingress prio 5 protocol all bpf da bytecode '1,6 0 0 4294967295'");
  Host::write_config("[bridge.inner]\naddresses = [\"192.0.2.9/24\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const auto filters = sh("tc filter show dev inner ingress");
  EXPECT_TRUE(has(filters, "pref 5")) << filters;
  EXPECT_FALSE(has(filters, "pref 30307")) << filters;
}

TEST_F(HostApart, AQuerierKeepsItsAddressAndSaysSo) {
  Host::write_config("[bridge.inner]\nmcast_querier = true\n");
  start_guests();
  EXPECT_TRUE(has(sh("ip -6 addr show dev inner"), "fe80"));
  EXPECT_TRUE(has(vifchain("check").out, "keeps an IPv6 link-local address for mcast_querier"));
  const Listener listener;
  try_all();
  EXPECT_EQ(listener.heard(), 0);
}

TEST_F(HostApart, AnMtuWithoutIpv6IsNoError) {
  for (const unsigned mtu : {1279U, 576U, 68U}) {
    Host::write_config("[bridge.inner]\nmtu = " + std::to_string(mtu) + "\n");
    ASSERT_EQ(vifchain("apply").exit_code, 0) << mtu;
    EXPECT_EQ(vifchain("plan").exit_code, 0) << mtu << vifchain("plan").out;
    ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << mtu;
    ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << mtu;
    ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0) << mtu;
  }
  Host::write_config("[bridge.inner]\nmtu = 1500\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(vifchain("plan").exit_code, 0) << vifchain("plan").out;
  EXPECT_EQ(sh("ip -6 addr show dev inner"), "");
}

TEST_F(HostApart, AGuestFindsTheBridgeByAnotherNameOfIt) {
  sh("ip link add br0 type bridge && ip link set br0 up && "
     "ip link property add dev br0 altname lan0");
  Host::add_vif(7, 0, "lan0");
  const Ran ran = Host::vif_chain("online", 7, 0);
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(sh("ip link show dev vif7.0"), "master br0"));
}

}  // namespace
}  // namespace vifchain
