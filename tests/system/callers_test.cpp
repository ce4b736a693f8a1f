// SPDX-License-Identifier: Apache-2.0
// Callers other than libxl with xl: xend through udev, libvirt, and people; what each says, and
// whose word counts.
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>

#include "example_files.hpp"
#include "host.hpp"

namespace vifchain {
namespace {

// A host with three bridges of the administrator's and the declared xenbr0, and guest 5.
class Callers : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    Host::add_vif(5, 0, "");
    for (const char* bridge : {"one", "two", "three"})
      sh(std::string("ip link add ") + bridge + " type bridge && ip link set " + bridge + " up");
  }
  std::optional<Host> host_;
};

std::string link(const std::string& name) {
  return sh("ip -d link show dev " + name);
}

void set(const std::string& key, const std::string& value) {
  Host::set_node(Host::backend(5, 0) + "/" + key, value);
}

std::string node(const std::string& key) {
  return Host::node(Host::backend(5, 0) + "/" + key);
}

// What the hooks of a host saw is in /run/hooked.
void install_hook(const std::string& text) {
  sh("mkdir -p /etc/xen/scripts/vif-post.d && cat > /etc/xen/scripts/vif-post.d/a.hook <<'E'\n" +
     text + "\nE\nchmod +x /etc/xen/scripts/vif-post.d/a.hook");
}

// --- whose word counts ---------------------------------------------------------------------------

const std::vector<std::string> by_hand{"XENBUS_PATH=backend/vif/5/0", "vif=vif5.0"};

std::vector<std::string> by_hand_with(const std::string& variable) {
  auto environment = by_hand;
  environment.push_back(variable);
  return environment;
}

// A bridge that somebody once exported is none of the vif's: libxl hands on whatever environment
// its own caller had, and no toolstack says it so.
TEST_F(Callers, TheStoreGoesBeforeArgumentsAndTheEnvironmentDecidesNothing) {
  const auto online = [](const std::string& words) {
    EXPECT_EQ(Host::vif_chain_with(by_hand_with("bridge=one"), "offline").exit_code, 0);
    EXPECT_EQ(Host::vif_chain_with(by_hand_with("bridge=one"), words).exit_code, 0)
        << node("hotplug-error");
    return link("vif5.0");
  };
  EXPECT_TRUE(has(online("online"), "master xenbr0")) << "the file's, not the environment's";
  EXPECT_TRUE(has(online("online bridge=two"), "master two")) << "an argument";
  set("bridge", "three");
  EXPECT_TRUE(has(online("online bridge=two"), "master three")) << "and the store";
}

TEST_F(Callers, AnIpFromTheEnvironmentIsNoneThatTheFilterLetsThrough) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac-ip\" }\n");
  set("mac", "02:00:00:00:00:05");
  EXPECT_EQ(Host::vif_chain_with(by_hand_with("ip=192.0.2.5"), "online").exit_code, 1);
  EXPECT_TRUE(has(node("hotplug-error"),
                  "antispoof = \"mac-ip\" needs the guest's addresses; hint: ip=ADDRESS"))
      << node("hotplug-error");
}

TEST_F(Callers, TheArgumentsAndNetdevReachTheHooksAndNothingElseThatIsExported) {
  install_hook("echo \"$bridge|$ip|$netdev\" >> /run/hooked");
  ASSERT_EQ(Host::vif_chain_with(by_hand, "online bridge=one ip=192.0.2.5 netdev=eth0").exit_code,
            0)
      << node("hotplug-error");
  ASSERT_EQ(Host::vif_chain_with({"XENBUS_PATH=backend/vif/5/0", "vif=vif5.0", "bridge=two",
                                  "ip=192.0.2.6 192.0.2.7", "netdev=eth9"},
                                 "online bridge=one")
                .exit_code,
            0)
      << node("hotplug-error");
  EXPECT_EQ(sh("cat /run/hooked"),
            "one|192.0.2.5|eth0\n"
            "one||eth9\n");
}

TEST_F(Callers, AnIpFromTheArgumentsIsTheOneThatTheFilterLetsThrough) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac-ip\" }\n");
  set("mac", "02:00:00:00:00:05");
  ASSERT_EQ(Host::vif_chain_with(by_hand, "online bridge=xenbr0 ip=192.0.2.5").exit_code, 0)
      << node("hotplug-error");
  EXPECT_TRUE(has(sh("nft list table bridge vifchain"), "192.0.2.5"));
}

// With a hook there is a shell that could be misled.
TEST_F(Callers, NothingThatACallerSaysIsEvaluated) {
  install_hook("echo \"$ip $netdev\" >> /run/hooked");
  const Ran ran = Host::vif_chain_with(
      {"XENBUS_PATH=backend/vif/5/0", "vif=vif5.0", "bridge=one", "netdev=$(touch /run/evil)",
       "script=/etc/xen/scripts/vif-chain $(touch /run/evil)", "BASH_ENV=/run/evil"},
      "online ip=`touch${IFS}/run/evil` x=$(touch${IFS}/run/evil) ;touch${IFS}/run/evil=");
  EXPECT_EQ(ran.exit_code, 0) << node("hotplug-error");
  EXPECT_EQ(sh("cat /run/hooked"), "`touch${IFS}/run/evil` $(touch /run/evil)\n");
  EXPECT_EQ(sh("ls /run | grep -c evil || true"), "0\n");
}

// --- xend ----------------------------------------------------------------------------------------

// As udev runs Xen's vif-setup, which runs $script, unquoted, or vif-bridge without one. There are
// no variables but those of the rule's event and UDEV_CALL. The environment is in a shell's words.
int vif_setup(const std::string& environment, const std::string& words) {
  sh("mkdir -p /etc/xen/scripts && cat > /etc/xen/scripts/vif-setup <<'E'\n#!/bin/sh\n"
     "exec ${script:-" +
     vif_chain_program() + "} \"$@\"\nE\nchmod +x /etc/xen/scripts/vif-setup");
  std::string ours;
  for (const char* name : {"XENSTORED_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) ours += std::string(name) + "='" + value + "' ";
  return std::stoi(sh("env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin UDEV_CALL=1 " + ours +
                      environment + " /etc/xen/scripts/vif-setup " + words +
                      " </dev/null; echo $?"));
}

// The kernel's uevent of a vif (netback_uevent in its xenbus.c).
std::string uevent(const std::string& action, const std::string& script) {
  return "ACTION=" + action +
         " DEVPATH=/devices/vif-5-0 SUBSYSTEM=xen-backend DRIVER=vif SEQNUM=4711 XENBUS_TYPE=vif "
         "XENBUS_PATH=backend/vif/5/0 XENBUS_BASE_PATH=backend vif=vif5.0 script='" +
         script + "'";
}

TEST_F(Callers, XendsUdevRulesPutAVifOntoItsBridgeAndTakeItOff) {
  set("bridge", "two");
  ASSERT_EQ(vif_setup(uevent("online", vif_chain_program()), "online type_if=vif"), 0)
      << node("hotplug-error");
  EXPECT_EQ(node("hotplug-status"), "connected");
  EXPECT_TRUE(has(link("vif5.0"), "master two"));
  ASSERT_EQ(vif_setup(uevent("offline", vif_chain_program()), "offline type_if=vif"), 0);
  EXPECT_FALSE(has(link("vif5.0"), "master"));
}

TEST_F(Callers, TheUdevRulesOfXen4Dot0SayNoTypeIf) {
  set("bridge", "two");
  ASSERT_EQ(vif_setup(uevent("online", vif_chain_program()), "online"), 0) << node("hotplug-error");
  EXPECT_TRUE(has(link("vif5.0"), "master two"));
}

// (vif-script 'vif-bridge bridge=two') of xend-config.sxp: the words come before the command.
TEST_F(Callers, WordsOfXendsVifScriptNameTheBridge) {
  ASSERT_EQ(vif_setup(uevent("online", vif_chain_program() + " bridge=two antispoof=no"),
                      "online type_if=vif"),
            0)
      << node("hotplug-error");
  EXPECT_TRUE(has(link("vif5.0"), "master two"));
}

TEST_F(Callers, AVifOfXendsThatNamesNoBridgeGetsTheUsualOne) {
  ASSERT_EQ(vif_setup(uevent("online", vif_chain_program()), "online type_if=vif"), 0)
      << node("hotplug-error");
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
}

TEST_F(Callers, XendsUdevRulesPutAnEmulatedNicBesideItsVif) {
  set("bridge", "two");
  sh("ip link add vif5.0-emu type veth peer name t5");
  ASSERT_EQ(vif_setup("ACTION=add SUBSYSTEM=net DEVPATH=/devices/virtual/net/vif5.0-emu "
                      "INTERFACE=vif5.0-emu IFINDEX=9 script=",
                      "add type_if=tap"),
            0)
      << node("hotplug-error");
  EXPECT_TRUE(has(link("vif5.0-emu"), "master two"));
}

// xend waits for either word, and shows the error's text (DevController.py).
TEST_F(Callers, XendLearnsWhyAVifWasRefused) {
  set("bridge", "nowhere");
  EXPECT_EQ(vif_setup(uevent("online", vif_chain_program()), "online type_if=vif"), 1);
  EXPECT_EQ(node("hotplug-status"), "error");
  EXPECT_TRUE(has(node("hotplug-error"), "Could not find bridge device nowhere"))
      << node("hotplug-error");
}

// --- libvirt -------------------------------------------------------------------------------------

// What its driver gives to libxl for <interface type='bridge'> with <script>, <target dev> and two
// <ip>s, and libxl to the store: in the emulated NIC's company unless the model is netfront
// (libxlMakeNic in libxl_conf.c).
void set_as_libvirt_does(const std::string& bridge) {
  set("bridge", bridge);
  set("script", "/etc/xen/scripts/vif-chain");
  set("vifname", "web-net");
  set("ip", "192.0.2.5 2001:db8::5");
  set("mac", "02:00:00:00:00:05");
  set("type", "vif_ioemu");
  sh("ip link add vif5.0-emu type veth peer name t5");
}

TEST_F(Callers, AnInterfaceOfLibvirtsIsOnItsBridgeUnderTheNameOfItsTarget) {
  Host::write_config(std::string(one_bridge) + "vif = { antispoof = \"mac-ip\" }\n");
  set_as_libvirt_does("xenbr0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << node("hotplug-error");
  ASSERT_EQ(Host::vif_chain("add", 5, 0, "type_if=tap").exit_code, 0) << node("hotplug-error");
  EXPECT_EQ(node("hotplug-status"), "connected");
  const std::string filter = sh("nft list table bridge vifchain");
  for (const char* port : {"web-net", "web-net-emu"}) {
    EXPECT_TRUE(has(link(port), "master xenbr0")) << port;
    EXPECT_TRUE(has(filter, "\"" + std::string(port) + "\"")) << port;
  }
  EXPECT_TRUE(has(filter, "192.0.2.5") && has(filter, "2001:db8::5")) << filter;
}

TEST_F(Callers, AnInterfaceOfLibvirtsWithOneTagOrATrunkIsInThoseVlans) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nvlan_filtering = true\n");
  set_as_libvirt_does("xenbr0.10");
  if (Host::vif_chain("online", 5, 0).exit_code == 1 &&
      has(node("hotplug-error"), "Operation not supported"))
    GTEST_SKIP() << "this machine's kernel has no VLAN filtering; the lab's has";
  EXPECT_TRUE(has(sh("bridge vlan show dev web-net"), "10 PVID Egress Untagged"));
  ASSERT_EQ(Host::vif_chain("offline", 5, 0).exit_code, 0);
  set("bridge", "xenbr0:20:30");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0) << node("hotplug-error");
  const std::string vlans = sh("bridge vlan show dev web-net");
  EXPECT_TRUE(has(vlans, "20") && has(vlans, "30")) << vlans;
  EXPECT_FALSE(has(vlans, "PVID") || has(vlans, "Untagged")) << vlans;
}

}  // namespace
}  // namespace vifchain
