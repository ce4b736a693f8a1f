// SPDX-License-Identifier: Apache-2.0
// Guests who come or move between what apply planned and what it does, on a real kernel.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "edge/base/descriptor.hpp"
#include "edge/state/vif_lock.hpp"
#include "flow/run/env.hpp"
#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

constexpr auto pipe_path = "/run/full";

// `vifchain apply` that has planned, and cannot say so, as the pipe that it writes to is full.
class ApplyThatWaits {
 public:
  ApplyThatWaits() : pipe_(opened()) {
    const std::string much(65536, '.');
    while (::write(pipe_.number(), much.data(), much.size()) > 0) continue;
    sh("(" + environment() + vifchain_program() + " apply >" + pipe_path +
       " 2>/run/err; echo $? >/run/code) >/dev/null 2>&1 &");
  }

  // It is in write(2) to its standard output.
  static bool is_waiting() {
    for (const auto& process : processes_here("vifchain apply"))
      if (contents_of("/proc/" + std::to_string(process) + "/syscall").starts_with("1 0x1 "))
        return true;
    return false;
  }

  // Its exit code.
  [[nodiscard]] int go_on() const {
    const auto has_ended = [&] {
      char some[4096];
      while (::read(pipe_.number(), some, sizeof some) > 0) continue;
      return has(contents_of("/run/code"), "\n");
    };
    return eventually(has_ended) ? std::stoi(contents_of("/run/code")) : -1;
  }

 private:
  static int opened() {
    ::mkfifo(pipe_path, 0600);
    return ::open(pipe_path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  }

  Descriptor pipe_;
};

class GuestsOfAnApply : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /run/lib && mount --bind /run/lib /var/lib");
    write_file("off");
    ASSERT_EQ(vifchain("apply").exit_code, 0);
  }

  static void write_file(const std::string& policy_of_free) {
    Host::write_config(
        "[bridge.filtered]\nports = []\nvif = { antispoof = \"mac\" }\n"
        "[bridge.free]\nports = []\nvif = { antispoof = \"" +
        policy_of_free + "\" }\n");
  }

  // The guest's link, and its desired for this bridge.
  static void come_to(const std::string& bridge, unsigned guest = 5) {
    const std::string vif = "vif" + std::to_string(guest) + ".0";
    if (sh("ip -o link show dev " + vif + " 2>/dev/null || true").empty())
      Host::add_vif(guest, 0, bridge);
    Host::set_node(Host::backend(guest, 0) + "/bridge", bridge);
    Host::set_node(Host::backend(guest, 0) + "/mac", "02:00:00:00:00:0" + std::to_string(guest));
    ASSERT_EQ(Host::vif_chain("online", guest, 0).exit_code, 0) << Host::log();
  }

  // It sleeps.
  static bool is_between_looks() {
    const auto now = std::to_string(SYS_clock_nanosleep) + " ";
    return std::ranges::any_of(processes_here("vifchain apply"), [&](pid_t process) {
      return contents_of("/proc/" + std::to_string(process) + "/syscall").starts_with(now);
    });
  }

  static std::string filters() {
    return sh("nft list map bridge vifchain mode 2>/dev/null || true");
  }

  std::optional<Host> host_;
};

TEST_F(GuestsOfAnApply, KeepTheFilterThatWasLeftBehindWhenTheyComeAgain) {
  come_to("filtered");
  sh("ip link del vif5.0");
  ASSERT_TRUE(has(vifchain("plan").out, "remove the filter of vif5.0"));
  const ApplyThatWaits apply;
  ASSERT_TRUE(eventually(ApplyThatWaits::is_waiting));
  come_to("filtered");
  EXPECT_EQ(apply.go_on(), 0) << contents_of("/run/err");
  EXPECT_TRUE(has(filters(), "\"vif5.0\" : goto mac")) << filters();
}

TEST_F(GuestsOfAnApply, LoseWhatSomebodyAddedToTheirFilter) {
  come_to("filtered");
  sh("nft 'add element bridge vifchain macs { \"vif5.0\" . 02:00:00:00:00:99 }'");
  EXPECT_EQ(vifchain("plan").exit_code, 2);
  EXPECT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(vifchain("plan").exit_code, 0) << contents_of("/run/out");
  EXPECT_FALSE(has(sh("nft list table bridge vifchain"), "02:00:00:00:00:99"));
}

TEST_F(GuestsOfAnApply, HaveTheFilterOfTheBridgeThatTheyMovedTo) {
  come_to("free");
  write_file("closed");
  ASSERT_TRUE(has(vifchain("plan").out, "filter vif5.0: closed"));
  const ApplyThatWaits apply;
  ASSERT_TRUE(eventually(ApplyThatWaits::is_waiting));
  come_to("filtered");
  EXPECT_EQ(apply.go_on(), 0) << contents_of("/run/err");
  EXPECT_TRUE(has(filters(), "\"vif5.0\" : goto mac")) << filters();
  EXPECT_EQ(vifchain("plan").exit_code, 0);
}

TEST_F(GuestsOfAnApply, AreSeenToOnceWhoeverIsBusyWithThemHasEnded) {
  come_to("filtered", 6);  // for whom there is a table of filters
  come_to("free");
  write_file("closed");
  auto somebody = VifLock::if_free(Places{}.vif_locks(), {5, 0});
  sh("(" + environment() + vifchain_program() + " apply; echo $? >/run/code) >/run/out 2>&1 &");
  ASSERT_TRUE(eventually(is_between_looks)) << contents_of("/run/out");
  EXPECT_FALSE(has(filters(), "vif5.0")) << filters();
  somebody.reset();
  ASSERT_TRUE(eventually([] { return contents_of("/run/code") == "0\n"; }))
      << contents_of("/run/out");
  EXPECT_TRUE(has(filters(), "\"vif5.0\"")) << filters();
}

TEST_F(GuestsOfAnApply, AreNamedWhereSomebodyStaysBusyWithThem) {
  come_to("free");
  write_file("closed");
  const auto somebody = VifLock::if_free(Places{}.vif_locks(), {5, 0});
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 1) << ran.out;
  EXPECT_TRUE(has(ran.out, "vif5.0: skipped (another run is busy with it")) << ran.out;
  EXPECT_TRUE(has(ran.out, "Done, 1 skipped")) << ran.out;
  EXPECT_FALSE(has(Host::log(), "filter vif5.0: closed")) << "that is said of what was done";
}

TEST_F(GuestsOfAnApply, GoWithTheFilterThatTheFileWantsNoMore) {
  come_to("filtered");
  Host::write_config("[bridge.filtered]\nports = []\n");
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0) << Host::log();
  EXPECT_FALSE(has(filters(), "vif5.0")) << filters();
}

TEST_F(GuestsOfAnApply, HaveTheirFilterBackWithAnyEventOfAnotherWhenAllWasLost) {
  come_to("filtered");
  come_to("filtered", 6);
  sh("nft flush ruleset; rm -r /run/vifchain/filters");
  ASSERT_EQ(Host::vif_chain("online", 6, 0).exit_code, 0) << Host::log();
  EXPECT_TRUE(has(filters(), "\"vif5.0\" : goto mac")) << filters();
}

// What was written down of a filter is lost; who goes, or comes to another bridge, has none left.
TEST_F(GuestsOfAnApply, LeaveNoFilterBehindThatIsWrittenDownNowhere) {
  come_to("filtered");
  sh("rm -r /run/vifchain/filters");
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0) << Host::log();
  EXPECT_FALSE(has(filters(), "vif5.0")) << filters();
  come_to("filtered");
  sh("rm -r /run/vifchain/filters");
  come_to("free");
  EXPECT_FALSE(has(filters(), "vif5.0")) << filters();
}

TEST_F(GuestsOfAnApply, LeaveNoTableBehindWhenAllGoesDown) {
  come_to("filtered");
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0) << Host::log();
  ASSERT_TRUE(has(sh("nft list tables"), "vifchain"));
  ASSERT_EQ(vifchain("down --all").exit_code, 0);
  EXPECT_EQ(sh("nft list tables"), "");
}

}  // namespace
}  // namespace vifchain
