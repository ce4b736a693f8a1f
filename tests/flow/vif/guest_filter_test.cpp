// SPDX-License-Identifier: Apache-2.0
// Guests that are filtered, on the fake kernel: with every fault at every step, and none undone for
// good, no guest is ever up on a bridge without the filter that it has there.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "edge/parse/toml.hpp"
#include "fake_env.hpp"
#include "flow/host/apply.hpp"
#include "flow/run/converge.hpp"
#include "flow/vif/guest_filters.hpp"
#include "flow/vif/guest_ports.hpp"
#include "flow/vif/handle.hpp"
#include "flow/vif/move.hpp"
#include "names.hpp"
#include "outcomes.hpp"
#include "through_kernel.hpp"

namespace vifchain {
namespace {

constexpr auto three_bridges = R"(
[bridge.a]
ports = []
vif = { antispoof = "mac", receive_rate = "50Mbit", isolated = true }
[bridge.b]
ports = []
mtu = 1400
[bridge.c]
ports = []
vif = { antispoof = "mac-ip", receive_rate = "10Mbit" }
)";

const std::map<std::string, Antispoof> modes{
    {"a", Antispoof::mac}, {"b", Antispoof::off}, {"c", Antispoof::mac_ip}};

const std::map<Antispoof, std::string> in_file{
    {Antispoof::off, "off"}, {Antispoof::mac, "mac"}, {Antispoof::mac_ip, "mac-ip"}};

// With vif5.0 and vif6.0, and a watcher that sees every moment.
struct GuestHost : FakeEnv {
  explicit GuestHost(FakeKernel::AfterFailure after = FakeKernel::AfterFailure::go_on)
      : FakeEnv(after) {
    write_file(three_bridges);
    for (const unsigned domid : {5U, 6U}) add_guest(domid, "a", domid);
    kernel.after_step = [this](const FakeNet& net, const Op& op) { watch(net, op); };
  }

  void write_file(const std::string& text) const { std::ofstream(env.places.config) << text; }

  void add_guest(unsigned domid, const std::string& bridge, unsigned mac) {
    const auto vif = "vif" + std::to_string(domid) + ".0";
    const auto backend = "/local/domain/0/backend/vif/" + std::to_string(domid) + "/0";
    kernel.add_nic({.name = name(vif), .mac = vif_mac});
    store.write(backend + "/bridge", bridge);
    store.write(backend + "/mac", "02:00:00:00:00:0" + std::to_string(mac));
    store.write(backend + "/ip", "192.0.2." + std::to_string(domid));
    store.write(backend + "/hotplug-status", "");
  }

  static VifEvent event_of(unsigned domid) {
    return {Action::online, {domid, 0}, "backend/vif/" + std::to_string(domid) + "/0", "vif-chain"};
  }
  Outcome online(unsigned domid = 5) { return handle(env, event_of(domid)); }
  // The emulated NIC beside the vif, as the device model makes it.
  Outcome add_emulated(unsigned domid = 5) {
    auto event = event_of(domid);
    event.action = Action::add;
    event.tap = event.key();
    kernel.add_nic({.name = name(event.tap), .mac = {{0xfe, 0, 0, 0, 0, 5}}});
    return handle(env, event);
  }
  Outcome offline(unsigned domid = 5) {
    auto event = event_of(domid);
    event.action = Action::offline;
    return handle(env, event);
  }
  Outcome move(const std::string& bridge, unsigned domid = 5) {
    return move_vif(env, {event_of(domid),
                          "/libxl/" + std::to_string(domid) + "/device/vif/0",
                          {{"bridge", bridge}}});
  }

  HostPlan apply_file() {
    const auto read = load_topology(env.places.config);
    const auto& topology = std::get<Topology>(read);
    return apply(env, desired_by_file(env, topology, {}), {.before_changes = before_changes});
  }
  HostPlan plan_file() {
    const auto read = load_topology(env.places.config);
    const auto& topology = std::get<Topology>(read);
    return plan_host(env, desired_by_file(env, topology, {}));
  }

  Actual all() {
    Actual links = kernel.everything();
    kernel.read_filters(links);
    return links;
  }
  Link port(const std::string& vif = "vif5.0") { return all().at(name(vif)); }

  // Behind the filter of the bridge that it is on, or down, or on none.
  void watch(const FakeNet& net, const Op& op) {
    if (!watching) return;
    for (const auto& [link, device] : net.devices()) {
      if (!link.str().starts_with("vif") || !device.link.controller || device.link.up != true)
        continue;
      const auto wanted = modes.at(device.link.controller->str());
      if (net.shown(link).filter->mode != wanted && holes.empty())
        holes = link.str() + " on " + device.link.controller->str() + " after: " + describe(op);
    }
  }

  bool watching = true;
  std::string holes;
  std::function<void(const HostPlan&)> before_changes = {};  // of apply_file()
};

TEST(FilteredGuest, IsUpBehindItsFilterAndItsLimit) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  const Link port = host.port();
  EXPECT_EQ(port.filter->mode, Antispoof::mac);
  EXPECT_EQ(port.filter->mac, Mac::parse("02:00:00:00:00:05"));
  EXPECT_EQ(port.filter->bridge, name("a"));
  EXPECT_EQ(port.rate, 50'000'000U);
  EXPECT_EQ(host.holes, "");
}

TEST(FilteredGuest, JoinsBehindItsFilterAlsoWhereTheKernelDoesNotSayWhatThereIs) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  Actual now = host.all();
  Link want = now.at(name("vif5.0"));
  want.permanent_mac.reset();
  now.at(name("vif5.0")).controller.reset();
  now.at(name("vif5.0")).filter.reset();
  std::vector<std::string> steps;
  for (const auto& step : make_plan({{want.name, want}}, now).steps)
    if (std::holds_alternative<SetFilter>(step.op) || std::holds_alternative<Join>(step.op))
      steps.push_back(describe(step.op));
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_TRUE(steps.at(0).starts_with("filter vif5.0")) << steps.at(0);
}

// The kernel's door, which says nothing of filters any more from some question on.
struct DoorThatHidesFilters final : ThroughKernel {
  DoorThatHidesFilters(FakeKernel& door, int questions) : ThroughKernel(door), left(questions) {}

  Actual snapshot(const std::vector<Ask>& asked) override {
    Actual links = ThroughKernel::snapshot(asked);
    const bool of_filters =
        std::ranges::any_of(asked, [](const Ask& ask) { return ask.filter.has_value(); });
    if (of_filters && left-- <= 0)
      for (auto& [name, link] : links) link.filter.reset();
    return links;
  }

  int left;
};

TEST(FilteredGuest, IsConnectedOnlyOnceItsFilterWasReadBack) {
  for (const int questions : {0, 1}) {
    GuestHost host;
    DoorThatHidesFilters door(host.kernel, questions);
    Env env{host.store, door, host.names, host.filter, host.deadline, host.log, host.env.places};
    const std::string why = reason(handle(env, GuestHost::event_of(5)));
    EXPECT_NE(why.find(questions == 0 ? "cannot be read: " : "cannot be read back: "),
              std::string::npos)
        << why;
    EXPECT_EQ(host.port().controller, std::nullopt);
  }
}

TEST(FilteredGuest, ThatMaySendNothingIsConnectedBehindThat) {
  GuestHost host;
  host.watching = false;
  host.write_file("[bridge.a]\nports = []\nvif = { antispoof = \"closed\" }\n");
  const Outcome outcome = host.online();
  ASSERT_TRUE(connected(outcome)) << reason(outcome);
  EXPECT_EQ(host.port().filter->mode, Antispoof::closed);
}

TEST(LimitedGuest, WhoseNewLimitIsRefusedHasTheOldOne) {
  GuestHost host;
  host.watching = false;
  const auto limit = [&](const std::string& rate) {
    host.write_file("[bridge.a]\nports = []\nvif = { receive_rate = \"" + rate + "\" }\n");
  };
  limit("50Mbit");
  ASSERT_TRUE(connected(host.online()));
  limit("20Mbit");
  host.store.lose_at_next_write("/local/domain/0/backend/vif/5/0");
  ASSERT_FALSE(connected(host.online()));
  EXPECT_EQ(host.port().rate, 50'000'000U);
}

TEST(FilteredGuest, LosesFilterAndLimitWithItsBridge) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  host.offline();
  EXPECT_TRUE(host.kernel.net().filters().empty());
  EXPECT_EQ(host.holes, "");
}

TEST(FilteredGuest, LosesItsFilterWhenItComesAgainOnceTheFileWantsNone) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  host.write_file("[bridge.a]\nports = []\n");
  ASSERT_TRUE(connected(host.online()));
  const Link port = host.port();
  EXPECT_EQ(port.filter, PortFilter{});
  EXPECT_EQ(port.rate, 0U);
  EXPECT_EQ(integer(port.port, Option::port_locked), 0);
}

TEST(FilteredGuest, IsNeverUpWithoutAFilterWhereverItMoves) {
  for (const std::string from : {"a", "b", "c"})
    for (const std::string to : {"a", "b", "c"}) {
      GuestHost host;
      ASSERT_TRUE(connected(host.online()));
      ASSERT_TRUE(connected(host.move(from))) << reason(host.move(from));
      ASSERT_TRUE(connected(host.move(to))) << reason(host.move(to));
      const Link port = host.port();
      EXPECT_EQ(port.controller, name(to));
      EXPECT_EQ(port.filter->mode, modes.at(to));
      EXPECT_EQ(port.rate, to == "a" ? 50'000'000U : to == "b" ? 0U : 10'000'000U);
      EXPECT_EQ(host.holes, "") << from << " to " << to;
    }
}

class FilterFault : public ::testing::TestWithParam<FakeKernel::AfterFailure> {};

TEST_P(FilterFault, AtAnyStepOfComingLeavesItOnNoBridge) {
  for (const std::size_t more : {0U, 1U, 2U})
    for (std::size_t step = 0;; ++step) {
      GuestHost host(GetParam());
      ASSERT_TRUE(connected(host.online(6)));
      const Actual before = host.all();
      for (std::size_t also = 0; also <= more; ++also) host.kernel.fail_at(step + also);
      const Outcome outcome = host.online();
      EXPECT_EQ(host.holes, "") << "step " << step << " and " << more << " more";
      if (connected(outcome)) break;
      EXPECT_EQ(host.all(), before)
          << "step " << step << " and " << more << " more: " << reason(outcome);
    }
}

TEST_P(FilterFault, AtAnyStepOfAMoveLeavesItWhereAndAsItWas) {
  for (const std::string to : {"b", "c"})
    for (const std::size_t more : {0U, 1U, 2U})
      for (std::size_t step = 0;; ++step) {
        GuestHost host(GetParam());
        ASSERT_TRUE(connected(host.online()));
        const Actual before = host.all();
        for (std::size_t also = 0; also <= more; ++also) host.kernel.fail_at(step + also);
        const Outcome outcome = host.move(to);
        EXPECT_EQ(host.holes, "") << "to " << to << ", step " << step << " and " << more;
        if (connected(outcome)) break;
        const Actual now = host.all();
        EXPECT_EQ(now.at(name("vif5.0")), before.at(name("vif5.0")))
            << "to " << to << ", step " << step << " and " << more << ": " << reason(outcome);
      }
}

TEST_P(FilterFault, AtAnyStepOfAMoveLeavesTheEmulatedNicBesideItWhereAndAsItWasToo) {
  for (const std::size_t more : {0U, 1U, 2U})
    for (std::size_t step = 0;; ++step) {
      GuestHost host(GetParam());
      ASSERT_TRUE(connected(host.online()));
      ASSERT_TRUE(connected(host.add_emulated()));
      const Actual before = host.all();
      for (std::size_t also = 0; also <= more; ++also) host.kernel.fail_at(step + also);
      const Outcome outcome = host.move("c");
      EXPECT_EQ(host.holes, "") << "step " << step << " and " << more;
      const Actual now = host.all();
      if (connected(outcome)) {
        EXPECT_EQ(now.at(name("vif5.0-emu")).controller, name("c"));
        EXPECT_EQ(now.at(name("vif5.0-emu")).filter->mode, Antispoof::mac_ip);
        break;
      }
      for (const char* port : {"vif5.0", "vif5.0-emu"})
        EXPECT_EQ(now.at(name(port)), before.at(name(port)))
            << "step " << step << " and " << more << ": " << reason(outcome);
    }
}

TEST_P(FilterFault, AtAnyStepOfANewPolicyLeavesAllGuestsAsTheyWere) {
  for (std::size_t step = 0;; ++step) {
    GuestHost host(GetParam());
    for (const unsigned domid : {5U, 6U}) ASSERT_TRUE(connected(host.online(domid)));
    host.write_file("[bridge.a]\nvif = { antispoof = \"mac-ip\" }\n[bridge.b]\n[bridge.c]\n");
    const Actual before = host.all();
    host.kernel.fail_at(step);
    try {
      host.apply_file();
      break;
    } catch (const Error&) {
      EXPECT_EQ(host.all(), before) << "step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, FilterFault,
                         ::testing::Values(FakeKernel::AfterFailure::go_on,
                                           FakeKernel::AfterFailure::stop),
                         [](const auto& kernel) {
                           return kernel.param == FakeKernel::AfterFailure::stop ? "ThatStops"
                                                                                 : "ThatGoesOn";
                         });

TEST(FilteredGuest, HasItsFilterBackWithTheNextGuestWhenSomebodyFlushedAll) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  host.watching = false;
  host.kernel.lose_filters();
  host.kernel.spoil_filters();
  ASSERT_TRUE(connected(host.online(6)));
  EXPECT_EQ(host.port().filter->mode, Antispoof::mac);
  EXPECT_FALSE(host.port().filter->spoilt);
  EXPECT_EQ(host.port("vif6.0").filter->mode, Antispoof::mac);
}

TEST(FilteredGuest, HasItsFilterBackWithAnyEventOfAnotherWhenAllElementsAndRecordsWereLost) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  ASSERT_TRUE(connected(host.online(6)));
  host.watching = false;
  host.kernel.lose_filters();
  ASSERT_FALSE(host.filter.present("vif6.0"));
  ASSERT_TRUE(connected(host.online(6)));
  EXPECT_EQ(host.port().filter->mode, Antispoof::mac);
  EXPECT_EQ(host.port("vif6.0").filter->mode, Antispoof::mac);
}

TEST(FilteredGuest, WhoseRulesWereChangedIsDriftThatApplyPutsRight) {
  GuestHost host;
  host.apply_file();
  ASSERT_TRUE(connected(host.online()));
  ASSERT_TRUE(host.plan_file().nothing_to_do());
  host.watching = false;
  host.kernel.spoil_filters();
  const HostPlan plan = host.plan_file();
  ASSERT_EQ(plan.plan.steps.size(), 1U);
  EXPECT_EQ(plan.plan.steps[0].because,
            "antispoof mac is NOT in force: its rules or elements were changed");
  EXPECT_EQ(plan.plan.steps[0].impact, Impact::hot);
  host.apply_file();
  EXPECT_FALSE(host.port().filter->spoilt);
  EXPECT_TRUE(host.plan_file().nothing_to_do());
  host.kernel.lose_filters();
  EXPECT_EQ(host.plan_file().plan.steps.at(0).because, "antispoof mac is NOT in force");
  host.apply_file();
  EXPECT_EQ(host.port().filter->mode, Antispoof::mac);
}

TEST(FilteredGuest, IsGivenANewPolicyByApplyWhileItRuns) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  host.watching = false;
  host.write_file(R"(
[bridge.a]
ports = []
vif = { antispoof = "mac-ip", receive_rate = "20Mbit", isolated = false, bpdu_guard = true }
[bridge.b]
ports = []
[bridge.c]
ports = []
)");
  const HostPlan plan = host.plan_file();
  EXPECT_EQ(plan.guest_steps, 3U) << "filter, rate, options";
  host.apply_file();
  const Link port = host.port();
  EXPECT_EQ(port.filter->mode, Antispoof::mac_ip);
  EXPECT_EQ(port.rate, 20'000'000U);
  EXPECT_EQ(port.port.at(Option::port_isolated), Value{std::int64_t{0}});
  EXPECT_EQ(port.port.at(Option::port_guard), Value{std::int64_t{1}});
  EXPECT_EQ(port.controller, name("a"));
  EXPECT_TRUE(host.plan_file().nothing_to_do());
  host.write_file("[bridge.a]\nports = []\n[bridge.b]\nports = []\n[bridge.c]\nports = []\n");
  host.apply_file();
  EXPECT_EQ(host.port().filter, PortFilter{});
  EXPECT_EQ(host.port().rate, 0U);
}

TEST(FilteredGuest, ThatHasNoAddressKeepsWhatItHasAndIsNamed) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  host.watching = false;
  host.store.write("/local/domain/0/backend/vif/5/0/ip", "");
  host.write_file("[bridge.a]\nports = []\nvif = { antispoof = \"mac-ip\" }\n");
  const HostPlan plan = host.apply_file();
  EXPECT_EQ(host.port().filter->mode, Antispoof::mac);
  ASSERT_FALSE(plan.notes.empty());
  EXPECT_NE(plan.notes.back().find("vif5.0: antispoof = \"mac-ip\" needs the guest's addresses"),
            std::string::npos)
      << plan.notes.back();
}

TEST(FilteredGuest, LeavesAFilterBehindThatApplyTakesAway) {
  GuestHost host;
  host.apply_file();
  ASSERT_TRUE(connected(host.online()));
  const PortFilter filter{.mode = Antispoof::mac, .mac = vif_mac, .owner = name("vif9.0")};
  host.kernel.perform({{SetFilter{name("vif9.0"), filter}, ""}});
  const HostPlan plan = host.plan_file();
  ASSERT_EQ(plan.plan.steps.size(), 1U);
  EXPECT_EQ(describe(plan.plan.steps[0].op), "remove the filter of vif9.0");
  host.apply_file();
  EXPECT_FALSE(host.kernel.net().filters().contains(name("vif9.0")));
  EXPECT_TRUE(host.kernel.net().filters().contains(name("vif5.0")));
}

TEST(FilteredGuest, ThatIsMovedTakesNoEmulatedNicAlongThatIsOnNoBridge) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  ASSERT_TRUE(connected(host.add_emulated()));
  ASSERT_EQ(host.kernel.try_step_as_somebody(Leave{name("vif5.0-emu")}), 0);
  ASSERT_TRUE(connected(host.move("b")));
  EXPECT_EQ(host.port("vif5.0-emu").controller, std::nullopt);
}

TEST(FilteredGuest, OnNoBridgeIsNotMoved) {
  GuestHost host;
  ASSERT_TRUE(connected(host.online()));
  host.offline();
  EXPECT_NE(reason(host.move("b")).find("not a port of any bridge"), std::string::npos);
}

TEST(GuestsOfOneMac, LearnOnlyWhereTheirPolicyLetsThem) {
  GuestHost host;
  host.write_file(
      "[bridge.a]\nports = []\nvif = { antispoof = \"mac\", learning = false }\n"
      "[bridge.b]\nports = []\n[bridge.c]\nports = []\n");
  host.apply_file();
  host.add_guest(7, "a", 5);
  ASSERT_TRUE(connected(host.online(5)));
  ASSERT_TRUE(connected(host.online(7)));
  for (const char* vif : {"vif5.0", "vif7.0"})
    EXPECT_EQ(integer(host.port(vif).port, Option::port_learning), 0) << vif;
  EXPECT_TRUE(host.plan_file().nothing_to_do());
}

// Of an apply that was planned while the guest was elsewhere, whose file closes that bridge.
struct Meanwhile {
  std::string from;  // empty: its link was not there
  std::string to;    // where it is by the time that apply comes to it
};

class WhoCameOrMovedSince : public ::testing::TestWithParam<Meanwhile> {
 protected:
  static bool comes() { return GetParam().from.empty(); }

  void begin() {
    host_.apply_file();
    host_.watching = false;
    if (comes()) {
      const PortFilter filter{.mode = Antispoof::closed, .owner = name("vif7.0")};
      host_.kernel.perform({{SetFilter{name("vif7.0"), filter}, ""}});
    } else {
      ASSERT_TRUE(connected(host_.online(5)));
      ASSERT_TRUE(connected(host_.move(GetParam().from)));
    }
  }

  static std::string file() {
    std::string text;
    for (const auto& [bridge, mode] : modes)
      text += "[bridge." + bridge + "]\nports = []\nvif = { antispoof = \"" +
              (bridge == GetParam().from ? "closed" : in_file.at(mode)) + "\" }\n";
    return text;
  }

  void come_or_move() {
    if (comes()) host_.add_guest(7, GetParam().to, 7);
    const auto outcome = comes() ? host_.online(7) : host_.move(GetParam().to);
    EXPECT_TRUE(connected(outcome)) << reason(outcome);
  }

  GuestHost host_;
};

TEST_P(WhoCameOrMovedSince, HasTheFilterOfTheBridgeThatItIsOn) {
  ASSERT_NO_FATAL_FAILURE(begin());
  host_.write_file(file());
  host_.before_changes = [&](const HostPlan& plan) {
    EXPECT_GT(plan.guest_steps, 0U);
    come_or_move();
  };
  host_.apply_file();
  const Link port = host_.port(comes() ? "vif7.0" : "vif5.0");
  EXPECT_EQ(port.controller, name(GetParam().to));
  EXPECT_EQ(port.filter->mode, modes.at(GetParam().to));
  host_.before_changes = {};
  EXPECT_TRUE(host_.plan_file().nothing_to_do());
}

INSTANTIATE_TEST_SUITE_P(Guests, WhoCameOrMovedSince,
                         ::testing::Values(Meanwhile{"", "a"}, Meanwhile{"a", "b"},
                                           Meanwhile{"a", "c"}, Meanwhile{"b", "a"},
                                           Meanwhile{"b", "c"}, Meanwhile{"c", "a"},
                                           Meanwhile{"c", "b"}),
                         [](const auto& one) {
                           const bool comes = one.param.from.empty();
                           return (comes ? "nowhere" : one.param.from) + "_to_" + one.param.to;
                         });

TEST(GuestsOfOneMac, AreBothUnlockedUntilOneLeaves) {
  GuestHost host;
  host.apply_file();
  host.add_guest(7, "a", 5);
  const auto is_bound = [&](const std::string& vif) {
    const Link port = host.port(vif);
    const bool locked = integer(port.port, Option::port_locked) == 1;
    EXPECT_EQ(locked, port.fdb && !port.fdb->empty()) << vif;
    return locked;
  };
  ASSERT_TRUE(connected(host.online(5)));
  EXPECT_TRUE(is_bound("vif5.0"));
  ASSERT_TRUE(connected(host.online(7))) << reason(host.online(7));
  EXPECT_FALSE(is_bound("vif5.0"));
  EXPECT_FALSE(is_bound("vif7.0"));
  EXPECT_EQ(integer(host.port("vif5.0").port, Option::port_learning), 1);
  EXPECT_EQ(host.port("vif5.0").filter->mode, Antispoof::mac);
  EXPECT_EQ(host.port("vif7.0").filter->mode, Antispoof::mac);
  EXPECT_TRUE(host.plan_file().nothing_to_do());
  host.offline(7);
  EXPECT_TRUE(is_bound("vif5.0"));
  EXPECT_TRUE(host.plan_file().nothing_to_do());
  ASSERT_TRUE(connected(host.online(7)));
  ASSERT_TRUE(connected(host.move("c", 7)));
  EXPECT_TRUE(is_bound("vif5.0"));
  EXPECT_TRUE(is_bound("vif7.0"));
  EXPECT_EQ(host.holes, "");
}

}  // namespace
}  // namespace vifchain
