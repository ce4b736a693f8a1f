// SPDX-License-Identifier: Apache-2.0
// What was done is undone on a real kernel whatever others do to the same links meanwhile.
#include <functional>

#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "fake_env.hpp"
#include "flow/host/apply.hpp"
#include "flow/run/converge.hpp"
#include "host.hpp"
#include "netns.hpp"
#include "through_kernel.hpp"

namespace vifchain::test {
namespace {

// Once the steps are done somebody does something, and then they fail.
struct DoneAndFailed final : ThroughKernel {
  DoneAndFailed(Kernel& kernel, std::function<void()> somebody)
      : ThroughKernel(kernel), meanwhile(std::move(somebody)) {}

  void perform(const std::vector<Step>& steps) override {
    ThroughKernel::perform(steps);
    if (!meanwhile) return;
    std::exchange(meanwhile, {})();
    const auto nowhere = LinkName::parse("nowhere").value();
    ThroughKernel::perform({{Join{LinkName::parse("eth0").value(), nowhere}, "it cannot"}});
  }

  std::function<void()> meanwhile;
};

class Undoing : public KernelTest, protected FakeEnv {
 protected:
  void SetUp() override {
    make_nic("eth0");
    sh("ip addr add 10.0.0.5/24 dev eth0 && ip link set eth0 up");
  }

  void apply_by(Kernel& door, const std::string& file) {
    Env host{store, door, names, filter, deadline, log, env.places};
    const auto topology = std::get<Topology>(parse_topology(file));
    apply(host, desired_by_file(host, topology, {}), {.allow_disrupt = true});
  }

  // Applies the file, which fails in the end.
  void fail(const std::string& somebody_does, const std::string& file = one_bridge) {
    DoneAndFailed door(*kernel_, [=] { sh(somebody_does); });
    EXPECT_THROW(apply_by(door, file), std::exception);
    EXPECT_FALSE(door.meanwhile) << "nothing was done";
  }

  static constexpr const char* one_bridge = "[bridge.xenbr0]\nports = [\"eth0\"]\n";
  static std::string links() { return sh("ip -o link"); }
};

// As udev does at boot. The name may have gone to another NIC at once.
TEST_F(Undoing, TakesANicBackThatGotAnotherName) {
  for (const char* and_then : {"", "; ip link add eth0 type veth peer name other"}) {
    fail("ip link set eth0 down; ip link set eth0 name lan0" + std::string(and_then));
    EXPECT_FALSE(has(links(), "xenbr0")) << links();
    EXPECT_TRUE(has(sh("ip -o addr show dev lan0"), "10.0.0.5/24"));
    sh("ip link del eth0 2>/dev/null; ip link set lan0 down; ip link set lan0 name eth0; "
       "ip link set eth0 up");
  }
}

TEST_F(Undoing, TakesNicsBackThatSwappedTheirNames) {
  make_nic("eth1");
  const auto swap = [] {
    sh("ip link set eth0 down; ip link set eth1 down; ip link set eth0 name x; "
       "ip link set eth1 name eth0; ip link set x name eth1");
  };
  DoneAndFailed door(*kernel_, swap);
  EXPECT_THROW(apply_by(door,
                        "[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr1]\n"
                        "ports = [\"eth1\"]\n"),
               std::exception);
  EXPECT_FALSE(has(links(), "xenbr")) << links();
  EXPECT_TRUE(has(sh("ip -o addr show dev eth1"), "10.0.0.5/24"));
}

TEST_F(Undoing, LeavesAVlanOfARenamedNicAsItIs) {
  if (!kernel_has("vlan")) GTEST_SKIP() << "this kernel has no VLAN links";
  const std::string vlan = "[bridge.xenbr7]\nports = [\"eth0.7\"]\n";
  apply_by(*kernel_, vlan);
  const auto before = sysfs("eth0.7/ifindex");
  fail("ip link set eth0 down; ip link set eth0 name lan0", vlan + one_bridge);
  EXPECT_FALSE(has(links(), "xenbr0")) << links();
  EXPECT_TRUE(has(links(), "eth0.7@lan0") && has(links(), "master xenbr7")) << links();
  EXPECT_EQ(sysfs("eth0.7/ifindex"), before);
}

TEST_F(Undoing, LeavesANicThatHasGone) {
  fail("ip link del eth0; ip link add eth0 type veth peer name other");
  EXPECT_FALSE(has(links(), "xenbr0")) << links();
  EXPECT_FALSE(has(sh("ip -o addr show dev eth0"), "10.0.0.5"))
      << "that is another NIC of its name";
}

}  // namespace
}  // namespace vifchain::test
