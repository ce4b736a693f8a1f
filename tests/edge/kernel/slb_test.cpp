// SPDX-License-Identifier: Apache-2.0
// What the rules of balance-slb do to frames: two ports into a switch that knows of no bond, guests
// on a bridge above, and hosts outside. On a kernel without bonds two ports of the guests' bridge
// that send nothing to each other stand in for one; their frames then go out by both.
#include <gmock/gmock.h>
#include <poll.h>

#include <algorithm>
#include <fstream>

#include "edge/base/error.hpp"
#include "edge/kernel/slb_door.hpp"
#include "frames.hpp"
#include "host.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr Mac guest{{2, 0, 0, 0, 0, 5}}, stranger{{2, 0, 0, 0, 0, 9}};
constexpr Mac nobody{{2, 0, 0, 0, 0, 0x77}}, group{{1, 0, 0x5e, 1, 2, 3}};
constexpr std::uint16_t vlan_5 = 0x2005, vlan_5_urgent = 0xe005, vlan_6 = 0x2006;

// No two are the same.
Bytes frame_to(const Mac& to, const Mac& from) {
  static std::uint32_t number = 0;
  return frame(to, from, 0x88b6, join({be32(++number), zeros(42)}));
}

Bytes in_vlan(const Bytes& frame, std::uint16_t tag) {
  return tagged(frame, 0x8100, tag);
}

class SlbTest : public KernelTest {
 protected:
  void SetUp() override {
    without_ipv6();
    for (const char* bridge : {"switch", "xenbr0"}) make_bridge(bridge);
    for (const char* link : {"eth0", "eth1", "vif5.0", "vif6.0", "out0", "out1"}) make_nic(link);
    door_.write(bond_, ports_, "writing rules");
    is_real_ ? make_bond() : make_stand_in();
    for (const char* port : {"eth0p", "eth1p", "out0p", "out1p"}) plug(port, "switch");
    for (const char* port : {"vif5.0", "vif6.0"}) plug(port, "xenbr0");
    for (const char* end : {"vif5.0p", "vif6.0p", "out0", "out1"}) set_up(end);
    for (const char* port : {"eth0p", "eth1p", "out0p", "out1p", "vif5.0", "vif6.0", "bond1"})
      ASSERT_TRUE(forwards_soon(port)) << port;
    for (const char* port : {"eth0", "eth1"}) ASSERT_TRUE(forwards_soon(port)) << port;
    guest_.emplace("vif5.0p");
    other_guest_.emplace("vif6.0p");
    out_.emplace("out0");
    also_out_.emplace("out1");
  }

  // Its own words would be among the frames.
  static void without_ipv6() {
    std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << 1;
    std::ofstream("/proc/sys/net/ipv6/conf/all/disable_ipv6") << 1;
  }

  static void make_bridge(const std::string& bridge) {
    sh("ip link add name " + bridge + " type bridge stp_state 0 forward_delay 0 mcast_snooping 0");
    set_up(bridge);
  }

  static void plug(const std::string& port, const std::string& controller) {
    set_controller(port, controller);
    set_up(port);
  }

  static void make_bond() {
    sh("ip link add bond1 type bond mode balance-xor xmit_hash_policy vlan+srcmac miimon 100");
    for (const char* port : {"eth0", "eth1"}) set_controller(port, "bond1");
    plug("bond1", "xenbr0");
  }

  static void make_stand_in() {
    for (const std::string port : {"eth0", "eth1"}) {
      plug(port, "xenbr0");
      sh("bridge link set dev " + port + " isolated on");
    }
  }

  // Whether a bridge's port forwards, or it is no port of one. Told to forward at once where that
  // can be: the kernel looks at new links' carriers once a second.
  static bool forwards_soon(const std::string& port) {
    if (!sysfs(port + "/brport/state")) return true;
    return eventually([&] {
      sh("bridge link set dev " + port + " state 3 2>/dev/null || true");
      return sysfs(port + "/brport/state") == "3";
    });
  }

  // The switch's end of the port, and whether the host's end can be used again.
  void cut(const std::string& port) { perform(*kernel_, {SetDown{name(port + "p")}}); }
  static void mend(const std::string& port) {
    set_up(port + "p");
    ASSERT_TRUE(forwards_soon(port + "p") && forwards_soon(port));
    const auto used = [&] {
      return sysfs(port + "/bonding_slave/mii_status").value_or("up") == "up";
    };
    ASSERT_TRUE(eventually(used)) << port;
  }

  // How often the guest, or a host outside, hears what was sent, before it hears what is sent next
  // from nearby.
  [[nodiscard]] std::ptrdiff_t guest_hears(const Bytes& sent) const {
    return times(*guest_, *other_guest_, sent);
  }
  [[nodiscard]] std::ptrdiff_t outside_hears(const Bytes& sent) const {
    return times(*out_, *also_out_, sent);
  }
  static std::ptrdiff_t times(const Wire& here, const Wire& beside, const Bytes& sent) {
    const Bytes last = frame_to(everybody, Mac{{2, 0, 0, 0, 0, 0x99}});
    beside.send(last);
    return std::ranges::count(here.heard_until(last), untagged(sent));
  }

  // A frame each millisecond from one place, heard at another; `happens` after 200 of them. The
  // longest time between two that were heard one after the other, without the time that the event
  // itself takes. None may be heard twice.
  template <typename Event>
  static milliseconds longest_silence(const Wire& from, const Wire& at, const Mac& sender,
                                      const Event& happens) {
    Clock::duration longest{};
    auto last = Clock::now();
    for (int number = 0; number < 1200; ++number) {
      if (number == 200) {
        happens();
        last = Clock::now();
      }
      const Bytes sent = frame_to(everybody, sender);
      from.send(sent);
      const auto count = std::ranges::count(at.heard_now(), sent);
      EXPECT_LE(count, 1) << "frame " << number;
      longest = std::max(longest, Clock::now() - last);
      if (count > 0) last = Clock::now();
      poll(nullptr, 0, 1);
    }
    return std::chrono::duration_cast<milliseconds>(longest);
  }

  const bool is_real_ = kernel_has("bond");
  const LinkName bond_ = name("bond1");
  const std::vector<LinkName> ports_{name("eth0"), name("eth1")};
  SlbDoor door_;
  std::optional<Wire> guest_, other_guest_, out_, also_out_;
};

TEST_F(SlbTest, NothingThatAGuestSendsComesBackToIt) {
  for (const Mac& to : {everybody, group, nobody}) {
    for (const Bytes& sent : {frame_to(to, guest), in_vlan(frame_to(to, guest), vlan_5)}) {
      guest_->send(sent);
      EXPECT_EQ(guest_hears(sent), 0) << to.str();
      EXPECT_EQ(outside_hears(sent), is_real_ ? 1 : 2) << to.str();
    }
  }
}

TEST_F(SlbTest, NoGuestHearsAnotherOneTwice) {
  const Bytes sent = frame_to(everybody, guest);
  guest_->send(sent);
  EXPECT_EQ(times(*other_guest_, *guest_, sent), 1);
}

TEST_F(SlbTest, WhatComesFromOutsideIsHeardOnce) {
  for (const Mac& to : {everybody, group, nobody}) {
    for (const Bytes& sent : {frame_to(to, stranger), in_vlan(frame_to(to, stranger), vlan_5)}) {
      out_->send(sent);
      EXPECT_EQ(guest_hears(sent), 1) << to.str();
    }
  }
}

TEST_F(SlbTest, AGuestHearsWhatIsSentToItOnce) {
  const Bytes to_unknown = frame_to(guest, stranger);
  out_->send(to_unknown);
  EXPECT_EQ(guest_hears(to_unknown), 1) << "before it has sent anything";
  const Bytes hello = frame_to(everybody, guest);
  guest_->send(hello);
  EXPECT_EQ(guest_hears(hello), 0);
  const Bytes to_known = frame_to(guest, stranger);
  out_->send(to_known);
  EXPECT_EQ(guest_hears(to_known), 1);
}

TEST_F(SlbTest, EveryOneOfManyFramesIsHeardOnce) {
  for (int number = 0; number < 500; ++number) {
    const Bytes sent = frame_to(number % 2 == 0 ? everybody : group, stranger);
    out_->send(sent);
    ASSERT_EQ(guest_hears(sent), 1) << "frame " << number;
  }
}

TEST_F(SlbTest, AMacCountsInItsOwnVlanWhateverThePriority) {
  guest_->send(in_vlan(frame_to(everybody, guest), vlan_5));
  const Bytes urgent = in_vlan(frame_to(everybody, guest), vlan_5_urgent);
  const Bytes elsewhere = in_vlan(frame_to(everybody, guest), vlan_6);
  const Bytes untagged_one = frame_to(everybody, guest);
  out_->send(urgent);
  EXPECT_EQ(guest_hears(urgent), 0);
  out_->send(elsewhere);
  EXPECT_EQ(guest_hears(elsewhere), 1);
  out_->send(untagged_one);
  EXPECT_EQ(guest_hears(untagged_one), 1);
}

TEST_F(SlbTest, AGroupsMacIsNobodysSoThatItsFramesAreStillHeardOnce) {
  guest_->send(frame_to(everybody, group));
  const Bytes sent = frame_to(group, stranger);
  out_->send(sent);
  EXPECT_EQ(guest_hears(sent), 1);
}

TEST_F(SlbTest, AGuestThatHasMovedAwayIsHeardAfterASecond) {
  guest_->send(frame_to(everybody, guest));
  const auto left = Clock::now();
  const auto heard = [&] {
    const Bytes sent = frame_to(everybody, guest);
    out_->send(sent);
    return times(*other_guest_, *guest_, sent) == 1;
  };
  // What it is told by is sent with another MAC.
  EXPECT_FALSE(heard());
  EXPECT_TRUE(eventually(heard));
  EXPECT_GE(Clock::now() - left, milliseconds(900));
  EXPECT_LE(Clock::now() - left, milliseconds(2500));
}

TEST_F(SlbTest, BroadcastsGoOnWhenEitherPortLosesItsLink) {
  for (const char* port : {"eth0", "eth1", "eth0"}) {
    EXPECT_LE(longest_silence(*out_, *guest_, stranger, [&] { cut(port); }), milliseconds(350))
        << port;
    mend(port);
  }
}

TEST_F(SlbTest, AGuestIsHeardOutsideWhenEitherPortLosesItsLink) {
  if (!is_real_) GTEST_SKIP() << "this kernel has no bonds";
  for (const char* port : {"eth0", "eth1"}) {
    EXPECT_LE(longest_silence(*guest_, *out_, guest, [&] { cut(port); }), milliseconds(500))
        << port;
    mend(port);
  }
}

TEST_F(SlbTest, WithoutTheRulesFramesDoComeTwiceAndBack) {
  door_.write(bond_, {}, "taking rules away");
  const Bytes sent = frame_to(everybody, stranger);
  out_->send(sent);
  EXPECT_EQ(guest_hears(sent), 2);
  const Bytes back = frame_to(everybody, guest);
  guest_->send(back);
  EXPECT_GE(guest_hears(back), 1);
}

TEST_F(SlbTest, RulesAreReadAsTheyWereWritten) {
  EXPECT_EQ(door_.read(bond_), SlbRules{ports_});
  EXPECT_EQ(door_.read(name("bond2")), SlbRules{});
  door_.write(bond_, {name("eth1")}, "writing rules");
  EXPECT_EQ(door_.read(bond_), SlbRules{{name("eth1")}});
  door_.write(bond_, {}, "taking rules away");
  EXPECT_EQ(door_.read(bond_), SlbRules{});
  EXPECT_EQ(sh("nft list ruleset"), "");
}

// Up to Linux 6.15 a port takes its chains along, and from then on they wait for one of its name.
TEST_F(SlbTest, APortThatWentAwayForAMomentIsMissedOrHasRulesAgain) {
  delete_link("eth1");
  make_nic("eth1");
  if (door_.read(bond_).value().spoilt) door_.write(bond_, ports_, "writing rules");
  EXPECT_EQ(door_.read(bond_), SlbRules{ports_});
  plug("eth1p", "switch");
  is_real_ ? set_controller("eth1", "bond1") : make_stand_in();
  mend("eth1");
  const Bytes sent = frame_to(everybody, stranger);
  out_->send(sent);
  EXPECT_EQ(guest_hears(sent), 1);
}

TEST_F(SlbTest, RulesThatSomebodyTookAwayAreMissed) {
  sh("nft flush ruleset");
  EXPECT_EQ(door_.read(bond_), SlbRules{});
}

TEST_F(SlbTest, AreRefusedForAPortThatDoesNotExistAndStayAsTheyWere) {
  try {
    door_.write(bond_, {name("eth0"), name("eth7")}, "balance-slb rules of bond1");
    GTEST_SKIP() << "this kernel hangs rules on names, and not on links";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("balance-slb rules of bond1: nftables says: "));
  }
  EXPECT_EQ(door_.read(bond_), SlbRules{ports_});
}

}  // namespace
}  // namespace vifchain::test
