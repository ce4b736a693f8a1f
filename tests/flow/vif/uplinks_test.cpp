// SPDX-License-Identifier: Apache-2.0
// The VLANs of a bridge's uplinks as guests come, move and go, on the fake kernel and store.
#include "flow/vif/uplinks.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "fake_env.hpp"
#include "flow/vif/handle.hpp"
#include "flow/vif/move.hpp"
#include "names.hpp"
#include "outcomes.hpp"

namespace vifchain {
namespace {

constexpr auto open_uplink =
    "[bridge.xenbr0]\nports = [\"eth0\"]\nvlan_filtering = true\nvlan_default_pvid = "
    "1\n[bridge.other]\nports = []\n";
constexpr auto fixed_uplink =
    "[bridge.xenbr0]\nports = [\"eth0\"]\nvlan_filtering = true\n"
    "[port.eth0]\nvlans = \"7\"\npvid = 1\n";

struct UplinkHost : FakeEnv {
  explicit UplinkHost(const char* file = open_uplink) {
    std::ofstream(env.places.config) << file;
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}, .up = true});
  }

  static VifEvent event_of(unsigned domid, Action action) {
    const VifId vif{domid, 0};
    return {action, vif, vif.backend(), "vif-chain"};
  }
  Outcome comes(unsigned domid, const std::string& vlan) {
    const VifId vif{domid, 0};
    kernel.add_nic({.name = name(vif.str()), .mac = vif_mac});
    store.write(vif.backend() + "/bridge", "xenbr0");
    store.write(vif.backend() + "/vlan", vlan);
    store.write(vif.backend() + "/hotplug-status", "");
    return handle(env, event_of(domid, Action::online));
  }
  void goes(unsigned domid) { handle(env, event_of(domid, Action::offline)); }

  // Of the uplink: "1 7".
  std::string vlans(const char* uplink = "eth0") {
    const auto links = kernel.snapshot({{.name = name(uplink), .vlans = true}});
    std::string text;
    for (const auto& vlan : links.at(name(uplink)).vlans.value_or(std::vector<PortVlan>{}))
      text += (text.empty() ? "" : " ") + std::to_string(vlan.id.number());
    return text;
  }
};

TEST(Uplinks, HaveAVlanFromTheFirstGuestInItToTheLast) {
  UplinkHost host;
  ASSERT_TRUE(connected(host.comes(5, "7")));
  ASSERT_TRUE(connected(host.comes(6, "7")));
  EXPECT_EQ(host.vlans(), "1 7");
  host.goes(5);
  EXPECT_EQ(host.vlans(), "1 7") << "another guest is in it";
  host.goes(6);
  EXPECT_EQ(host.vlans(), "1");
}

TEST(Uplinks, KeepTheVlanInWhichTheyAreThemselves) {
  UplinkHost host;
  ASSERT_TRUE(connected(host.comes(5, "1")));
  host.goes(5);
  EXPECT_EQ(host.vlans(), "1");
}

TEST(Uplinks, LoseTheVlanOfAGuestThatIsMovedAway) {
  UplinkHost host;
  ASSERT_TRUE(connected(host.comes(5, "7")));
  ASSERT_TRUE(connected(move_vif(host.env, {UplinkHost::event_of(5, Action::online),
                                            "/libxl/5/device/vif/0",
                                            {{"bridge", "other"}, {"vlan", ""}}})));
  EXPECT_EQ(host.vlans(), "1");
}

TEST(Uplinks, AreAsTheyWereWhereAGuestCouldNotCome) {
  UplinkHost host;
  ASSERT_TRUE(connected(host.comes(5, "9")));
  host.store.lose_at_next_write("/local/domain/0/backend/vif/6/0");
  ASSERT_FALSE(connected(host.comes(6, "7")));
  EXPECT_EQ(host.vlans(), "1 9");
}

TEST(Uplinks, OfWhichTheFileSaysTheVlansHaveThoseWhoeverComesAndGoes) {
  UplinkHost host(fixed_uplink);
  ASSERT_TRUE(connected(host.comes(5, "7")));
  ASSERT_TRUE(connected(host.comes(6, "9")));
  EXPECT_EQ(host.vlans(), "1 7");
  host.goes(5);
  EXPECT_EQ(host.vlans(), "1 7");
}

TEST(Uplinks, OfWhichTheFileSaysTheVlansOfOneLoseThoseOfTheOtherAlone) {
  UplinkHost host(
      "[bridge.xenbr0]\nports = [\"eth0\", \"eth1\"]\nvlan_filtering = true\n"
      "vlan_default_pvid = 1\n[port.eth0]\nvlans = \"7\"\npvid = 1\n");
  host.kernel.add_nic({.name = name("eth1"), .mac = {{2, 0, 0, 0, 0, 2}}, .up = true});
  ASSERT_TRUE(connected(host.comes(5, "7")));
  EXPECT_EQ(host.vlans("eth0") + ", " + host.vlans("eth1"), "1 7, 1 7");
  host.goes(5);
  EXPECT_EQ(host.vlans("eth0") + ", " + host.vlans("eth1"), "1 7, 1");
}

TEST(AGuest, ThatAsksForTwoDifferentVlansIsRefused) {
  UplinkHost host;
  ASSERT_TRUE(connected(host.comes(5, "7")));
  host.store.write("/local/domain/0/backend/vif/6/0/vlan", "9");
  host.kernel.add_nic({.name = name("vif6.0"), .mac = vif_mac});
  host.store.write("/local/domain/0/backend/vif/6/0/bridge", "xenbr0.7");
  const Outcome outcome = handle(host.env, UplinkHost::event_of(6, Action::online));
  const auto* refused = std::get_if<Refused>(&outcome);
  ASSERT_NE(refused, nullptr);
  EXPECT_NE(refused->reason.find("name different VLANs"), std::string::npos) << refused->reason;
}

}  // namespace
}  // namespace vifchain
