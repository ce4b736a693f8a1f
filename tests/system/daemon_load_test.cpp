// SPDX-License-Identifier: Apache-2.0
// vifchaind where there is a lot to do, or nothing at all.
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include "edge/store/store.hpp"
#include "running_daemon.hpp"

namespace vifchain {
namespace {

#if defined(__has_feature)
#define BUILT_WITH(what) __has_feature(what)
#else
#define BUILT_WITH(what) 0
#endif

// It has a thread of its own, which wakes up by itself.
#if defined(__SANITIZE_THREAD__) || BUILT_WITH(thread_sanitizer)
constexpr bool under_thread_sanitizer = true;
#else
constexpr bool under_thread_sanitizer = false;
#endif

// Then memory says more of what looks for mistakes than of the daemon, and is not compared.
#if defined(__SANITIZE_ADDRESS__) || BUILT_WITH(address_sanitizer)
constexpr bool under_a_sanitizer = true;
#else
constexpr bool under_a_sanitizer = under_thread_sanitizer;
#endif

constexpr const char* our_script = "/etc/xen/scripts/vif-chain";

// A number in /proc/PID/…; "VmRSS:	  7340 kB".
long number_in(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key)) return std::stol(line.substr(key.size()));
  return 0;
}

long daemon_kib(const RunningDaemon& daemon) {
  return number_in("/proc/" + std::to_string(daemon.process()) + "/status", "VmRSS:");
}

// How often its threads went to sleep by themselves: one that is never woken does not do so again.
std::map<std::string, long> naps(const RunningDaemon& daemon) {
  std::map<std::string, long> counts;
  const std::string tasks = "/proc/" + std::to_string(daemon.process()) + "/task";
  for (const auto& task : std::filesystem::directory_iterator(tasks))
    counts[task.path().filename()] = number_in(task.path() / "status", "voluntary_ctxt_switches:");
  return counts;
}

class TheDaemonAtWork : public ::testing::Test {
 protected:
  void SetUp() override { use(StoreKind::c); }

  void use(StoreKind kind) {
    host_.reset();
    host_.emplace(kind);
    Host::add_nic("eth0");
    Host::write_config(
        "[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr1]\nports = []\n"
        "[bridge.xenbr2]\nports = []\n");
    store_ = open_store();
  }

  void TearDown() override {
    if (HasFailure()) std::printf("%s", Host::log().substr(0, 4000).c_str());
  }

  // Links and nodes are there, and nobody serves them yet, for want of a script.
  static void prepare(unsigned first, unsigned count, const std::string& bridge) {
    Host::add_vifs(first, count, bridge);
  }

  // All of these vifs in one moment.
  void ask_for(unsigned first, unsigned count) {
    std::vector<StoreNode> nodes;
    for (unsigned domid = first; domid < first + count; ++domid) {
      nodes.push_back({Host::backend(domid, 0) + "/script", our_script});
      nodes.push_back({Host::backend(domid, 0) + "/state", "2"});
    }
    store_->write_together(nodes);
  }

  bool is_connected(unsigned domid) {
    return store_->read(Host::backend(domid, 0) + "/hotplug-status") == "connected";
  }

  // However slow the machine is, as long as one follows the other.
  bool all_connected(unsigned first, unsigned count) {
    for (unsigned domid = first; domid < first + count; ++domid)
      if (!eventually([&] { return is_connected(domid); })) return false;
    return true;
  }

  static std::size_t ports_of(const std::string& bridge) {
    const std::string ports = sh("ip -o link show master " + bridge + " up | grep -c vif || true");
    return std::stoul(ports);
  }

  std::optional<Host> host_;
  std::unique_ptr<Store> store_;
};

TEST_F(TheDaemonAtWork, ConnectsTwoHundredVifsThatComeAtOnce) {
  prepare(5, 200, "xenbr0");
  const RunningDaemon daemon;
  ask_for(5, 200);
  ASSERT_TRUE(all_connected(5, 200));
  EXPECT_EQ(ports_of("xenbr0"), 200U);
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().vifs == 200; }));
  EXPECT_EQ(RunningDaemon::report().counters.attached, 200U);
  EXPECT_EQ(RunningDaemon::report().counters.refused, 0U);
}

TEST_F(TheDaemonAtWork, NeedsLessThanTenMegabytesForAThousandVifs) {
  ::unsetenv("MALLOC_PERTURB_");  // meson's: with it memory that is only set aside is written to
  prepare(5, 500, "xenbr1");
  prepare(505, 500, "xenbr2");
  const RunningDaemon daemon;
  ask_for(5, 500);
  ask_for(505, 500);
  ASSERT_TRUE(all_connected(5, 1000));
  ASSERT_TRUE(eventually([] { return RunningDaemon::report().vifs == 1000; }));
  RecordProperty("daemon_kib", static_cast<int>(daemon_kib(daemon)));
  if (!under_a_sanitizer) {
    EXPECT_LT(daemon_kib(daemon), 10 * 1024);
  }
}

// libxenstore takes no answer of more than 4096 bytes.
TEST_F(TheDaemonAtWork, FindsMoreVifsThanOxenstoredCanList) {
  try {
    use(StoreKind::ocaml);
  } catch (const NoXenstored& missing) {
    GTEST_SKIP() << missing.what();
  }
  prepare(20'000, 750, "xenbr0");
  ask_for(20'000, 375);
  ask_for(20'375, 375);
  const auto guests = store_->children("/local/domain/0/backend/vif");
  EXPECT_EQ(std::set(guests.begin(), guests.end()).size(), 750U);
  const RunningDaemon daemon;
  EXPECT_TRUE(all_connected(20'000, 750));
}

// New links have addresses to settle for a second or two, and the kernel tells of it.
bool addresses_are_settled() {
  return eventually([] { return sh("ip -6 address show tentative").empty(); });
}

// The daemon's threads have slept for this long. Nothing but time can show that nothing happens.
bool sleeps_for(const RunningDaemon& daemon, std::chrono::milliseconds time) {
  const auto before = naps(daemon);
  ::poll(nullptr, 0, static_cast<int>(time.count()));
  return naps(daemon) == before;
}

TEST_F(TheDaemonAtWork, IsNotWokenWhenNothingHappens) {
  if (under_thread_sanitizer) GTEST_SKIP() << "ThreadSanitizer's own thread wakes up";
  prepare(5, 20, "xenbr0");
  const RunningDaemon daemon;
  ask_for(5, 20);
  ASSERT_TRUE(all_connected(5, 20));
  ASSERT_TRUE(addresses_are_settled());
  EXPECT_FALSE(naps(daemon).empty());
  // The kernel has something to say of new links for some seconds yet.
  EXPECT_TRUE(eventually([&] { return sleeps_for(daemon, std::chrono::seconds(2)); }));
}

// ---- Memory over many events

class TheDaemonForLong : public TheDaemonAtWork {
 protected:
  static constexpr unsigned store_events = 1200, link_events = 1200, vifs = 40;
  static constexpr unsigned per_round = store_events + link_events + vifs;

  void SetUp() override {
    TheDaemonAtWork::SetUp();
    prepare(5, vifs, "xenbr0");
    Host::add_nic("spare");
    Host::add_vif(4, 0, "xenbr0");  // somebody else's
    std::ofstream batch("/run/batch");
    for (unsigned i = 0; i < link_events; ++i)
      batch << "link set spare mtu " << 1400 + i % 2 * 100 << "\n";
  }

  // Of every kind: nodes that nobody looks at, nodes of a vif of somebody else's, links that belong
  // to nothing; and vifs, each a run from start to end, that come anew.
  void round() {
    for (unsigned i = 0; i < store_events; ++i)
      store_->write(Host::backend(i % 2 == 0 ? 5 : 4, 0) + (i % 2 == 0 ? "/feature-sg" : "/state"),
                    "2");
    const auto before = RunningDaemon::report().counters;
    sh("ip -batch /run/batch");
    ask_again();
    ASSERT_TRUE(all_connected(5, vifs));
    ASSERT_TRUE(eventually([&] {
      const auto now = RunningDaemon::report().counters;
      return now.link_events >= before.link_events + link_events ||
             now.lost_events > before.lost_events;
    }));
  }

  // What the store tells, it tells in order: when these are connected, all before has been heard.
  void ask_again() {
    std::vector<StoreNode> nodes;
    for (unsigned domid = 5; domid < 5 + vifs; ++domid)
      nodes.push_back({Host::backend(domid, 0) + "/hotplug-status", ""});
    store_->write_together(nodes);
  }
};

TEST_F(TheDaemonForLong, NeedsNoMoreMemoryAfterAHundredThousandEvents) {
  const RunningDaemon daemon;
  ask_for(5, vifs);
  unsigned events = 0;
  for (; events < 10'000; events += per_round) ASSERT_NO_FATAL_FAILURE(round());
  const long early = daemon_kib(daemon);
  const unsigned enough = under_a_sanitizer ? 20'000 : 100'000;
  for (; events < enough; events += per_round) ASSERT_NO_FATAL_FAILURE(round());
  const long late = daemon_kib(daemon);
  EXPECT_EQ(RunningDaemon::report().counters.refused, 0U);
  RecordProperty("growth_kib", static_cast<int>(late - early));
  if (!under_a_sanitizer) {
    EXPECT_LT(late - early, 128) << early << " KiB, then " << late;
  }
}

}  // namespace
}  // namespace vifchain
