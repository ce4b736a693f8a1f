// SPDX-License-Identifier: Apache-2.0
// Links that somebody else made, taken over: nothing but their owner changes, and any fault leaves
// them whose they were.
#include <gtest/gtest.h>

#include "convert/import/compose.hpp"
#include "convert/import/from_kernel.hpp"
#include "core/plan/adopt.hpp"
#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "fake_env.hpp"
#include "flow/host/apply.hpp"
#include "link_text.hpp"
#include "names.hpp"
#include "random_links.hpp"

namespace vifchain {
namespace {

LinkAddress plain_address(const char* text) {
  return LinkAddress::parse(text).value();
}

constexpr const char* file =
    "[bond.bond1]\nports = [\"eth0\", \"eth3\"]\nmode = \"active-backup\"\nmiimon = 100\n"
    "[bridge.xenbr0]\nports = [\"bond1\"]\naddresses = [\"10.0.0.5/24\"]\ngateway = "
    "\"10.0.0.1\"\n[bridge.xenbrdmz]\nports = [\"bond1.2\"]\n";

// A host that the distribution's files have set up, with a guest.
struct OldHost : FakeEnv {
  explicit OldHost(FakeKernel::AfterFailure after = FakeKernel::AfterFailure::go_on)
      : FakeEnv(after) {
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}});
    kernel.add_nic({.name = name("eth3"), .mac = {{2, 0, 0, 0, 0, 2}}});
    kernel.add_nic({.name = name("vif5.0"), .mac = vif_mac, .up = true});
    const Options active_backup{{Option::bond_mode, std::int64_t{1}},
                                {Option::bond_miimon, std::int64_t{100}}};
    make({.name = name("bond1"), .kind = Bond{active_backup}, .up = true});
    for (const char* nic : {"eth0", "eth3"}) must(Join{name(nic), name("bond1")});
    make({.name = name("bond1.2"), .kind = Vlan{name("bond1"), *VlanId::from(2)}, .up = true});
    for (const char* bridge : {"xenbr0", "xenbrdmz"})
      make({.name = name(bridge), .kind = Bridge{}, .up = true});
    must(Join{name("bond1"), name("xenbr0")});
    must(Join{name("bond1.2"), name("xenbrdmz")});
    must(Join{name("vif5.0"), name("xenbrdmz")});
    must(SetAddresses{name("xenbr0"), {plain_address("10.0.0.5/24")}, {}});
    Route gateway = default_route(IpAddress::parse("10.0.0.1").value());
    gateway.protocol = 3;  // "boot", as ifupdown makes it
    must(SetRoutes{name("xenbr0"), {gateway}, {}});
  }

  void make(const Link& link) { must(Create{link}); }
  void must(const Op& op) { ASSERT_EQ(kernel.try_step_as_somebody(op), 0) << describe(op); }

  HostPlan plan(Others others) {
    return plan_host(env, desired_by_file(env, topology, {}), others);
  }
  HostPlan adopt() {
    return apply(env, desired_by_file(env, topology, {}), {.others = Others::are_adopted});
  }

  Actual all() {
    Actual links = kernel.everything();
    std::vector<LinkName> names_of_all;
    for (const auto& [one, link] : links) names_of_all.push_back(one);
    kernel.read_routes(links, names_of_all);
    return links;
  }

  Topology topology = std::get<Topology>(parse_topology(file));
};

TEST(Adopt, AHostThatStandsAsTheFileSaysHasNothingToDo) {
  OldHost host;
  const HostPlan plan = host.plan(Others::stay);
  EXPECT_TRUE(plan.nothing_to_do());
  for (const auto& step : plan.plan.steps) ADD_FAILURE() << describe(step.op);
  for (const auto& conflict : plan.plan.conflicts) ADD_FAILURE() << conflict.reason;
}

TEST(Adopt, MakesTheLinksOursAndTouchesNoTraffic) {
  OldHost host;
  Actual wanted = host.all();
  for (const auto& step : host.adopt().plan.steps) EXPECT_EQ(step.impact, Impact::hot);
  for (const char* link : {"bond1", "bond1.2", "xenbr0", "xenbrdmz"})
    wanted.at(name(link)).ours = true;
  Actual now = host.all();
  Link& guests = wanted.at(name("xenbrdmz"));  // the file gives this host no address on it
  EXPECT_TRUE(guests.addresses->empty());
  guests.addr_gen = AddrGen::none;
  guests.ra = false;
  guests.apart = true;
  wanted.at(name("xenbr0")).apart = false;       // of a bridge of ours it is known
  for (const char* port : {"bond1", "bond1.2"})  // a port of ours has none of its own
    now.at(name(port)).addr_gen = wanted.at(name(port)).addr_gen;
  now.at(name("xenbr0")).routes = wanted.at(name("xenbr0")).routes;
  EXPECT_EQ(print(now), print(wanted));
  EXPECT_EQ(now, wanted);
}

TEST(Adopt, ShowsThatABridgeWithoutThisHostIsClosedToIt) {
  OldHost host;
  const auto closes = [](const Step& step) {
    const auto* op = std::get_if<SetApart>(&step.op);
    return op != nullptr && op->name == name("xenbrdmz") && op->apart;
  };
  EXPECT_TRUE(std::ranges::any_of(host.plan(Others::are_adopted).plan.steps, closes));
}

TEST(Adopt, MarksTheFilesAddressesAndRoutesAsOurs) {
  OldHost host;
  host.adopt();
  const Actual links = host.all();
  const Link& bridge = links.at(name("xenbr0"));
  ASSERT_EQ(bridge.addresses->size(), 1U);
  EXPECT_TRUE(is_ours(bridge.addresses->front()));
  ASSERT_EQ(bridge.routes->size(), 1U);
  EXPECT_TRUE(is_ours(bridge.routes->front()));
}

// As an adoption that did not come to its end has left it.
TEST(Adopt, LeavesAnAddressThatIsMarkedAlready) {
  const LinkName bridge = name("xenbr0");
  Link there{.name = bridge, .kind = Bridge{}};
  there.addresses = {plain_address("10.0.0.5/24")};
  there.addresses->front().traits.protocol = our_protocol;
  Hosting host;
  host.addresses = {plain_address("10.0.0.5/24")};
  const auto steps = adoption({bridge}, {{bridge, host}}, {{bridge, there}});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<SetOurs>(steps.front().op));
}

TEST(Adopt, HasNothingToDoASecondTime) {
  OldHost host;
  host.adopt();
  EXPECT_TRUE(host.plan(Others::are_adopted).nothing_to_do());
}

TEST(Adopt, LeavesLinksThatTheFileDoesNotNameToTheirOwner) {
  OldHost host;
  host.make({.name = name("virbr0"), .kind = Bridge{}});
  host.adopt();
  EXPECT_FALSE(host.all().at(name("virbr0")).ours);
}

TEST(Adopt, DoesNotTakeALinkOfAnotherKind) {
  OldHost host;
  host.must(Leave{name("bond1.2")});
  host.must(Delete{name("bond1.2")});
  host.make({.name = name("bond1.2"), .kind = Vlan{name("bond1"), *VlanId::from(3)}, .up = true});
  const HostPlan plan = host.plan(Others::are_adopted);
  EXPECT_FALSE(plan.plan.conflicts.empty());
  EXPECT_TRUE(plan.adopted.empty());
}

class FaultOfAdopt : public ::testing::TestWithParam<FakeKernel::AfterFailure> {};

TEST_P(FaultOfAdopt, AtEveryStepLeavesTheLinksWhoseTheyWere) {
  std::size_t faults = 0;
  for (std::size_t step = 0;; ++step) {
    OldHost host(GetParam());
    const Actual before = host.all();
    host.kernel.fail_at(step);
    try {
      host.adopt();
      break;
    } catch (const Error&) {
      ++faults;
    }
    EXPECT_EQ(host.all(), before) << "step " << step;
    for (const auto& [link, device] : host.kernel.net().devices())
      EXPECT_FALSE(device.link.apart.value_or(false)) << link.str() << ", step " << step;
  }
  EXPECT_GE(faults, 5U) << "four links, a route";
}

INSTANTIATE_TEST_SUITE_P(With, FaultOfAdopt,
                         ::testing::Values(FakeKernel::AfterFailure::go_on,
                                           FakeKernel::AfterFailure::stop));

// --- what the kernel has, as a file --------------------------------------------------------------

Composed import_of(const Actual& links) {
  DraftConfig draft;
  read_kernel({links}, draft);
  return compose(std::move(draft));
}

TEST(ImportFromTheKernel, GivesTheFileThatSomebodyWouldHaveWritten) {
  OldHost host;
  EXPECT_EQ(import_of(host.all()).toml,
            "[bond.bond1]\nports  = [\"eth0\", \"eth3\"]\nmode   = \"active-backup\"\n"
            "miimon = 100\n\n"
            "[bridge.xenbr0]\nports     = [\"bond1\"]\naddresses = [\"10.0.0.5/24\"]\n"
            "gateway   = [\"10.0.0.1\"]\n\n"
            "[bridge.xenbrdmz]\nports = [\"bond1.2\"]\n");
}

// The proof of a right import, over all that a kernel can have and a file can say.
TEST(ImportFromTheKernel, LeavesNothingToDoOnThatHost) {
  int whole = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    FakeEnv host;
    const auto nics = random_nics(dice);
    for (const auto& nic : nics) host.kernel.add_nic(nic);
    for (const auto& op : script_for(random_desired(dice, nics)))
      static_cast<void>(host.kernel.try_step_as_somebody(op));
    for (const auto& entry : host.kernel.everything())
      static_cast<void>(host.kernel.try_step_as_somebody(vifchain::SetUp{entry.first}));
    const auto [toml, remarks] = import_of(host.kernel.everything());
    const auto topology = parse_topology(toml);
    ASSERT_TRUE(std::holds_alternative<Topology>(topology)) << "seed " << seed << "\n" << toml;
    if (!remarks.empty()) continue;
    ++whole;
    const HostPlan plan =
        plan_host(host.env, desired_by_file(host.env, std::get<Topology>(topology), {}));
    std::string found;
    for (const auto& step : plan.plan.steps)
      found += describe(step.op) + ": " + step.because + "\n";
    for (const auto& conflict : plan.plan.conflicts)
      found += conflict.name.str() + " " + conflict.reason + "\n";
    ASSERT_EQ(found, "") << "seed " << seed << "\n" << toml;
  }
  EXPECT_GT(whole, 80);
}

}  // namespace
}  // namespace vifchain
