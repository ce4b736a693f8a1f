// SPDX-License-Identifier: Apache-2.0
// From a desired state to the kernel being so, and back, on the fake kernel: what is read again,
// and whose links are left alone meanwhile.
#include "flow/run/converge.hpp"

#include <gtest/gtest.h>

#include "fake_env.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

// With eth0 and vif5.0, which are on nothing, and what has become of each link.
struct Host : FakeEnv {
  Host() {
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}});
    kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac});
    kernel.after_step = [this](const FakeNet&, const Op&) { ++steps; };
  }

  Actual all() {
    std::vector<Ask> asked;
    for (const auto& [link, device] : kernel.net().devices())
      asked.push_back({.name = link,
                       .addresses = true,
                       .vlans = true,
                       .fdb = true,
                       .routes = true,
                       .filter = PortFilter{},
                       .rate = true,
                       .apart = true});
    return kernel.snapshot(asked);
  }
  Link link(const char* of) { return all().at(name(of)); }
  [[nodiscard]] bool is_there(const char* of) const {
    return kernel.net().devices().contains(name(of));
  }

  void must(const Op& op) { ASSERT_EQ(kernel.try_step(op), 0) << describe(op); }
  void make(const char* of, Kind kind = Bridge{}) {
    must(Create{{.name = name(of), .kind = std::move(kind), .up = true}});
  }
  void join(const char* port, const char* controller) { must(Join{name(port), name(controller)}); }

  // `change` was made on the way to `want`.
  void expect_that_it_goes_back(const Link& want, const Op& change) {
    const Actual before = all();
    must(change);
    ASSERT_NE(all(), before);
    put_back(env, {{want.name, want}}, before);
    EXPECT_EQ(all(), before);
  }

  // Somebody takes its MTU away once, as soon as it is set.
  void take_mtu_once(const char* of) {
    kernel.after_step = [this, it = name(of), done = false](const FakeNet&, const Op& op) mutable {
      const auto* set = std::get_if<SetMtu>(&op);
      if (set == nullptr || set->name != it || done) return;
      done = true;
      kernel.try_step_as_somebody(SetMtu{it, 1400});
    };
  }

  int steps = 0;
};

TEST(WhatIsPutBack, LosesTheRoutesThatWereAdded) {
  Host host;
  const Route route{.to = LinkAddress::parse("198.51.100.0/24").value()};
  host.must(vifchain::SetUp{name("eth0")});
  host.expect_that_it_goes_back({.name = name("eth0"), .routes = {{route}}},
                                SetRoutes{name("eth0"), {route}, {}});
}

TEST(WhatIsPutBack, LosesTheEntriesThatWereAdded) {
  Host host;
  host.make("br0");
  host.join("vif5.0", "br0");
  const FdbEntry entry{.mac = {{2, 0, 0, 0, 0, 5}}};
  host.expect_that_it_goes_back(
      {.name = name("vif5.0"), .controller = name("br0"), .fdb = {{entry}}},
      SetFdb{name("vif5.0"), {entry}, {}});
}

TEST(WhatIsPutBack, LeavesTheVlansThatWereAdded) {
  Host host;
  host.make("br0", Bridge{{{Option::bridge_vlan_filtering, std::int64_t{1}}}});
  host.join("vif5.0", "br0");
  const PortVlan vlan{.id = VlanId::from(7).value()};
  auto vlans = host.link("vif5.0").vlans;
  vlans->push_back(vlan);
  host.expect_that_it_goes_back({.name = name("vif5.0"), .controller = name("br0"), .vlans = vlans},
                                SetVlans{name("vif5.0"), {vlan}, {}});
}

TEST(WhatIsPutBack, IsThisHostsOwnAgainWhereItWasSetApart) {
  Host host;
  host.make("br0");
  host.expect_that_it_goes_back({.name = name("br0"), .kind = Bridge{}, .apart = true},
                                SetApart{name("br0"), true});
}

TEST(WhatIsPutBack, TakesNoStepWhereNothingWasChanged) {
  Host host;
  host.make("br0");
  host.join("vif5.0", "br0");
  host.must(SetRate{name("vif5.0"), 50'000'000});
  put_back(host.env,
           {{name("vif5.0"),
             Link{.name = name("vif5.0"), .controller = name("br0"), .rate = 10'000'000}}},
           host.all());
  EXPECT_EQ(host.steps, 0);
  EXPECT_EQ(host.link("vif5.0").rate, 50'000'000U);
}

TEST(WhatIsPutBack, IsTriedASecondTimeWhereTheKernelChangedMore) {
  Host host;
  const Actual before = host.all();
  host.must(SetMtu{name("eth0"), 9000});
  host.take_mtu_once("eth0");
  put_back(host.env, {{name("eth0"), Link{.name = name("eth0"), .mtu = 9000}}}, before);
  EXPECT_EQ(host.link("eth0").mtu, 1500U);
}

TEST(WhatIsPutBack, EndsWithItsTimeAndNotWithTheLastTry) {
  Host host;
  const Actual before = host.all();
  host.must(SetMtu{name("eth0"), 9000});
  host.deadline.grace(std::chrono::milliseconds(0));
  host.kernel.fail_at(0);
  EXPECT_THROW(
      put_back(host.env, {{name("eth0"), Link{.name = name("eth0"), .mtu = 9000}}}, before),
      Interrupted);
}

TEST(WhatIsPutBack, LeavesAnotherBridgeOfOursThatItCameToMeanwhile) {
  Host host;
  host.make("br0");
  host.make("br1");
  host.join("eth0", "br0");
  const Actual before = host.all();
  host.must(Leave{name("eth0")});
  host.join("eth0", "br1");
  put_back(host.env, {{name("eth0"), Link{.name = name("eth0")}}}, before);
  EXPECT_EQ(host.link("eth0").controller, name("br0"));
}

// A guest came to one of the bridges that were made.
TEST(WhatIsPutBack, KeepsABridgeThatAGuestCameToAndNoOther) {
  Host host;
  const Actual before = host.all();
  host.make("br0");
  host.make("br1");
  host.join("vif5.0", "br0");
  put_back(host.env,
           {{name("br0"), Link{.name = name("br0"), .kind = Bridge{}}},
            {name("br1"), Link{.name = name("br1"), .kind = Bridge{}}}},
           before);
  EXPECT_EQ(host.link("vif5.0").controller, name("br0"));
  EXPECT_FALSE(host.is_there("br1"));
}

TEST(WhatIsPutBack, KeepsAllThatCarriesAGuestsBridge) {
  Host host;
  const Actual before = host.all();
  const Vlan vlan{.parent = name("bond1"), .id = VlanId::from(2).value()};
  host.make("bond1", Bond{});
  host.make("bond1.2", vlan);
  host.make("xenbr1");
  host.join("bond1.2", "xenbr1");
  host.join("vif5.0", "xenbr1");
  const Actual stands = host.all();
  put_back(
      host.env,
      {{name("bond1"), Link{.name = name("bond1"), .kind = Bond{}}},
       {name("bond1.2"), Link{.name = name("bond1.2"), .kind = vlan, .controller = name("xenbr1")}},
       {name("xenbr1"), Link{.name = name("xenbr1"), .kind = Bridge{}}}},
      before);
  EXPECT_EQ(host.all(), stands);
}

TEST(WhatIsWanted, IsReachedThoughTheKernelChangedMoreThanItWasTold) {
  Host host;
  host.take_mtu_once("eth0");
  const Desired desired{{name("eth0"), Link{.name = name("eth0"), .mtu = 9000}}};
  const Actual end = converge(host.kernel, host.deadline, desired, make_plan(desired, host.all()),
                              {{.name = name("eth0")}});
  EXPECT_EQ(host.link("eth0").mtu, 9000U);
  EXPECT_EQ(end.at(name("eth0")).mtu, 9000U);
}

}  // namespace
}  // namespace vifchain
