// SPDX-License-Identifier: Apache-2.0
// Hearing of links, on this kernel.
#include "edge/kernel/link_monitor.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "edge/state/file_watch.hpp"
#include "host.hpp"
#include "netns.hpp"

namespace vifchain::test {
namespace {

class LinkMonitorTest : public testing::Test {
 protected:
  // All news until `state` holds.
  LinkNews news_until(const std::function<bool()>& state) {
    LinkNews all;
    EXPECT_TRUE(eventually([&] {
      auto news = monitor_->take();
      all.changes.insert(all.changes.end(), news.changes.begin(), news.changes.end());
      all.lost = all.lost || news.lost;
      return state();
    }));
    return all;
  }

  const SeenLink* link(const std::string& called) {
    for (const auto& [index, seen] : monitor_->links())
      if (seen.name == name(called)) return &seen;
    return nullptr;
  }

  Namespace namespace_;
  std::unique_ptr<LinkMonitor> monitor_ = monitor_links();
};

TEST_F(LinkMonitorTest, KnowsWhatWasThereBefore) {
  EXPECT_NE(link("lo"), nullptr);
  EXPECT_TRUE(monitor_->take().changes.empty());
}

TEST_F(LinkMonitorTest, TellsWhatALinkWasAndWhatItIs) {
  make_nic("eth0");
  sh("ip link add br0 type bridge");
  news_until([&] { return link("br0") != nullptr; });
  sh("ip link set eth0 master br0");
  const auto joined = news_until([&] { return link("eth0")->controller != 0; });
  ASSERT_FALSE(joined.changes.empty());
  EXPECT_EQ(joined.changes.front().before->controller, 0U);
  sh("ip link set eth0 name eth7");
  const auto renamed = news_until([&] { return link("eth7") != nullptr; });
  EXPECT_EQ(renamed.changes.back().before->name, name("eth0"));
  sh("ip link del br0");
  const auto left = news_until([&] { return link("br0") == nullptr; });
  EXPECT_EQ(link("eth7")->controller, 0U);
  EXPECT_FALSE(left.lost);
}

TEST_F(LinkMonitorTest, IsNotToldThatAPortThatLeavesItsBridgeIsGone) {
  make_nic("eth0");
  sh("ip link add br0 type bridge && ip link set eth0 master br0");
  news_until([&] { return link("eth0") != nullptr && link("eth0")->controller != 0; });
  sh("ip link set eth0 nomaster");
  const auto news =
      news_until([&] { return link("eth0") == nullptr || !link("eth0")->controller; });
  for (const auto& change : news.changes) EXPECT_TRUE(change.now);
}

TEST_F(LinkMonitorTest, TellsOfAnAddressThatGoesAsOfAChange) {
  make_nic("eth0");
  sh("ip addr add 10.0.0.1/24 dev eth0");
  news_until([&] { return link("eth0") != nullptr; });
  sh("ip addr del 10.0.0.1/24 dev eth0");
  std::size_t told = 0;
  EXPECT_TRUE(eventually([&] {
    for (const auto& change : monitor_->take().changes)
      if (change.now && change.before == change.now && change.now->name == name("eth0")) ++told;
    return told > 0;
  }));
}

TEST_F(LinkMonitorTest, MissesNothingThatTheKernelCouldNotKeep) {
  monitor_ = monitor_links(2304);
  std::string batch;
  for (int i = 0; i < 200; ++i)
    batch +=
        "link add n" + std::to_string(i) + " type veth peer name p" + std::to_string(i) + "\\n";
  batch += "link del lo7\\nlink del n5\\n";
  sh("ip link add lo7 type bridge");
  sh("printf '" + batch + "' | ip -batch -");
  const auto news = news_until([&] { return link("n199") != nullptr; });
  EXPECT_TRUE(news.lost);
  EXPECT_EQ(link("n5"), nullptr);
  EXPECT_EQ(link("lo7"), nullptr);
  EXPECT_EQ(monitor_->links().size(), 2 * 199 + 1U);
}

TEST_F(LinkMonitorTest, IsReadableWhenThereIsSomethingToTake) {
  pollfd waiting{monitor_->descriptor(), POLLIN, 0};
  monitor_->take();
  EXPECT_EQ(poll(&waiting, 1, 0), 0);
  make_nic("eth0");
  EXPECT_EQ(poll(&waiting, 1, 20000), 1);
}

TEST(FileWatchTest, HearsOfAFileThatIsWrittenReplacedOrGone) {
  const TempFolder folder;
  FileWatch watch(folder / "file");
  EXPECT_FALSE(watch.take());
  std::ofstream(folder / "other") << "x";
  EXPECT_FALSE(watch.take());
  std::ofstream(folder / "file") << "x";
  EXPECT_TRUE(watch.take());
  EXPECT_FALSE(watch.take());
  std::filesystem::rename(folder / "other", folder / "file");
  EXPECT_TRUE(watch.take());
  std::filesystem::remove(folder / "file");
  EXPECT_TRUE(watch.take());
  EXPECT_THROW(FileWatch("/no/such/folder/file"), std::exception);
}

}  // namespace
}  // namespace vifchain::test
