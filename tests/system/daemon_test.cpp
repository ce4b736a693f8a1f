// SPDX-License-Identifier: Apache-2.0
// vifchaind on a real kernel and a real xenstored: vifs served, and what others broke put right.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <optional>

#include "edge/base/descriptor.hpp"
#include "edge/process/deadline.hpp"
#include "edge/state/vif_lock.hpp"
#include "edge/store/store.hpp"
#include "running_daemon.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

class TheDaemon : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::add_nic("eth1");
    write_config_that_settles(two_bridges);
  }

  void TearDown() override {
    if (HasFailure()) std::printf("%s%s", RunningDaemon::said().c_str(), Host::log().c_str());
  }

  static void add_vif(unsigned domid, const std::string& bridge,
                      const std::string& script = "/etc/xen/scripts/vif-chain") {
    Host::set_node(Host::backend(domid, 0) + "/script", script);
    Host::set_node(Host::backend(domid, 0) + "/online", "1");
    Host::add_vif(domid, 0, bridge);
  }

  static std::string status(unsigned domid) {
    return Host::node(Host::backend(domid, 0) + "/hotplug-status");
  }

  static bool becomes(unsigned domid, const std::string& wanted) {
    return eventually([&] { return status(domid) == wanted; });
  }

  static bool is_on(const std::string& port, const std::string& bridge) {
    return has(sh("ip -o link show dev " + port + " up 2>/dev/null || true"),
               "master " + bridge + " ");
  }

  static bool gets_on(const std::string& port, const std::string& bridge) {
    return eventually([&] { return is_on(port, bridge); });
  }

  // What broke before has been looked at, and ports after chains: the daemon goes by what the
  // kernel says in its order, so it is done with that once two bridges that break now, one after
  // the other, are right again. The file has to have them.
  static bool settles() {
    for (const std::string bridge : {"settling1", "settling2"}) {
      if (vifchain("up " + bridge).exit_code != 0) return false;
      sh("ip link del " + bridge);
      if (!eventually([&] { return has(sh("ip -o link"), ": " + bridge + ": "); })) return false;
    }
    return true;
  }

  static void write_config_that_settles(const std::string& toml) {
    Host::write_config(toml + "[bridge.settling1]\n[bridge.settling2]\n");
  }

  // Chains that it has put right, but those that settles() broke.
  static std::vector<std::string> healed() {
    std::vector<std::string> all;
    for (const auto& repair : RunningDaemon::report().repairs)
      if (!repair.subject.starts_with("settling")) all.push_back(repair.subject);
    return all;
  }

  static constexpr const char* two_bridges =
      "[bridge.xenbr0]\nports = [\"eth0\"]\n[bridge.xenbr1]\nports = [\"eth1\"]\n";

  std::optional<Host> host_;
};

TEST_F(TheDaemon, ConnectsAVifThatNobodyServes) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  EXPECT_TRUE(is_on("vif5.0", "xenbr0"));
  EXPECT_EQ(Host::node(Host::frontend(5, 0) + "/mtu"), "1500");
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().vifs == 1; }));
  EXPECT_EQ(RunningDaemon::report().counters.attached, 1U);
}

TEST_F(TheDaemon, ConnectsWhatWaitedBeforeItBegan) {
  add_vif(5, "xenbr0");
  add_vif(6, "xenbr1");
  const RunningDaemon daemon;
  EXPECT_TRUE(becomes(5, "connected"));
  EXPECT_TRUE(becomes(6, "connected"));
}

TEST_F(TheDaemon, LeavesOtherScriptsAloneUnlessItIsTold) {
  add_vif(5, "xenbr0", "/etc/xen/scripts/vif-route");
  {
    const RunningDaemon daemon;
    add_vif(6, "xenbr0");
    ASSERT_TRUE(becomes(6, "connected"));
    EXPECT_EQ(status(5), "");
  }
  const RunningDaemon daemon("--any-script");
  EXPECT_TRUE(becomes(5, "connected"));
}

TEST_F(TheDaemon, LeavesAVifToWhoeverIsBusyWithIt) {
  const RunningDaemon daemon;
  auto busy = VifLock::if_free({"/run/vifchain"}, {5, 0});
  ASSERT_TRUE(busy);
  add_vif(5, "xenbr0");
  add_vif(6, "xenbr0");
  ASSERT_TRUE(becomes(6, "connected"));
  EXPECT_EQ(status(5), "");
  busy.reset();
  EXPECT_TRUE(becomes(5, "connected")) << "nobody did it, after all";
}

TEST_F(TheDaemon, AndVifChainComeToTheSame) {
  const RunningDaemon daemon;
  for (unsigned domid = 5; domid < 15; ++domid) {
    add_vif(domid, "xenbr0");
    EXPECT_EQ(Host::vif_chain("online", domid, 0).exit_code, 0);
    EXPECT_EQ(status(domid), "connected");
  }
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().vifs == 10; }));
  EXPECT_EQ(RunningDaemon::report().counters.refused, 0U);
}

TEST_F(TheDaemon, SaysWhatAVifWaitsForAndConnectsItWhenTheFileIsMended) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr7");
  ASSERT_TRUE(becomes(5, "error"));
  EXPECT_TRUE(has(Host::node(Host::backend(5, 0) + "/hotplug-error"), "xenbr7"));
  ASSERT_TRUE(eventually([] { return RunningDaemon::report().waiting.size() == 1; }));
  EXPECT_EQ(RunningDaemon::report().waiting[0].subject, "vif5.0");
  Host::write_config(std::string(two_bridges) + "[bridge.xenbr7]\nports = []\n");
  ASSERT_TRUE(becomes(5, "connected"));
  EXPECT_EQ(Host::node(Host::backend(5, 0) + "/hotplug-error"), "(none)");
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().waiting.empty(); }));
}

TEST_F(TheDaemon, ConnectsAVifWhenItsUplinkComes) {
  Host::write_config("[bridge.xenbr2]\nports = [\"eth2\"]\n");
  const RunningDaemon daemon;
  add_vif(5, "xenbr2");
  ASSERT_TRUE(becomes(5, "error"));
  Host::add_nic("eth2");
  EXPECT_TRUE(becomes(5, "connected"));
  EXPECT_TRUE(gets_on("eth2", "xenbr2"));
}

TEST_F(TheDaemon, AWrongFileChangesNothingAndIsNamed) {
  const RunningDaemon daemon;
  Host::write_config("[bridge.xenbr0]\nprots = [\"eth0\"]\n");
  ASSERT_TRUE(eventually([] { return !RunningDaemon::report().config_mistake.empty(); }));
  EXPECT_TRUE(has(RunningDaemon::report().config_mistake, "prots"));
  add_vif(5, "xenbr0");
  EXPECT_TRUE(becomes(5, "connected")) << "by the file as it was";
  EXPECT_TRUE(is_on("eth0", "xenbr0"));
  Host::write_config(two_bridges);
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().config_mistake.empty(); }));
}

TEST_F(TheDaemon, AWrongFileChangesNothingAfterARestartEither) {
  { const RunningDaemon daemon; }
  Host::write_config("[bridge.xenbr0\n");
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  EXPECT_TRUE(becomes(5, "connected"));
}

TEST_F(TheDaemon, TakesTheFileAnewAtSighup) {
  sh("mkdir /etc/xen/elsewhere && mv /etc/xen/vifchain.toml /etc/xen/elsewhere/real && "
     "ln -s elsewhere/real /etc/xen/vifchain.toml");
  const RunningDaemon daemon;
  add_vif(5, "xenbr7");
  ASSERT_TRUE(becomes(5, "error"));
  sh("printf '[bridge.xenbr7]\\nports = []\\n' > /etc/xen/elsewhere/real");
  daemon.hang_up();
  EXPECT_TRUE(becomes(5, "connected"));
}

TEST_F(TheDaemon, TellsItsServiceManagerWhenItIsReadyAndWhenItReadsTheFileAnew) {
  const std::string path = "/run/notify";
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
  std::string heard;
  const auto hears = [&](const std::string& words) {
    return eventually([&] {
      char buffer[4096];
      ssize_t size = 0;
      while ((size = ::recv(socket.number(), buffer, sizeof buffer, MSG_DONTWAIT)) > 0)
        heard += std::string(buffer, static_cast<std::size_t>(size)) + "\n";
      return has(heard, words);
    });
  };
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  const RunningDaemon daemon;
  ::unsetenv("NOTIFY_SOCKET");
  ASSERT_TRUE(hears("READY=1\n")) << heard;
  heard.clear();
  daemon.hang_up();
  ASSERT_TRUE(hears("RELOADING=1\n")) << heard;
  heard.erase(0, heard.find("RELOADING=1\n"));
  EXPECT_TRUE(hears("READY=1\n")) << heard;
}

TEST_F(TheDaemon, SleepsOnceItHasTakenANewFile) {
  const RunningDaemon daemon;
  write_config_that_settles(std::string(two_bridges) + "[bridge.xenbr2]\n");
  ASSERT_TRUE(settles());
  EXPECT_TRUE(eventually([&] {
    for (int look = 0; look < 50; ++look)
      if (!has(contents_of("/proc/" + std::to_string(daemon.process()) + "/stat"), ") S "))
        return false;
    return true;
  }));
}

TEST_F(TheDaemon, EndsWhenItIsToldTo) {
  RunningDaemon daemon;
  EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(TheDaemon, GoesOnWithAXenstoredThatTookTheOldOnesPlace) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  host_->restart_store();
  add_vif(6, "xenbr1");
  ASSERT_TRUE(becomes(6, "connected"));
  EXPECT_TRUE(is_on("vif6.0", "xenbr1"));
  EXPECT_EQ(RunningDaemon::report().counters.store_restarts, 1U);
  add_vif(7, "xenbr0");
  EXPECT_TRUE(becomes(7, "connected")) << "it is heard of changes, too";
}

TEST_F(TheDaemon, IsTheOnlyOne) {
  sh("mkdir -p /run/vifchain && echo 4194304 4194304 >/run/vifchain/vifchaind.pid");
  const RunningDaemon daemon;
  EXPECT_EQ(contents_of("/run/vifchain/vifchaind.pid"), std::to_string(daemon.process()) + "\n");
  const Ran second = run(vifchaind_program() + " --foreground");
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_TRUE(has(second.err, "runs already")) << second.err;
}

// ---- What others break

TEST_F(TheDaemon, PutsAPortBackOnItsBridge) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  sh("ip link set vif5.0 nomaster");
  EXPECT_TRUE(gets_on("vif5.0", "xenbr0"));
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().counters.healed_ports == 1; }));
  sh("ip link set vif5.0 down");
  EXPECT_TRUE(gets_on("vif5.0", "xenbr0"));
}

TEST_F(TheDaemon, PutsAPortBackThatVifChainConnected) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0", "/etc/xen/scripts/vif-chain");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  ASSERT_TRUE(eventually([] { return RunningDaemon::report().vifs == 1; }));
  sh("ip link set vif5.0 nomaster");
  EXPECT_TRUE(gets_on("vif5.0", "xenbr0"));
}

TEST_F(TheDaemon, PutsPortsBackThatWereThrownOffWhileItWasAway) {
  {
    const RunningDaemon daemon;
    add_vif(5, "xenbr0");
    ASSERT_TRUE(becomes(5, "connected"));
  }
  sh("ip link set vif5.0 nomaster");
  const RunningDaemon daemon;
  EXPECT_TRUE(gets_on("vif5.0", "xenbr0"));
}

TEST_F(TheDaemon, MakesABridgeAgainThatSomebodyDeletedUnderItsGuests) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  add_vif(6, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  ASSERT_TRUE(becomes(6, "connected"));
  sh("ip link del xenbr0");
  EXPECT_TRUE(gets_on("eth0", "xenbr0"));
  EXPECT_TRUE(gets_on("vif5.0", "xenbr0"));
  EXPECT_TRUE(gets_on("vif6.0", "xenbr0"));
}

TEST_F(TheDaemon, MakesWhatWasAppliedAgainWithoutAnyGuest) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  sh("ip link set eth0 nomaster");
  EXPECT_TRUE(gets_on("eth0", "xenbr0"));
  sh("ip link del xenbr1");
  EXPECT_TRUE(gets_on("eth1", "xenbr1"));
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().repairs.size() == 2; }));
}

TEST_F(TheDaemon, LeavesAwayWhatWasTakenDownOnPurpose) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  ASSERT_EQ(vifchain("down --force xenbr0 xenbr1").exit_code, 0);
  ASSERT_TRUE(settles());
  EXPECT_FALSE(has(sh("ip link"), "xenbr"));
  EXPECT_EQ(healed(), std::vector<std::string>{});
  ASSERT_EQ(vifchain("up xenbr0").exit_code, 0);
  sh("ip link del xenbr0");
  EXPECT_TRUE(gets_on("eth0", "xenbr0"));
}

TEST_F(TheDaemon, PutsGuestsBackOnSomebodyElsesBridgeWhenThatComesAgain) {
  sh("ip link add br9 type bridge && ip link set br9 up");
  const RunningDaemon daemon;
  add_vif(5, "br9");
  ASSERT_TRUE(becomes(5, "connected"));
  sh("ip link del br9");
  ASSERT_TRUE(becomes(5, "error"));
  sh("ip link add br9 type bridge && ip link set br9 up");
  EXPECT_TRUE(gets_on("vif5.0", "br9"));
  EXPECT_TRUE(becomes(5, "connected"));
}

TEST_F(TheDaemon, PutsAChangedOptionBack) {
  Host::write_config("[bridge.xenbr0]\nports = []\nageing_time = 200\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0) << vifchain("apply").err;
  const RunningDaemon daemon;
  sh("ip link set xenbr0 type bridge ageing_time 30000");
  EXPECT_TRUE(eventually([] { return has(sh("ip -d link show xenbr0"), "ageing_time 20000"); }));
}

TEST_F(TheDaemon, GivesTheHostItsAddressBack) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\naddresses = [\"10.0.0.5/24\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  sh("ip addr del 10.0.0.5/24 dev xenbr0");
  EXPECT_TRUE(eventually([] { return has(sh("ip addr show dev xenbr0"), "10.0.0.5/24"); }));
}

TEST_F(TheDaemon, TakesANicThatComesBack) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  sh("ip link del eth0");
  ASSERT_TRUE(settles());
  Host::add_nic("eth0");
  EXPECT_TRUE(gets_on("eth0", "xenbr0"));
}

TEST_F(TheDaemon, GivesWayToWhoeverKeepsChangingAChain) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  sh("mkdir -p /etc/network && printf 'iface xenbr0 inet manual\\n' > /etc/network/interfaces");
  const RunningDaemon daemon;
  for (unsigned round = 1; round <= 3; ++round) {
    sh("ip link set eth0 nomaster");
    ASSERT_TRUE(gets_on("eth0", "xenbr0")) << round;
    ASSERT_TRUE(
        eventually([&] { return RunningDaemon::report().counters.healed_chains == round; }));
  }
  sh("ip link set eth0 nomaster");
  ASSERT_TRUE(settles());
  EXPECT_FALSE(is_on("eth0", "xenbr0"));
  const auto report = RunningDaemon::report();
  EXPECT_EQ(report.counters.gave_way, 1U);
  ASSERT_FALSE(report.waiting.empty());
  EXPECT_TRUE(has(report.waiting[0].reason, "three times within a minute, and ifupdown"))
      << report.waiting[0].reason;
  EXPECT_TRUE(has(report.waiting[0].reason, "join eth0 to xenbr0")) << report.waiting[0].reason;
}

TEST_F(TheDaemon, GivesWayToWhoeverKeepsTakingAPortAway) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  for (unsigned round = 1; round <= 3; ++round) {
    sh("ip link set vif5.0 nomaster");
    ASSERT_TRUE(gets_on("vif5.0", "xenbr0")) << round;
    ASSERT_TRUE(eventually([&] { return RunningDaemon::report().counters.healed_ports == round; }));
  }
  sh("ip link set vif5.0 nomaster");
  ASSERT_TRUE(settles());
  EXPECT_FALSE(is_on("vif5.0", "xenbr0"));
  EXPECT_EQ(RunningDaemon::report().counters.gave_way, 1U);
}

TEST_F(TheDaemon, KeepsABridgelessLinkOfTheFileAsItIsToBe) {
  Host::write_config("[bond.bond0]\nports = [\"eth0\"]\naddresses = [\"10.0.0.9/24\"]\n");
  if (const auto why = why_no_kind("bond"); !why.empty()) GTEST_SKIP() << why;
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  sh("ip link del bond0");
  EXPECT_TRUE(eventually([] { return has(sh("ip addr show dev bond0 || true"), "10.0.0.9/24"); }));
  EXPECT_TRUE(gets_on("eth0", "bond0"));
}

TEST_F(TheDaemon, LeavesAChainThatSomebodyIsAtWorkOnAndServesOthersMeanwhile) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  {
    const HeldLock busy("/run/vifchain/locks/xenbr0.lock");
    sh("ip link del xenbr0");
    add_vif(6, "xenbr1");
    ASSERT_TRUE(becomes(6, "connected"));
    ASSERT_TRUE(settles());
    EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
  }
  EXPECT_TRUE(gets_on("eth0", "xenbr0"));
  EXPECT_TRUE(gets_on("vif5.0", "xenbr0"));
}

TEST_F(TheDaemon, DoesNotMeddleWithAChangeThatWaitsToBeConfirmed) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  write_config_that_settles("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply --confirm 5").exit_code, 0);
  EXPECT_FALSE(has(sh("ip link"), "xenbr1"));
  EXPECT_TRUE(gets_on("eth1", "xenbr1")) << "nobody confirmed it";
  ASSERT_TRUE(settles());
  EXPECT_EQ(healed(), std::vector<std::string>{});
}

TEST_F(TheDaemon, MissesNothingWhenTheKernelCannotKeepItsNews) {
  const RunningDaemon daemon("--link-buffer 2304");
  for (unsigned domid = 5; domid < 10; ++domid) add_vif(domid, "xenbr0");
  for (unsigned domid = 5; domid < 10; ++domid) ASSERT_TRUE(becomes(domid, "connected"));
  std::string storm;
  for (int i = 0; i < 300; ++i) storm += "link set eth1 down\nlink set eth1 up\n";
  storm += "link del xenbr0\n";
  for (int i = 0; i < 300; ++i) storm += "link set eth1 down\nlink set eth1 up\n";
  sh("printf '" + storm + "' | ip -batch -");
  for (unsigned domid = 5; domid < 10; ++domid)
    EXPECT_TRUE(gets_on("vif" + std::to_string(domid) + ".0", "xenbr0"));
  EXPECT_TRUE(gets_on("eth0", "xenbr0"));
  EXPECT_GE(RunningDaemon::report().counters.lost_events, 1U) << "it was meant to lose some";
}

// Guests on a VLAN of a bond.
class OnABond : public TheDaemon {
 protected:
  void SetUp() override {
    TheDaemon::SetUp();
    static const std::string why_not = why_no_kind("bond") + why_no_kind("vlan");
    if (!why_not.empty()) GTEST_SKIP() << why_not;
    write_config_that_settles(
        "[bond.bond0]\nports = [\"eth0\", \"eth1\"]\nmode = \"active-backup\"\nmiimon = 100\n"
        "[bridge.xenbr5]\nports = [\"bond0.5\"]\n[bridge.xenbr6]\nports = [\"bond0.6\"]\n");
    ASSERT_EQ(vifchain("apply").exit_code, 0);
    daemon_.emplace();
    add_vif(5, "xenbr5");
    ASSERT_TRUE(becomes(5, "connected"));
    as_it_was_ = Host::links();
  }

  void TearDown() override {
    daemon_.reset();
    TheDaemon::TearDown();
  }

  // Somebody breaks it, and it is as it was; in how many milliseconds is printed.
  void expect_healing_after(const std::string& blow) const {
    sh(blow);
    EXPECT_TRUE(eventually([&] { return Host::links() == as_it_was_; }))
        << as_it_was_ << "\nand now\n"
        << Host::links();
    EXPECT_TRUE(eventually([] { return !RunningDaemon::report().repairs.empty(); }));
    for (const auto& repair : RunningDaemon::report().repairs)
      std::printf("%s: %s was right after %lld ms\n", blow.c_str(), repair.subject.c_str(),
                  static_cast<long long>(repair.delay / 1000));
  }

  std::optional<RunningDaemon> daemon_;
  std::string as_it_was_;
};

TEST_F(OnABond, ABridgeThatSomebodyDeletedComesBack) {
  expect_healing_after("ip link del xenbr5");
}

TEST_F(OnABond, AVlanLinkThatSomebodyDeletedComesBack) {
  expect_healing_after("ip link del bond0.5");
}

TEST_F(OnABond, ABondThatSomebodyDeletedComesBackWithAllThatStoodOnIt) {
  expect_healing_after("ip link del bond0");
}

TEST_F(OnABond, APortThatSomebodyTookOffTheBondComesBack) {
  expect_healing_after("ip link set eth1 nomaster");
}

TEST_F(OnABond, AnUplinkThatSomebodyTookOffTheBridgeComesBack) {
  expect_healing_after("ip link set bond0.5 nomaster");
}

TEST_F(OnABond, ALinkThatSomebodyTookDownComesUp) {
  expect_healing_after("ip link set bond0.6 down");
}

TEST_F(OnABond, AnOptionThatSomebodyChangedIsPutBack) {
  expect_healing_after("ip link set bond0 type bond miimon 250");
}

TEST_F(OnABond, ANicThatWasUnpluggedIsABondPortAgainWhenItComesBack) {
  sh("ip link del eth1");
  ASSERT_TRUE(settles());
  Host::add_nic("eth1");
  EXPECT_TRUE(gets_on("eth1", "bond0"));
}

TEST_F(OnABond, AllOfItAtOnceComesBack) {
  expect_healing_after(
      "ip link set vif5.0 nomaster; ip link del bond0; ip link del xenbr5; ip link del xenbr6");
}

// ---- Nobody ends vifs in a driver domain but vifchaind

TEST_F(TheDaemon, GoesOnWithLinksWhileXenstoredIsStoppedAndWithVifsAfterwards) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  ASSERT_TRUE(settles());
  host_->stop_store();
  sh("ip link set vif5.0 nomaster");
  ASSERT_TRUE(eventually([] { return has(RunningDaemon::said(), "xenstored does not answer"); }));
  sh("ip link del xenbr1");
  EXPECT_TRUE(gets_on("eth1", "xenbr1"));
  EXPECT_FALSE(is_on("vif5.0", "xenbr0"));
  const auto waiting = RunningDaemon::report().waiting;
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting.front().subject, "xenstore");
  host_->let_store_go_on();
  EXPECT_TRUE(gets_on("vif5.0", "xenbr0"));
  add_vif(6, "xenbr1");
  EXPECT_TRUE(becomes(6, "connected"));
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().waiting.empty(); }));
}

TEST_F(TheDaemon, BeginsWhileXenstoredIsStopped) {
  add_vif(5, "xenbr0");
  host_->stop_store();
  const RunningDaemon daemon("", RunningDaemon::Begun::at_once);
  ASSERT_TRUE(eventually([&] { return RunningDaemon::report().pid == daemon.process(); }));
  const auto waiting = RunningDaemon::report().waiting;
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting.front().subject, "xenstore");
  host_->let_store_go_on();
  EXPECT_TRUE(becomes(5, "connected"));
}

// Every failed attempt to reach it is the same news.
TEST_F(TheDaemon, SaysOnceThatThereIsNoXenstored) {
  const RunningDaemon daemon;
  host_->kill_store();
  ASSERT_TRUE(eventually([] { return has(RunningDaemon::said(), "tried again"); }));
  ASSERT_TRUE(settles());
  ASSERT_TRUE(settles());
  const std::string said = RunningDaemon::said();
  EXPECT_EQ(said.find("tried again"), said.rfind("tried again")) << said;
}

TEST_F(TheDaemon, SaysEachTimeThatXenstoredHasGoneAndWaitsForIt) {
  const RunningDaemon daemon;
  const auto times = [](const std::string& part) {
    std::size_t count = 0;
    const std::string said = RunningDaemon::said();
    for (auto at = said.find(part); at != std::string::npos; at = said.find(part, at + 1)) ++count;
    return count;
  };
  for (const std::size_t time : {1U, 2U}) {
    host_->kill_store();
    ASSERT_TRUE(eventually([&] { return times("tried again") == time; })) << RunningDaemon::said();
    EXPECT_EQ(times("vifchaind: warning: xenstored has gone"), time) << RunningDaemon::said();
    const auto waiting = RunningDaemon::report().waiting;
    ASSERT_EQ(waiting.size(), 1U);
    EXPECT_EQ(waiting.front().subject, "xenstore");
    EXPECT_EQ(waiting.front().reason, "xenstored has gone");
    host_->restart_store();
    ASSERT_TRUE(eventually([] { return RunningDaemon::report().waiting.empty(); }));
  }
}

class InADriverDomain : public TheDaemon {
 protected:
  void SetUp() override {
    TheDaemon::SetUp();
    Host::set_node("/local/domain/0/domid", "3");
  }

  static std::string backend(unsigned domid) {
    return "/local/domain/3/backend/vif/" + std::to_string(domid) + "/0";
  }

  static void add_vif(unsigned domid, const std::string& bridge) {
    const std::string number = std::to_string(domid);
    sh("ip link add vif" + number + ".0 address fe:ff:ff:ff:ff:ff type veth peer name g" + number);
    const auto store = open_store();
    for (const auto& [node, value] : {std::pair{"bridge", bridge},
                                      {"script", "/etc/xen/scripts/vif-chain"},
                                      {"online", "1"},
                                      {"hotplug-status", ""},
                                      {"state", "2"}})
      store->write(backend(domid) + "/" + node, value);
  }

  static bool becomes(unsigned domid, const std::string& wanted) {
    return eventually([&] { return Host::node(backend(domid) + "/hotplug-status") == wanted; });
  }

  static void end(unsigned domid) {
    Host::set_node(backend(domid) + "/online", "0");
    Host::set_node(backend(domid) + "/state", "6");
  }

  static bool is_gone(unsigned domid) {
    return eventually([&] { return Host::node(backend(domid) + "/state") == "(none)"; });
  }
};

TEST_F(InADriverDomain, AVifIsConnectedAndTakenOutInTheEnd) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  end(5);
  ASSERT_TRUE(is_gone(5));
  EXPECT_FALSE(is_on("vif5.0", "xenbr0"));
  EXPECT_TRUE(has(sh("ip link"), "xenbr0"));
  EXPECT_TRUE(eventually([] { return RunningDaemon::report().counters.released == 1; }));
}

TEST_F(InADriverDomain, NothingOfAGuestIsLeftInTheStore) {
  const RunningDaemon daemon;
  for (unsigned domid = 5; domid < 15; ++domid) add_vif(domid, "xenbr0");
  for (unsigned domid = 5; domid < 15; ++domid) ASSERT_TRUE(becomes(domid, "connected"));
  for (unsigned domid = 5; domid < 15; ++domid) end(domid);
  EXPECT_TRUE(
      eventually([] { return open_store()->children("/local/domain/3/backend/vif").empty(); }));
}

TEST_F(InADriverDomain, AVifThatEndedWhileNobodyWatchedIsTakenOut) {
  {
    const RunningDaemon daemon;
    add_vif(5, "xenbr0");
    ASSERT_TRUE(becomes(5, "connected"));
  }
  end(5);
  const RunningDaemon daemon;
  EXPECT_TRUE(is_gone(5));
}

TEST_F(InADriverDomain, AGuestThatRebootsKeepsItsVif) {
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  Host::set_node(backend(5) + "/state", "6");  // and online is 1
  add_vif(6, "xenbr0");
  ASSERT_TRUE(becomes(6, "connected"));
  EXPECT_EQ(Host::node(backend(5) + "/state"), "6");
  EXPECT_TRUE(is_on("vif5.0", "xenbr0"));
}

using Clock = std::chrono::steady_clock;

// For how long it outlived this moment. That a machine is slow only makes it longer.
Clock::duration outlived(Clock::time_point moment, const std::string& bridge) {
  EXPECT_TRUE(eventually([&] { return !has(sh("ip link"), bridge); })) << bridge << " stays";
  return Clock::now() - moment;
}

TEST_F(InADriverDomain, AChainGoesWithItsLastVifAfterAWhile) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nteardown = \"last-vif\"\nlinger = 1\n");
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  const auto ended = Clock::now();
  end(5);
  ASSERT_TRUE(is_gone(5));
  EXPECT_GE(outlived(ended, "xenbr0"), std::chrono::seconds(1));
}

// It does not go at the time that the first one's end had set.
TEST_F(InADriverDomain, AVifThatComesMeanwhileKeepsTheChain) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nteardown = \"last-vif\"\nlinger = 2\n");
  const RunningDaemon daemon;
  add_vif(5, "xenbr0");
  ASSERT_TRUE(becomes(5, "connected"));
  end(5);
  ASSERT_TRUE(is_gone(5));
  add_vif(6, "xenbr0");
  ASSERT_TRUE(becomes(6, "connected"));
  const auto ended = Clock::now();
  end(6);
  ASSERT_TRUE(is_gone(6));
  EXPECT_GE(outlived(ended, "xenbr0"), std::chrono::seconds(2));
}

}  // namespace
}  // namespace vifchain
