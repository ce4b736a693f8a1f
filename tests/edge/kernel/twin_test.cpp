// SPDX-License-Identifier: Apache-2.0
// The fake kernel beside the real one: the same steps must be taken or refused by both with the
// same error number, and leave the same links. This is what keeps the fake honest. It needs a
// kernel that has bonds, VLANs and dummies, Linux 6.1 as the fake is; elsewhere it is skipped by
// name. VIFCHAIN_TWIN_CASES sets how many hosts are tried, VIFCHAIN_TWIN_SEED the first.
#include <gtest/gtest.h>
#include <linux/rtnetlink.h>

#include <cstdlib>
#include <functional>
#include <iostream>

#include "edge/base/error.hpp"
#include "edge/filter/filter.hpp"
#include "edge/netlink/attributes.hpp"
#include "edge/netlink/rtnl.hpp"
#include "link_text.hpp"
#include "netns.hpp"
#include "random_links.hpp"
#include "temp_folder.hpp"

namespace vifchain::test {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// A dummy has carrier whenever it is up, as the fake's NICs do, and no driver's whims.
void make_dummy(const Nic& nic) {
  const ifinfomsg body{};
  Message message(nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL));
  nlmsg_append(message.get(), const_cast<ifinfomsg*>(&body), sizeof body, NLMSG_ALIGNTO);
  put_text(*message, IFLA_IFNAME, nic.name.str());
  put(*message, IFLA_ADDRESS, nic.mac.bytes);
  put(*message, IFLA_MTU, std::uint32_t{nic.mtu});
  {
    const Nest info(*message, IFLA_LINKINFO);
    put_text(*message, IFLA_INFO_KIND, "dummy");
  }
  if (const int error = Rtnl({}).exchange(message).error; error != 0)
    throw Error(error, "making the dummy " + nic.name.str());
}

bool is_random(const Mac& mac) {
  const bool from_test = mac.bytes[0] == 0x02 && mac.bytes[1] == 0 && mac.bytes[2] == 0;
  return mac != Mac{} && mac != vif_mac && !from_test;
}

bool ports_have_macs_of_their_own(const Link& bond) {
  const auto mode = mode_of(bond);
  if (mode == BondMode::balance_tlb || mode == BondMode::balance_alb) return true;
  return mode && number(options_of(bond), Option::bond_fail_over_mac) != 0;
}

Value value(std::int64_t number) {
  return number;
}

// Both kernels with the same NICs, and how far they have to agree.
class Twins {
 public:
  explicit Twins(const std::vector<Nic>& nics) {
    for (Nic nic : nics) {
      nic.max_mtu = 0xffffffff;
      fake_.add_nic(nic);
      make_dummy(nic);
      if (nic.up) perform(*real_, {SetUp{nic.name}});
    }
  }

  // Lets both do it; empty when they agree.
  std::string differ_on(const Op& op) {
    const int real = errno_of(op), fake = fake_.try_step(op);
    if (real != fake)
      return describe(op) + ": the kernel says " + in_words(real) + ", the fake says " +
             in_words(fake);
    const auto odd = differences_of_tables();
    return odd.empty() ? odd : describe(op) + " (" + in_words(real) + "):\n" + odd;
  }

  // A whole plan in one go, as it is done in earnest.
  std::string differ_on(const Plan& plan) {
    try {
      real_->perform(plan.steps);
    } catch (const Error& error) {
      return std::string("the kernel refuses a plan: ") + error.what();
    }
    fake_.perform(plan.steps);
    return differences_of_tables();
  }

  Actual links() { return fake_.everything(); }
  bool would_steal(const Op& op) {
    const auto* join = std::get_if<Join>(&op);
    return join != nullptr && links().at(join->port).controller;
  }

 private:
  static std::string in_words(int error) {
    return error == 0 ? "yes" : std::generic_category().message(error);
  }

  int errno_of(const Op& op) {
    try {
      real_->perform({step(op)});
    } catch (const Error& error) {
      return error.code().value();
    }
    return 0;
  }

  // What the two need not have in common: random MACs, whose the links are, the MACs that come of
  // bonds in which the active port changes when the kernel's timers say so, a port that is a
  // multicast router for a while (3), which ends of itself, and the ageing time where a spanning
  // tree has just changed (__br_set_topology_change).
  Actual comparable(Kernel& kernel) {
    Actual links = kernel.everything();
    kernel.read_filters(links);
    links.erase(name("lo"));
    for (auto& [link_name, link] : links) {
      link.ours = true;
      link.permanent_mac.reset();
      if (auto* bridge = std::get_if<Bridge>(&link.kind);
          bridge != nullptr && bridge->options[Option::bridge_stp] == value(1))
        bridge->options.erase(Option::bridge_ageing_time);
      const auto router = link.port.find(Option::port_mcast_router);
      if (router != link.port.end() && router->second == value(3)) router->second = value(1);
      if (std::holds_alternative<Bond>(link.kind) && ports_have_macs_of_their_own(link))
        macs_are_open_ = true;
      if (link.mac && is_random(*link.mac)) link.mac = mac("0a:0a:0a:0a:0a:0a");
    }
    if (macs_are_open_)
      for (auto& [link_name, link] : links) link.mac.reset();
    return links;
  }

  std::string differences_of_tables() {
    const Actual real = comparable(*real_), fake = comparable(fake_);
    std::string odd;
    for (const auto& [link_name, link] : real) {
      const auto twin = fake.find(link_name);
      if (twin == fake.end())
        odd += "only the kernel has " + print(link);
      else if (twin->second != link)
        odd += "kernel: " + print(link) + "fake:   " + print(twin->second);
    }
    for (const auto& [link_name, link] : fake)
      if (!real.contains(link_name)) odd += "only the fake has " + print(link);
    return odd;
  }

  FakeKernel fake_;
  const TempFolder folder_;
  std::unique_ptr<Filter> filter_ = open_filter(folder_ / "filters");
  std::unique_ptr<Kernel> real_ = open_kernel({}, filter_.get());
  bool macs_are_open_ = false;
};

// What the kernel refuses, each with its reason: steps in the words of one line each that lead
// there, the step that is refused, and the error number.
struct Refused {
  const char* what;
  std::vector<Op> before;
  Op op;
  int error;
};

Link bond(const char* link, Options options = {}) {
  return {.name = name(link), .kind = Bond{std::move(options)}};
}
Link bridge(const char* link, Options options = {}) {
  return {.name = name(link), .kind = Bridge{std::move(options)}};
}
Link vlan(const char* link, const char* parent, int id) {
  return {.name = name(link), .kind = Vlan{.parent = name(parent), .id = vid(id)}};
}
Link is_up(Link link) {
  link.up = true;
  return link;
}
Link born_with_mtu(Link link, unsigned mtu) {
  link.birth.mtu = mtu;
  return link;
}
Op set(const char* link, Options options) {
  return SetOptions{name(link), std::move(options)};
}
Op join(const char* port, const char* controller) {
  return Join{name(port), name(controller)};
}
Op set_port(const char* port, Options options) {
  return SetPort{name(port), std::move(options)};
}

std::vector<Refused> refusals() {
  using enum Option;
  const Options lacp{{bond_mode, value(4)}}, backup{{bond_mode, value(1)}};
  const Op b = Create{bond("b")}, b_up = Create{is_up(bond("b"))}, br = Create{bridge("br")};
  const Op v = Create{vlan("v", "eth0", 3)};
  const std::vector<IpAddress> twice{ip("192.0.2.1"), ip("192.0.2.1")};
  return {
      {"a name twice", {b}, Create{bridge("b")}, EEXIST},
      {"a NIC deleted that is not there", {}, Delete{name("eth9")}, ENODEV},
      {"a mode while the bond is up", {b_up}, set("b", lacp), EBUSY},
      {"a mode with ports", {b, join("eth0", "b")}, set("b", lacp), ENOTEMPTY},
      {"fail_over_mac with ports",
       {b, join("eth0", "b")},
       set("b", {{bond_fail_over_mac, value(1)}}),
       ENOTEMPTY},
      {"lacp_rate while up",
       {Create{is_up(bond("b", lacp))}},
       set("b", {{bond_lacp_rate, value(1)}}),
       EBUSY},
      {"lacp_rate in another mode", {b}, set("b", {{bond_lacp_rate, value(1)}}), EACCES},
      {"ARP monitoring with LACP",
       {Create{bond("b", lacp)}},
       set("b", {{bond_arp_interval, value(100)}}),
       EACCES},
      {"both kinds of monitoring",
       {b},
       set("b", {{bond_miimon, value(100)}, {bond_arp_interval, value(100)}}),
       EINVAL},
      {"a delay without miimon", {b}, set("b", {{bond_updelay, value(100)}}), EPERM},
      {"a hash policy that there is not",
       {b},
       set("b", {{bond_xmit_hash_policy, value(77)}}),
       EINVAL},
      {"a number out of range", {b}, set("b", {{bond_resend_igmp, value(256)}}), EINVAL},
      {"an ARP target twice", {b}, set("b", {{bond_arp_ip_target, twice}}), EINVAL},
      {"a bond made with such an option",
       {},
       Create{bond("b", {{bond_updelay, value(100)}})},
       EPERM},
      {"a port that is up", {b, SetUp{name("eth0")}}, join("eth0", "b"), EPERM},
      {"a bond in itself", {b}, join("b", "b"), EPERM},
      {"a queue that another port has",
       {b, join("eth0", "b"), join("eth1", "b"),
        set_port("eth0", {{bond_port_queue_id, value(2)}})},
       set_port("eth1", {{bond_port_queue_id, value(2)}}),
       EPERM},
      {"a queue beyond the last",
       {b, join("eth0", "b")},
       set_port("eth0", {{bond_port_queue_id, value(17)}}),
       EPERM},
      {"a port's prio in another mode",
       {b, join("eth0", "b")},
       set_port("eth0", {{bond_port_prio, value(1)}}),
       EACCES},
      {"an MTU below the least", {b}, SetMtu{name("b"), 67}, EINVAL},
      {"a VLAN twice", {v}, Create{vlan("w", "eth0", 3)}, EEXIST},
      {"a VLAN on nothing", {}, Create{vlan("v", "eth9", 3)}, ENODEV},
      {"a VLAN made wider than its link",
       {},
       Create{born_with_mtu(vlan("v", "eth0", 3), 1501)},
       EINVAL},
      {"a VLAN wider than its link", {v}, SetMtu{name("v"), 1501}, ERANGE},
      {"a VLAN up over a link that is down", {v}, SetUp{name("v")}, ENETDOWN},
      {"a VLAN made up over a link that is down",
       {},
       Create{is_up(vlan("v", "eth0", 3))},
       ENETDOWN},
      {"a multicast MAC", {v}, SetMac{name("v"), mac("03:00:00:00:00:01")}, EADDRNOTAVAIL},
      {"a bridge in a bridge", {br, Create{bridge("br2")}}, join("br2", "br"), ELOOP},
      {"a bridge's VLAN in the bridge", {br, Create{vlan("v", "br", 3)}}, join("v", "br"), EBUSY},
      {"a bond's VLAN in the bond", {b_up, Create{vlan("v", "b", 3)}}, join("v", "b"), EBUSY},
      {"a port of a NIC", {}, join("eth0", "eth1"), EOPNOTSUPP},
      {"a port of nothing", {}, join("eth0", "eth9"), ENODEV},
      {"a short forward delay with STP",
       {Create{bridge("br", {{bridge_stp, value(1)}})}},
       set("br", {{bridge_forward_delay, value(100)}}),
       ERANGE},
      {"no forward delay in the message that ends STP",
       {Create{bridge("br", {{bridge_stp, value(1)}})}},
       set("br", {{bridge_stp, value(0)}, {bridge_forward_delay, value(0)}}),
       ERANGE},
      {"a long hello time", {br}, set("br", {{bridge_hello_time, value(1001)}}), ERANGE},
      {"a short max_age", {br}, set("br", {{bridge_max_age, value(500)}}), ERANGE},
      {"forwarded pause frames", {br}, set("br", {{bridge_group_fwd_mask, value(2)}}), EINVAL},
      {"a group address of others",
       {br},
       set("br", {{bridge_group_addr, mac("01:80:c2:00:00:02")}}),
       EINVAL},
      {"snooping by VLAN without filtering",
       {br},
       set("br", {{bridge_mcast_vlan_snooping, value(1)}}),
       EINVAL},
      {"MST with VLANs on ports",
       {br, join("eth0", "br")},
       set("br", {{bridge_mst_enabled, value(1)}}),
       EBUSY},
      {"statistics per port with VLANs on ports",
       {br, join("eth0", "br")},
       set("br", {{bridge_vlan_stats_per_port, value(1)}}),
       EBUSY},
      {"bond options for a bridge", {br}, set("br", {{bond_miimon, value(100)}}), EOPNOTSUPP},
      {"port options without a controller",
       {},
       set_port("eth0", {{port_isolated, value(1)}}),
       EOPNOTSUPP},
      {"a path cost of 0",
       {br, join("eth0", "br")},
       set_port("eth0", {{port_cost, value(0)}}),
       ERANGE},
      {"a port priority of 64",
       {br, join("eth0", "br")},
       set_port("eth0", {{port_priority, value(64)}}),
       ERANGE},
      {"pause frames forwarded by a port",
       {br, join("eth0", "br")},
       set_port("eth0", {{port_group_fwd_mask, value(2)}}),
       EINVAL},
      {"static MACs of a link that is no port",
       {br},
       SetFdb{name("eth0"), {{mac("02:00:00:00:0a:01")}}, {}},
       EOPNOTSUPP},
      {"a static MAC in a VLAN that the port is not in",
       {br, join("eth0", "br")},
       SetFdb{name("eth0"), {{mac("02:00:00:00:0a:01"), vid(7)}}, {}},
       EINVAL},
      {"no MAC as a static one",
       {br, join("eth0", "br")},
       SetFdb{name("eth0"), {{Mac{}}}, {}},
       EINVAL},
      {"VLANs of a link that is no port",
       {br},
       SetVlans{name("eth0"), {{.id = vid(5)}}, {}},
       EOPNOTSUPP},
  };
}

std::vector<Nic> two_nics() {
  return {{.name = name("eth0"), .mac = mac("02:00:00:00:00:01")},
          {.name = name("eth1"), .mac = mac("02:00:00:00:00:02")}};
}

TEST(FakeKernelRefuses, WhatTheKernelRefuses) {
  for (const auto& [what, before, op, error] : refusals()) {
    FakeKernel fake;
    for (const auto& nic : two_nics()) fake.add_nic(nic);
    for (const auto& first : before) EXPECT_EQ(fake.try_step(first), 0) << what;
    EXPECT_EQ(fake.try_step(op), error) << what;
  }
}

class Twin : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* kind : {"bond", "vlan", "dummy"})
      if (!kernel_has(kind)) GTEST_SKIP() << "this kernel has no " << kind;
  }

  // Calls `differ` for seed after seed, each in a network namespace of its own.
  static void for_each_seed(const std::function<std::string(std::uint64_t)>& differ) {
    const auto first = number_from("VIFCHAIN_TWIN_SEED", 1);
    const auto count = number_from("VIFCHAIN_TWIN_CASES", 80);
    int broken = 0;
    for (auto seed = first; seed < first + count && broken < 5; ++seed) {
      const Namespace nowhere;
      const auto odd = differ(seed);
      if (odd.empty()) continue;
      ++broken;
      ADD_FAILURE() << "seed " << seed << ": " << odd;
    }
  }
};

TEST_F(Twin, RefusesAlikeAndLeavesTheSame) {
  for (const auto& [what, before, op, error] : refusals()) {
    const Namespace nowhere;
    Twins twins(two_nics());
    for (const auto& first : before) EXPECT_EQ(twins.differ_on(first), "") << what;
    EXPECT_EQ(twins.differ_on(op), "") << what;
  }
}

TEST_F(Twin, PlansAreTakenAlike) {
  std::size_t steps = 0;
  for_each_seed([&](std::uint64_t seed) -> std::string {
    const Case scene = random_case(seed);
    Twins twins(scene.nics);
    for (const auto& [op, by_us] : scene.history)
      if (auto odd = twins.differ_on(op); !odd.empty()) return "history: " + odd;
    const Plan plan = make_plan(scene.desired, twins.links());
    steps += scene.history.size() + plan.steps.size();
    if (auto odd = twins.differ_on(plan); !odd.empty()) return "plan: " + odd + print(scene);
    return {};
  });
  std::cout << steps << " steps\n";
}

TEST_F(Twin, AnyStepIsTakenOrRefusedAlike) {
  std::size_t steps = 0, refused = 0;
  for_each_seed([&](std::uint64_t seed) -> std::string {
    Dice dice(seed);
    const auto nics = random_nics(dice);
    Twins twins(nics);
    for (const auto& op : script_for(random_desired(dice, nics)))
      if (auto odd = twins.differ_on(op); !odd.empty()) return "script: " + odd;
    std::string done;
    for (int count = 0; count < 40; ++count) {
      const Op op = random_op(dice, twins.links());
      if (twins.would_steal(op)) continue;
      const auto before = print(twins.links());
      if (auto odd = twins.differ_on(op); !odd.empty()) return odd + "before:\n" + before;
      ++steps;
      if (print(twins.links()) == before) ++refused;
    }
    return {};
  });
  std::cout << steps << " steps, " << refused << " without effect\n";
}

}  // namespace
}  // namespace vifchain::test
