// What was done is undone on a real kernel whatever others do to the same links meanwhile.
#include <functional>

#include "edge/config.hpp"
#include "edge/error.hpp"
#include "fake_site.hpp"
#include "flow/apply.hpp"
#include "flow/reach.hpp"
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
    throw Error(EIO, "doing the last of it");
  }

  std::function<void()> meanwhile;
};

class Undoing : public KernelTest, protected FakeSite {
 protected:
  void SetUp() override {
    make_nic("eth0");
    sh("ip addr add 10.0.0.5/24 dev eth0 && ip link set eth0 up");
  }

  // Applies a bridge on eth0, which fails in the end.
  void fail(const char* somebody_does) {
    DoneAndFailed door(*kernel_, [=] { sh(somebody_does); });
    Site host{store, door, names, filter, deadline, log, site.places};
    const auto topology =
        std::get<Topology>(parse_topology("[bridge.xenbr0]\nports = [\"eth0\"]\n"));
    EXPECT_THROW(
        apply(host, topology.hosting, file_wish(host, topology, {}), {.allow_disrupt = true}),
        std::exception);
    EXPECT_FALSE(door.meanwhile) << "nothing was done";
  }

  static std::string links() { return sh("ip -o link"); }
};

// As udev does at boot. The name may have gone to another NIC at once.
TEST_F(Undoing, TakesANicBackThatGotAnotherName) {
  for (const char* and_then : {"", "; ip link add eth0 type veth peer name other"}) {
    fail(("ip link set eth0 down; ip link set eth0 name lan0" + std::string(and_then)).c_str());
    EXPECT_FALSE(has(links(), "xenbr0")) << links();
    EXPECT_TRUE(has(sh("ip -o addr show dev lan0"), "10.0.0.5/24"));
    sh("ip link del eth0 2>/dev/null; ip link set lan0 down; ip link set lan0 name eth0; "
       "ip link set eth0 up");
  }
}

TEST_F(Undoing, LeavesANicThatHasGone) {
  fail("ip link del eth0; ip link add eth0 type veth peer name other");
  EXPECT_FALSE(has(links(), "xenbr0")) << links();
  EXPECT_FALSE(has(sh("ip -o addr show dev eth0"), "10.0.0.5"))
      << "that is another NIC of its name";
}

}  // namespace
}  // namespace vifchain::test
