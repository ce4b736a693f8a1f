// SPDX-License-Identifier: Apache-2.0
// Limits of what a link sends, on this kernel, as tc(8) reads them.
#include <gmock/gmock.h>

#include <cerrno>

#include "core/plan/plan.hpp"
#include "edge/base/error.hpp"
#include "host.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

std::string qdisc(const std::string& link) {
  return sh("tc -d qdisc show dev " + link + " root");
}

// What may go at once, as the kernel tells it: in ticks of 64 ns, so a byte may be missing.
int burst(const std::string& link) {
  return std::stoi(
      sh("tc -r -d qdisc show dev " + link + " root | sed -E 's/.* burst ([0-9]+)b.*/\\1/'"));
}

std::string why_no_limits() {
  const Namespace nowhere;
  make_nic("eth0");
  try {
    sh("tc qdisc replace dev eth0 root tbf rate 1mbit burst 10kb latency 50ms");
    return {};
  } catch (const std::exception&) {
    return "this machine's kernel has no tbf qdisc; the lab's has";
  }
}

class ShaperTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = why_no_limits(); !why.empty()) GTEST_SKIP() << why;
    make_nic("vif5.0");
  }
  void limit_rate(const LinkName& link, std::uint64_t rate) {
    perform(*kernel_, {SetRate{link, rate}});
  }
  void lift_limit(const LinkName& link) { limit_rate(link, 0); }
  std::optional<std::uint64_t> rate() {
    return kernel_->snapshot({{.name = vif_, .rate = true}}).at(vif_).rate;
  }

  Namespace namespace_;
  std::unique_ptr<Kernel> kernel_ = open_kernel();
  LinkName vif_ = name("vif5.0");
};

TEST_F(ShaperTest, LimitsALinkAndQueuesForFiftyMilliseconds) {
  limit_rate(vif_, 200'000'000);
  EXPECT_TRUE(has(qdisc("vif5.0"), "tbf 7663: ")) << qdisc("vif5.0");
  EXPECT_TRUE(has(qdisc("vif5.0"), "rate 200Mbit burst 250000b")) << qdisc("vif5.0");
  EXPECT_TRUE(has(qdisc("vif5.0"), "lat 50ms")) << qdisc("vif5.0");
}

TEST_F(ShaperTest, ReplacesALimitOfItsOwn) {
  limit_rate(vif_, 200'000'000);
  limit_rate(vif_, 80'000'000);
  EXPECT_TRUE(has(qdisc("vif5.0"), "rate 80Mbit")) << qdisc("vif5.0");
  EXPECT_TRUE(has(qdisc("vif5.0"), "lat 50ms")) << qdisc("vif5.0");
}

TEST_F(ShaperTest, ReplacesWhateverElseWasThere) {
  for (const char* other : {"pfifo limit 9", "tbf rate 1mbit burst 10kb latency 9ms"}) {
    sh(std::string("tc qdisc replace dev vif5.0 root handle 1: ") + other);
    limit_rate(vif_, 80'000'000);
    EXPECT_TRUE(has(qdisc("vif5.0"), "tbf 7663: ")) << other;
    EXPECT_TRUE(has(qdisc("vif5.0"), "rate 80Mbit")) << other;
  }
}

TEST_F(ShaperTest, LimitsALinkThatIsUp) {
  set_up("vif5.0");
  limit_rate(vif_, 80'000'000);
  EXPECT_TRUE(has(qdisc("vif5.0"), "rate 80Mbit")) << qdisc("vif5.0");
}

TEST_F(ShaperTest, KeepsALimitWhenTheLinkGoesUp) {
  limit_rate(vif_, 80'000'000);
  set_up("vif5.0");
  EXPECT_TRUE(has(qdisc("vif5.0"), "rate 80Mbit")) << qdisc("vif5.0");
}

TEST_F(ShaperTest, LetsAWholePacketThroughWhereThatIsQuick) {
  limit_rate(vif_, 20'000'000);
  const auto size = sh("ip -d link show vif5.0 | grep -o 'gso_max_size [0-9]*' | cut -d' ' -f2");
  EXPECT_NEAR(burst("vif5.0"), std::stoi(size) + 22, 1) << qdisc("vif5.0");
}

TEST_F(ShaperTest, NeverWantsLessThanOneFrameAtOnce) {
  sh("ip link set vif5.0 mtu 9000");
  limit_rate(vif_, 64'000);
  EXPECT_TRUE(has(qdisc("vif5.0"), "rate 64Kbit ")) << qdisc("vif5.0");
  EXPECT_NEAR(burst("vif5.0"), 9022, 1) << qdisc("vif5.0");
}

TEST_F(ShaperTest, CountsBeyondThirtyTwoBits) {
  limit_rate(vif_, 40'000'000'000);
  EXPECT_TRUE(has(qdisc("vif5.0"), "rate 40Gbit")) << qdisc("vif5.0");
}

TEST_F(ShaperTest, SendsAsBefore) {
  sh("ip addr add 192.0.2.1/24 dev vif5.0 && ip link set vif5.0 up && ip link set vif5.0p up");
  limit_rate(vif_, 80'000'000);
  sh("ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev vif5.0");
  sh("echo hello >/dev/udp/192.0.2.2/9 2>/dev/null || bash -c 'echo hello >/dev/udp/192.0.2.2/9'");
  const auto sent = sh("tc -s qdisc show dev vif5.0 root");
  EXPECT_FALSE(has(sent, "Sent 0 bytes")) << sent;
  EXPECT_TRUE(has(sent, "dropped 0")) << sent;
}

TEST_F(ShaperTest, LiftsALimitOfItsOwn) {
  limit_rate(vif_, 80'000'000);
  lift_limit(vif_);
  EXPECT_FALSE(has(qdisc("vif5.0"), "tbf")) << qdisc("vif5.0");
}

TEST_F(ShaperTest, LeavesALimitOfSomebodyElses) {
  sh("tc qdisc replace dev vif5.0 root handle 1: tbf rate 1mbit burst 10kb latency 50ms");
  lift_limit(vif_);
  EXPECT_TRUE(has(qdisc("vif5.0"), "tbf 1: ")) << qdisc("vif5.0");
}

TEST_F(ShaperTest, HasNothingToLiftWhereThereIsNothing) {
  EXPECT_NO_THROW(lift_limit(vif_));
}

TEST_F(ShaperTest, IsReadBackFromTheKernel) {
  EXPECT_EQ(rate(), 0U);
  for (const std::uint64_t wanted : {8'000ULL, 200'000'000ULL, 40'000'000'000ULL}) {
    limit_rate(vif_, wanted);
    EXPECT_EQ(rate(), wanted);
    auto all = kernel_->everything();
    kernel_->read_filters(all);
    EXPECT_EQ(all.at(vif_).rate, wanted);
    EXPECT_EQ(all.at(name("vif5.0p")).rate, 0U);
  }
  sh("tc qdisc replace dev vif5.0 root handle 1: tbf rate 1mbit burst 10kb latency 50ms");
  EXPECT_EQ(rate(), 0U) << "it is somebody else's";
}

TEST_F(ShaperTest, IsGivenAnewWithAnotherMtu) {
  set_up("vif5.0");
  limit_rate(vif_, 64'000);
  const Desired desired{
      {vif_, Link{.name = vif_, .keep_controller = true, .mtu = 9000, .rate = 64'000}}};
  kernel_->perform(make_plan(desired, kernel_->snapshot({{.name = vif_, .rate = true}})).steps);
  EXPECT_NEAR(burst("vif5.0"), 9022, 1) << "a large frame would not pass: " << qdisc("vif5.0");
}

TEST_F(ShaperTest, SaysWhatItCouldNotLimit) {
  try {
    limit_rate(name("nowhere"), 80'000'000);
    FAIL() << "limited what is not there";
  } catch (const Error& error) {
    EXPECT_EQ(error.code().value(), ENODEV);
    EXPECT_THAT(error.what(), testing::HasSubstr("limit nowhere to 80Mbit"));
  }
}

TEST_F(ShaperTest, DoesNotTakeAnotherLinkThatIsAlsoCalledSo) {
  add_altname("vif5.0", "web");
  EXPECT_THROW(limit_rate(name("web"), 80'000'000), Error);
}

TEST_F(ShaperTest, RefusesWhatTheKernelCannotCount) {
  EXPECT_THROW(limit_rate(vif_, 7), Error);
  EXPECT_FALSE(has(qdisc("vif5.0"), "tbf")) << qdisc("vif5.0");
}

}  // namespace
}  // namespace vifchain::test
