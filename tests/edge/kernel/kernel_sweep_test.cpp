// SPDX-License-Identifier: Apache-2.0
// Many links deleted at once, by the netdev group of those that leave.
#include <string>
#include <vector>

#include "core/plan/plan.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/links.hpp"
#include "host.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

class KernelSweep : public KernelTest {
 protected:
  void SetUp() override {
    make_nic("eth0");
    std::vector<Op> ops;
    for (int i = 0; i < 20; ++i) ops.emplace_back(Create{{.name = bridge(i), .kind = Bridge{}}});
    ops.emplace_back(Join{name("eth0"), bridge(0)});
    for (const auto& op : ops) perform(*kernel_, {op});
  }

  static LinkName bridge(int number) { return name("br" + std::to_string(number)); }

  static std::vector<Step> deletions(int from, int to) {
    std::vector<Step> steps;
    for (int i = from; i < to; ++i) steps.push_back({Delete{bridge(i)}, "it is not wanted"});
    return steps;
  }

  // As a run that died between the two calls of a sweep leaves it.
  static void leave(const std::string& link) {
    put_into_group(link, leaving_group);
    sh("ip link set " + link + " alias '" + leaving_alias + "'");
  }

  std::vector<LinkName> left() {
    std::vector<LinkName> names;
    for (const auto& [link, value] : open_kernel()->everything())
      if (value.ours) names.push_back(link);
    return names;
  }
};

TEST_F(KernelSweep, TakesAllThatAreToGoAndNoOther) {
  kernel_->perform(deletions(0, 18));
  EXPECT_EQ(left(), (std::vector{bridge(18), bridge(19)}));
  const auto eth0 = open_kernel()->snapshot({{name("eth0")}});
  EXPECT_FALSE(eth0.at(name("eth0")).controller);
}

TEST_F(KernelSweep, SparesThoseThatARunWhichDiedLeftInTheGroup) {
  for (const char* link : {"br19", "br5"}) leave(link);
  EXPECT_EQ(left().size(), 20U) << "they are ours all the same";
  kernel_->perform(deletions(0, 18));
  EXPECT_EQ(left(), (std::vector{bridge(18), bridge(19)}));
  EXPECT_EQ(sysfs("br19/netdev_group"), std::to_string(our_group));
  EXPECT_EQ(sysfs("br19/ifalias").value_or(""), "");
}

// The number alone says nothing: whoever else uses it loses no link by it, nor gets one of ours.
TEST_F(KernelSweep, SparesWhatOthersHaveInTheGroup) {
  sh("ip link add theirs type bridge; ip link add theirs2 type veth peer name q");
  for (const char* link : {"theirs", "theirs2"}) put_into_group(link, leaving_group);
  sh("ip link add theirs3 type bridge; ip link set theirs3 alias '" + std::string(leaving_alias) +
     "'");
  EXPECT_EQ(left().size(), 20U) << "theirs are not ours";
  kernel_->perform(deletions(0, 18));
  EXPECT_EQ(left(), (std::vector{bridge(18), bridge(19)}));
  for (const char* link : {"theirs", "theirs2"})
    EXPECT_EQ(sysfs(std::string(link) + "/netdev_group"), std::to_string(leaving_group)) << link;
}

TEST_F(KernelSweep, NothingThatWeNeverMakeIsOursByItsGroup) {
  sh("ip link add other type veth peer name q");
  put_into_group("other", our_group);
  EXPECT_EQ(left().size(), 20U);
}

// To who has seen it, and to who has not.
TEST_F(KernelSweep, SaysWhichOneCouldNotGo) {
  const auto why_not = [](Kernel& kernel) -> std::string {
    try {
      kernel.perform(deletions(7, 20));
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  open_kernel()->perform({{Delete{bridge(7)}, ""}});
  const std::string sentence =
      "delete br7 (it is not wanted): there is no link br7 (No such device)";
  EXPECT_EQ(why_not(*kernel_), sentence);
  EXPECT_EQ(why_not(*open_kernel()), sentence);
  EXPECT_EQ(left().size(), 7U) << "the others have gone";
}

TEST_F(KernelSweep, GoesOnWithTheStepsAfterIt) {
  auto steps = deletions(0, 18);
  steps.push_back({Create{{.name = bridge(3), .kind = Bridge{}}}, ""});
  steps.push_back({Join{name("eth0"), bridge(3)}, ""});
  kernel_->perform(steps);
  EXPECT_EQ(left(), (std::vector{bridge(18), bridge(19), bridge(3)}));
}

}  // namespace
}  // namespace vifchain::test
