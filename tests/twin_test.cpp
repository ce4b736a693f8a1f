// The fake kernel beside the real one: the same steps must be taken or refused by both with the
// same error number, and leave the same links. This is what keeps the fake honest. It needs a
// kernel that has bonds, VLANs and dummies, Linux 6.1 as the fake is; elsewhere it is skipped by
// name. VIFCHAIN_TWIN_CASES sets how many hosts are tried, VIFCHAIN_TWIN_SEED the first.
#include <gtest/gtest.h>
#include <linux/rtnetlink.h>

#include <cstdlib>
#include <iostream>

#include "edge/error.hpp"
#include "edge/kernel_attributes.hpp"
#include "edge/rtnl.hpp"
#include "link_text.hpp"
#include "netns.hpp"
#include "random_links.hpp"

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

  // What the two need not have in common: random MACs, whose the links are, and the MACs that come
  // of bonds in which the active port changes when the kernel's timers say so.
  Actual comparable(Actual links) {
    links.erase(name("lo"));
    for (auto& [link_name, link] : links) {
      link.ours = true;
      link.permanent_mac.reset();
      if (std::holds_alternative<Bond>(link.kind) && ports_have_macs_of_their_own(link))
        macs_are_open_ = true;
      if (link.mac && is_random(*link.mac)) link.mac = mac("0a:0a:0a:0a:0a:0a");
    }
    if (macs_are_open_)
      for (auto& [link_name, link] : links) link.mac.reset();
    return links;
  }

  std::string differences_of_tables() {
    const Actual real = comparable(real_->everything()), fake = comparable(fake_.everything());
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
  std::unique_ptr<Kernel> real_ = open_kernel();
  bool macs_are_open_ = false;
};

class Twin : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* kind : {"bond", "vlan", "dummy"})
      if (!kernel_has(kind)) GTEST_SKIP() << "this kernel has no " << kind;
  }

  // Calls `differ` for seed after seed, each in a network namespace of its own.
  static void for_each_seed(const std::function<std::string(std::uint64_t)>& differ) {
    const auto first = number_from("VIFCHAIN_TWIN_SEED", 1);
    const auto count = number_from("VIFCHAIN_TWIN_CASES", 150);
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
    for (const auto& op : script_for(random_wish(dice, nics)))
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
