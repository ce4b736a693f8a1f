// SPDX-License-Identifier: Apache-2.0
// Other network managers and the links of vifchain and of its guests: the files that keep the
// former off the latter, with udev's own reader of rules and the real systemd-networkd.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <optional>

#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

// The folder with what meson made of xen-scripts/boot.
std::string boot_files() {
  const char* path = std::getenv("BOOT_FILES");
  return path != nullptr ? path : "/opt/vifchain-tests/boot";
}

// Where udev and networkd are, and find our files and no others.
class Neighbours : public ::testing::Test {
 protected:
  void SetUp() override {
    if (sh("command -v udevadm || true").empty()) GTEST_SKIP() << "no udev here";
    host_.emplace();
    sh("mount -t sysfs sysfs /sys && mkdir -p /usr/lib/udev/rules.d && "
       "mount -t tmpfs none /usr/lib/udev/rules.d && "
       "mkdir -p /etc/udev/rules.d /etc/systemd/network /run/systemd/netif");
    sh("cp " + boot_files() + "/85-vifchain.rules /etc/udev/rules.d/");
    sh("cp " + boot_files() + "/*.network /etc/systemd/network/");
  }

  // Has udev do with the link what it does when it comes; all that is known of it then.
  static std::string udev_on(const std::string& path) {
    return sh("SYSTEMD_DEVICE_VERIFY_SYSFS=0 udevadm test " + path + " 2>/dev/null");
  }
  static bool is_marked(const std::string& properties) {
    return has(properties, "ID_VIFCHAIN_PORT=1\n") && has(properties, "NM_UNMANAGED=1\n");
  }
  static bool link_is_marked(const std::string& link) {
    return is_marked(udev_on("/sys/class/net/" + link));
  }

  std::optional<Host> host_;
};

// A link whose parent is a device of `bus`, as sysfs shows it.
std::string fake_link(const std::string& bus, const std::string& name) {
  const std::string device = "/sys/devices/" + bus + "-7-0", link = device + "/net/" + name;
  sh("mkdir -p /sys/bus/" + bus + " /sys/class/net " + link + " && ln -s /sys/bus/" + bus + " " +
     device + "/subsystem && ln -s /sys/class/net " + link + "/subsystem && ln -s " + link +
     " /sys/class/net/" + name + " && echo 0 >" + link + "/netdev_group");
  std::ofstream(device + "/uevent") << "DRIVER=vif\nXENBUS_TYPE=vif\n";
  std::ofstream(link + "/uevent") << "INTERFACE=" << name << "\nIFINDEX=7\n";
  return link;
}

TEST_F(Neighbours, AVifIsKnownByItsParentWhateverItIsCalled) {
  sh("mount -t tmpfs none /sys");
  const std::string vif = fake_link("xen-backend", "web"), nic = fake_link("xen", "eth0");
  EXPECT_TRUE(is_marked(udev_on(vif))) << udev_on(vif);
  EXPECT_FALSE(has(udev_on(vif), "vifchain-nic")) << "a guest's link is no late NIC";
  EXPECT_FALSE(is_marked(udev_on(nic))) << "a driver domain's own NIC has a driver of that name";
  EXPECT_FALSE(is_marked(udev_on(vif.substr(0, vif.find("/net/"))))) << "not the device itself";
}

TEST_F(Neighbours, AnEmulatedNicIsKnownByItsNameAsATap) {
  for (const char* tap : {"vif7.0-emu", "web-emu", "tap7.0"}) {
    sh(std::string("ip tuntap add ") + tap + " mode tap");
    EXPECT_TRUE(link_is_marked(tap)) << tap;
  }
  sh("ip tuntap add tap0 mode tap");
  Host::add_nic("eth-emu");
  for (const char* other : {"tap0", "eth-emu"}) EXPECT_FALSE(link_is_marked(other)) << other;
}

TEST_F(Neighbours, OfLinksThatVifchainMadeAllButBridgesArePorts) {
  sh("ip link add xenbr0 group 30307 type bridge");
  Host::add_nic("slb");
  sh("ip link set slb group 30307");
  EXPECT_TRUE(link_is_marked("slb"));
  const std::string bridge = udev_on("/sys/class/net/xenbr0");
  EXPECT_TRUE(has(bridge, "ID_VIFCHAIN=1\n") && has(bridge, "NM_UNMANAGED=1\n")) << bridge;
  EXPECT_FALSE(has(bridge, "ID_VIFCHAIN_PORT"));
}

// As an administrator may have it: one file for every link, by a name that comes early.
class Networkd : public Neighbours {
 protected:
  void SetUp() override {
    Neighbours::SetUp();
    if (IsSkipped()) return;
    if (sh("ls " + program + " 2>/dev/null || true").empty()) GTEST_SKIP() << "no networkd here";
    std::ofstream("/etc/passwd") << "root:x:0:0::/:/bin/sh\n"
                                    "systemd-network:x:998:998::/:/bin/false\n";
    std::ofstream("/etc/group") << "root:x:0:\nsystemd-network:x:998:\n";
    sh("chown -R 998:998 /run/systemd/netif");
    std::ofstream("/etc/systemd/network/00-all.network")
        << "[Match]\nName=*\n[Network]\nLinkLocalAddressing=no\n";
    sh("ip link add xenbr0 type bridge && ip link set xenbr0 up");
  }
  void TearDown() override {
    if (child_ > 0) ::kill(child_, SIGKILL);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
    if (HasFailure()) std::printf("%s", contents_of("/run/networkd").c_str());
  }

  static void add_port(const std::string& name) {
    Host::add_nic(name);
    join(name);
  }
  static void join(const std::string& name) {
    sh("ip link set " + name + " master xenbr0 up && ip link set " + name + " up");
  }

  // Until it has looked at all links and thrown `stranger` off the bridge.
  void start(const std::string& stranger) {
    child_ = ::fork();
    if (child_ == 0) {
      ::execl("/bin/sh", "sh", "-c",
              ("SYSTEMD_LOG_TARGET=console exec " + program + " >/run/networkd 2>&1").c_str(),
              nullptr);
      ::_exit(127);
    }
    ASSERT_TRUE(eventually([&] { return state_of(stranger) == "configured"; }));
    ASSERT_FALSE(is_port(stranger)) << "else this test proves nothing";
  }

  static std::string state_of(const std::string& link) {
    return sh("sed -n s/^ADMIN_STATE=//p /run/systemd/netif/links/$(cat /sys/class/net/" + link +
              "/ifindex) 2>/dev/null | tr -d '\\n'");
  }
  static bool is_port(const std::string& link) {
    return has(sh("ip -o link show dev " + link), "master xenbr0 ");
  }
  static void expect_left_alone(const std::string& link) {
    EXPECT_TRUE(eventually([&] { return state_of(link) == "unmanaged"; })) << state_of(link);
    EXPECT_TRUE(is_port(link)) << link;
  }

  const std::string program = "/usr/lib/systemd/systemd-networkd";
  pid_t child_ = -1;
};

TEST_F(Networkd, LeavesVifsAndEmulatedNicsOnTheirBridge) {
  for (const char* tap : {"web-emu", "vif7.0-emu"}) {
    sh(std::string("ip tuntap add ") + tap + " mode tap");
    join(tap);
  }
  add_port("vif7.0");
  add_port("stranger");
  for (const char* link : {"web-emu", "vif7.0-emu", "vif7.0", "stranger"})
    udev_on(std::string("/sys/class/net/") + link);
  start("stranger");
  for (const char* link : {"web-emu", "vif7.0-emu", "vif7.0"}) expect_left_alone(link);
}

// sysfs that cannot be written tells networkd so.
TEST_F(Networkd, KnowsVifsByTheirNameWhereThereIsNoUdev) {
  add_port("vif7.0");
  add_port("stranger");
  sh("mount -o remount,ro /sys");
  start("stranger");
  expect_left_alone("vif7.0");
}

TEST_F(Networkd, LeavesWhatVifchainPutUnderABridgeThere) {
  add_port("slb");
  sh("ip link set slb group 30307");
  add_port("stranger");
  for (const char* link : {"slb", "stranger"}) udev_on(std::string("/sys/class/net/") + link);
  start("stranger");
  expect_left_alone("slb");
}

TEST_F(Networkd, IsToldOfDhcpBeforeItIsToldToKeepOff) {
  Host::add_nic("slb");
  sh("ip link set slb group 30307");
  udev_on("/sys/class/net/slb");
  std::ofstream("/etc/systemd/network/0-0-vifchain-dhcp-slb.network")
      << "[Match]\nName=slb\n[Network]\nLinkLocalAddressing=no\n";
  start("slb");
}

}  // namespace
}  // namespace vifchain
