// SPDX-License-Identifier: Apache-2.0
// vifchaind within the bounds that its unit sets: root's rights over the network alone, and a file
// system that it may hardly write. The bounds are read from the unit; what only systemd can set
// (system calls, socket families, devices) is not among them.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cctype>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

#include "running_daemon.hpp"

namespace vifchain {
namespace {

// The folder with what meson made of xen-scripts/boot.
std::string boot_files() {
  const char* path = std::getenv("BOOT_FILES");
  return path != nullptr ? path : "/opt/vifchain-tests/boot";
}

// "" where the unit does not say.
std::string in_unit(const std::string& key) {
  std::ifstream unit(boot_files() + "/vifchaind.service");
  for (std::string line; std::getline(unit, line);)
    if (line.starts_with(key + "=")) return line.substr(key.size() + 1);
  return {};
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// "CAP_NET_ADMIN" as setpriv(1) has it: ",+net_admin".
std::string kept_capabilities() {
  std::string kept;
  for (const auto& name : words_of(in_unit("CapabilityBoundingSet"))) {
    std::string lower = name.substr(std::string("CAP_").size());
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    kept += ",+" + lower;
  }
  return kept;
}

// What ProtectSystem=strict, ProtectKernelTunables=, ReadWritePaths=, RuntimeDirectory= and
// StateDirectory= come to.
std::string mounts() {
  std::string script =
      "set -e; mount --make-rprivate /; mkdir -p /run/" + in_unit("RuntimeDirectory") + "\n";
  auto writable = words_of(in_unit("ReadWritePaths"));
  writable.push_back("/var/lib/" + in_unit("StateDirectory"));
  for (auto path : writable) {
    if (path.starts_with('-')) path.erase(0, 1);
    script += "mount --bind " + path + " " + path + "\n";
  }
  for (const char* path : {"/", "/etc", "/run", "/var/lib", "/var/log", "/proc/sys", "/sys"})
    script += std::string("mountpoint -q ") + path + " || mount --rbind " + path + " " + path +
              "; mount -o remount,bind,ro " + path + "\n";
  return script;
}

// A program that is vifchaind within its bounds.
std::string bounded(const std::string& program) {
  const std::string path = "/run/bounded";
  std::ofstream(path) << "#!/bin/sh\n[ -n \"$bounded\" ] || bounded=1 exec unshare --mount "
                         "--propagation unchanged \"$0\" \"$@\"\n"
                      << mounts() << "exec setpriv --bounding-set=-all" << kept_capabilities()
                      << " --inh-caps=-all --no-new-privs " << program << " \"$@\"\n";
  ::chmod(path.c_str(), 0755);
  return path;
}

class Bounds : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /var/lib/vifchain");
    Host::add_nic("eth0");
    Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
    program_ = vifchaind_program();
    ::setenv("VIFCHAIND", bounded(program_).c_str(), 1);
  }
  void TearDown() override {
    ::setenv("VIFCHAIND", program_.c_str(), 1);
    if (HasFailure()) std::printf("%s%s", RunningDaemon::said().c_str(), Host::log().c_str());
  }

  static void add_vif(unsigned domid) {
    Host::set_node(Host::backend(domid, 0) + "/script", "/etc/xen/scripts/vif-chain");
    Host::set_node(Host::backend(domid, 0) + "/online", "1");
    Host::add_vif(domid, 0, "xenbr0");
  }

  static bool becomes(unsigned domid, const std::string& wanted) {
    return eventually(
        [&] { return Host::node(Host::backend(domid, 0) + "/hotplug-status") == wanted; });
  }

  static void add_hook(const std::string& text) {
    sh("mkdir -p /etc/xen/scripts/vif-post.d");
    std::ofstream("/etc/xen/scripts/vif-post.d/10.hook") << text;
    ::chmod("/etc/xen/scripts/vif-post.d/10.hook", 0755);
  }

  std::optional<Host> host_;
  std::string program_;
};

TEST_F(Bounds, AreEnoughToMakeAChainConnectAVifAndHealIt) {
  const RunningDaemon daemon;
  add_vif(5);
  ASSERT_TRUE(becomes(5, "connected"));
  EXPECT_TRUE(has(sh("ip -o link show dev eth0"), "master xenbr0 "));
  sh("ip link set vif5.0 nomaster");
  EXPECT_TRUE(eventually([] { return has(sh("ip -o link show dev vif5.0"), "master xenbr0 "); }));
  sh("ip link del xenbr0");
  EXPECT_TRUE(eventually([] {
    return has(sh("ip -o link show dev vif5.0; ip -o link show dev eth0"), "master xenbr0 ");
  }));
}

TEST_F(Bounds, AreEnoughToKeepRunsAndToLog) {
  const RunningDaemon daemon;
  add_vif(5);
  ASSERT_TRUE(becomes(5, "connected"));
  EXPECT_TRUE(eventually([] { return has(contents_of("/var/lib/vifchain/runs"), "vif5.0"); }));
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  daemon.hang_up();
  EXPECT_TRUE(eventually([] { return has(Host::log(), "prots"); })) << Host::log();
  EXPECT_FALSE(RunningDaemon::report().config_mistake.empty());
}

TEST_F(Bounds, AreEnoughToFilter) {
  Host::write_config(
      "[bridge.xenbr0]\nports = [\"eth0\"]\nvif = { antispoof = \"mac\", receive_rate = "
      "\"100Mbit\" }\n");
  Host::set_node(Host::backend(5, 0) + "/mac", "02:00:00:00:00:05");
  const RunningDaemon daemon;
  add_vif(5);
  ASSERT_TRUE(becomes(5, "connected")) << Host::node(Host::backend(5, 0) + "/hotplug-error");
  EXPECT_TRUE(has(sh("nft list ruleset"), "vif5.0"));
}

TEST_F(Bounds, AreEnoughForAHookThatSetsASysctlOfTheVif) {
  add_hook("echo 1 >/proc/sys/net/ipv4/conf/$vif/proxy_arp\nip link set $vif txqueuelen 77\n");
  const RunningDaemon daemon;
  add_vif(5);
  ASSERT_TRUE(becomes(5, "connected")) << Host::node(Host::backend(5, 0) + "/hotplug-error");
  EXPECT_EQ(contents_of("/proc/sys/net/ipv4/conf/vif5.0/proxy_arp"), "1\n");
  EXPECT_TRUE(has(sh("ip -o link show dev vif5.0"), "qlen 77"));
}

TEST_F(Bounds, AreThoseOfHooksToo) {
  add_hook(
      "sed -n 's/^Cap\\(Eff\\|Bnd\\):\\t//p' /proc/self/status >/run/vifchain/capabilities\n"
      "for path in /etc/xen/spy /usr/spy /var/lib/spy /run/spy; do echo 1 >$path && "
      "echo $path >>/run/vifchain/wrote"
      "\ndone 2>/dev/null\ntrue\n");
  const RunningDaemon daemon;
  add_vif(5);
  ASSERT_TRUE(becomes(5, "connected")) << Host::node(Host::backend(5, 0) + "/hotplug-error");
  EXPECT_EQ(contents_of("/run/vifchain/capabilities"), "0000000000001000\n0000000000001000\n")
      << "CAP_NET_ADMIN is number 12";
  EXPECT_EQ(contents_of("/run/vifchain/wrote"), "");
}

// systemd alone could start a client with more rights than the daemon has, and is out of its reach.
TEST_F(Bounds, AreNotLeftForADhcpClientWhichIsAskedFor) {
  EXPECT_TRUE(has(in_unit("InaccessiblePaths"), "/run/systemd/private"));
  EXPECT_TRUE(has(in_unit("InaccessiblePaths"), "/run/dbus/system_bus_socket"));
  if (sh("command -v dhcpcd || true").empty()) GTEST_SKIP() << "no dhcpcd here";
  sh("mkdir -p /var/lib/dhcpcd /run/dhcpcd");
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  Host::write_config(
      "[host]\ndhcp_client = \"dhcpcd\"\n[bridge.xenbr0]\nports = [\"eth0\"]\ndhcp = \"ipv4\"\n");
  sh("mkdir -p /run/systemd/system");
  {
    const RunningDaemon daemon;
    sh("ip link del xenbr0");
    EXPECT_TRUE(
        eventually([] { return contents_of("/run/vifchain/dhcp-wanted") == "vifchain dhcp\n"; }));
    EXPECT_TRUE(eventually([] { return has(sh("ip -o link show dev eth0"), "master xenbr0 "); }));
    EXPECT_EQ(sh("pgrep -x dhcpcd || true"), "");
  }
  sh("rm -r /run/systemd");
  EXPECT_EQ(vifchain("dhcp").exit_code, 0);
  EXPECT_TRUE(has(vifchain("status").out, "IPv4 by dhcpcd")) << vifchain("status").out;
  EXPECT_EQ(vifchain("down --all").exit_code, 0);
}

}  // namespace
}  // namespace vifchain
