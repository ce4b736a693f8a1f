// SPDX-License-Identifier: Apache-2.0
// vifchain status and graph as people run them, on a real kernel and a real xenstored.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>

#include "example_files.hpp"
#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

// A host with a NIC, one bridge of the file on it that stands, and the guest "web" (5) on it.
class StatusSystem : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    add(5, "web", "xenbr0");
    ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0)
        << Host::node(Host::backend(5, 0) + "/hotplug-error");
    Host::set_node(Host::backend(5, 0) + "/state", "4");
    Host::set_node(Host::frontend(5, 0) + "/state", "4");
    sh("ip link set g5.0 up");
    for (const char* port : {"eth0", "vif5.0"})
      ASSERT_TRUE(eventually([&] {
        return has(sh(std::string("bridge link show dev ") + port), "state forwarding");
      })) << port;
  }

  // As after libxl made it and before its hotplug script ran.
  static void add(unsigned domid, const std::string& guest, const std::string& bridge) {
    Host::add_vif(domid, 0, bridge);
    Host::set_node("/local/domain/" + std::to_string(domid) + "/name", guest);
    Host::set_node("/libxl/" + std::to_string(domid) + "/device/vif/0/backend",
                   Host::backend(domid, 0));
    Host::set_node(Host::backend(domid, 0) + "/mac", "02:00:00:00:00:05");
  }

  static nlohmann::json json(const std::string& words = "") {
    const Ran ran = vifchain("status --json " + words);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    return nlohmann::json::parse(ran.out);
  }

  static nlohmann::json named(const nlohmann::json& list, const std::string& name) {
    for (const auto& entry : list)
      if (entry.at("name") == name) return entry;
    return {};
  }

  std::optional<Host> host_;
};

TEST_F(StatusSystem, ShowsAChainThatStandsAndItsGuest) {
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_TRUE(has(ran.out, "\n├─ eth0")) << ran.out;
  EXPECT_TRUE(has(ran.out, "guest web, vif 0, domain 5, connected, 02:00:00:00:00:05")) << ran.out;
  EXPECT_TRUE(has(ran.out, "No problems found; matches /etc/xen/vifchain.toml.")) << ran.out;
  EXPECT_FALSE(has(ran.out, "\033")) << ran.out;
}

TEST_F(StatusSystem, MarksWhatSomebodyChanged) {
  sh("ip link set xenbr0 type bridge stp_state 1; ip link set eth0 nomaster");
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 0) << "drift is no error";
  EXPECT_TRUE(has(ran.out, "! expected a port of xenbr0, found no bridge or bond")) << ran.out;
  EXPECT_TRUE(has(
      ran.out, "  eth0: expected a port of xenbr0, found no bridge or bond (line 5 of the file)\n"))
      << ran.out;
}

TEST_F(StatusSystem, MarksAnAddressOfThisHostThatIsNotWhereTheFileHasIt) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\naddresses = [\"192.0.2.5/24\"]\n");
  EXPECT_TRUE(has(vifchain("status").out, "xenbr0: addresses: expected 192.0.2.5/24, found none"))
      << vifchain("status").out;
  sh("ip address add 192.0.2.5/24 dev xenbr0");
  const auto wrong = json().at("wrong");
  ASSERT_EQ(wrong.size(), 1U) << "no packet for the address gets in yet: " << wrong;
  EXPECT_TRUE(has(wrong[0], "xenbr0: access to this host: expected ")) << wrong;
  EXPECT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(json().at("wrong").empty()) << json().at("wrong");
}

TEST_F(StatusSystem, MarksWhatIsMissing) {
  Host::write_config(std::string(one_bridge) + "\n[bridge.xenbr1]\nports = [\"eth7\"]\n");
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(has(ran.out, "xenbr1   bridge, missing\n└─ eth7  NIC, missing\n")) << ran.out;
  const auto wrong = json().at("wrong");
  EXPECT_EQ(wrong.size(), 2U) << wrong;
  EXPECT_FALSE(named(json().at("links"), "xenbr1").at("present"));
}

TEST_F(StatusSystem, ChecksForProgramsThatLookAtTheExitCode) {
  const auto check = [](const std::string& words = "") {
    return vifchain("status --check " + words).exit_code;
  };
  EXPECT_EQ(check(), 0) << vifchain("status").out;
  sh("ip link set g5.0 down");
  EXPECT_EQ(check(), 0) << "a guest's port without carrier is no fault";
  sh("ip link set vif5.0 nomaster");
  EXPECT_EQ(check(), 3) << "drift";
  EXPECT_EQ(check("--json"), 3);
  sh("ip link set vif5.0 master xenbr0 && ip link set g5.0 up");
  ASSERT_TRUE(eventually([&] { return check() == 0; })) << vifchain("status").out;
  Host::set_node(Host::backend(5, 0) + "/hotplug-error", "no bridge");
  EXPECT_EQ(check(), 3) << "a hotplug error";
  Host::set_node(Host::backend(5, 0) + "/hotplug-error", "");
  sh("ip link set eth0_far down");
  EXPECT_EQ(check(), 3) << "an uplink without carrier";
  sh("ip link set eth0_far up");
  EXPECT_TRUE(eventually([&] { return check() == 0; })) << vifchain("status").out;
}

TEST_F(StatusSystem, ChecksNothingThatItCannotSee) {
  EXPECT_EQ(run("XENSTORED_PATH=/run/none " + vifchain_program() + " status --check").exit_code, 1);
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  EXPECT_EQ(vifchain("status --check").exit_code, 1);
  sh("rm /etc/xen/vifchain.toml");
  EXPECT_EQ(vifchain("status --check").exit_code, 1) << "there is nothing to be as it says";
}

TEST_F(StatusSystem, TellsWhyAGuestIsNotConnected) {
  Host::write_config(std::string(one_bridge) + "\n[bridge.xenbr1]\nports = [\"eth7\"]\n");
  add(6, "db", "xenbr1");
  ASSERT_EQ(Host::vif_chain("online", 6, 0).exit_code, 1);
  const Ran ran = vifchain("status");
  EXPECT_TRUE(has(ran.out, "db/0 (vif6.0): hotplug-error: ")) << ran.out;
  EXPECT_TRUE(has(ran.out, "! hotplug-error: ")) << ran.out;
}

TEST_F(StatusSystem, ShowsBackendsInDriverDomains) {
  Host::set_node("/local/domain/3/name", "netdrv");
  Host::set_node("/local/domain/8/name", "far");
  Host::set_node("/libxl/8/device/vif/0/backend", "/local/domain/3/backend/vif/8/0");
  Host::set_node("/local/domain/3/backend/vif/8/0/state", "2");
  Host::set_node("/local/domain/3/backend/vif/8/0/bridge", "xenbr0");
  const Ran ran = vifchain("status");
  EXPECT_TRUE(has(ran.out, "on no bridge here\n└─ vif8.0  guest far, vif 0, domain 8")) << ran.out;
  EXPECT_TRUE(has(ran.out, "backend in netdrv (3), bridge xenbr0 there")) << ran.out;
}

TEST_F(StatusSystem, ShowsBridgesOfOthersWithTheirGuests) {
  sh("ip link add br9 type bridge && ip link set br9 up && ip link add vif9.0 type veth peer name "
     "g9"
     " && ip link set vif9.0 up master br9 && ip link set g9 up");
  const Ran ran = vifchain("status br9");
  EXPECT_TRUE(has(ran.out, "br9")) << ran.out;
  EXPECT_TRUE(has(ran.out, "bridge, foreign, up")) << ran.out;
  EXPECT_TRUE(has(ran.out, "domain 9, vif 0")) << ran.out;
  EXPECT_FALSE(has(ran.out, "xenbr0")) << ran.out;
}

TEST_F(StatusSystem, GivesMachinesNumbersAsNumbers) {
  const auto all = json();
  EXPECT_EQ(all.at("format"), 1);
  EXPECT_EQ(all.at("file").at("read"), true);
  const auto nic = named(all.at("links"), "eth0");
  EXPECT_EQ(nic.at("mtu"), 1500);
  EXPECT_EQ(nic.at("carrier"), true);
  EXPECT_EQ(nic.at("speed_mbps"), 10000) << "a veth says it makes 10 Gbit/s";
  EXPECT_EQ(nic.at("bridge_port").at("state"), "forwarding");
  EXPECT_FALSE(nic.contains("counters"));
  EXPECT_EQ(all.at("vifs")[0].at("domid"), 5);
  EXPECT_EQ(all.at("vifs")[0].at("guest"), "web");
  EXPECT_EQ(all.at("vifs")[0].at("link"), "vif5.0");
  EXPECT_EQ(all.at("bridges")[0].at("vifs"), nlohmann::json::array({0}));
  EXPECT_TRUE(all.at("wrong").empty()) << all.at("wrong");
}

TEST_F(StatusSystem, CountsTrafficWhenAsked) {
  EXPECT_TRUE(named(json("--counters").at("links"), "eth0")
                  .at("counters")
                  .at("tx_packets")
                  .is_number_unsigned());
  EXPECT_TRUE(has(vifchain("status --counters").out, "received "));
}

TEST_F(StatusSystem, NamesTheBridgesWhenThereIsNoneOfThatName) {
  const Ran ran = vifchain("status xenbr8");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.err,
            "vifchain: error: unknown bridge \"xenbr8\" (the bridges are xenbr0); did you mean "
            "\"xenbr0\"?\n");
}

TEST_F(StatusSystem, TellsWhatIsWrongWithTheFileThenWhatIsThere) {
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\nstp_state = true\n");
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(ran.err.starts_with("vifchain: error: /etc/xen/vifchain.toml:3:1: ")) << ran.err;
  EXPECT_TRUE(has(ran.out, "├─ eth0")) << ran.out;
  const Ran machine = vifchain("status --json");
  EXPECT_EQ(machine.exit_code, 1);
  EXPECT_EQ(nlohmann::json::parse(machine.out).at("file").at("mistakes").size(), 1U);
}

TEST_F(StatusSystem, DoesWithoutAFile) {
  sh("rm /etc/xen/vifchain.toml");
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "├─ eth0")) << ran.out;
  EXPECT_TRUE(has(ran.out, "no /etc/xen/vifchain.toml")) << ran.out;
}

TEST_F(StatusSystem, DoesWithoutXenstore) {
  ::setenv("XENSTORED_PATH", "/run/nowhere", 1);
  const Ran ran = vifchain("status");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "vif5.0  domain 5, vif 0")) << ran.out;
  EXPECT_TRUE(has(ran.out, "xenstore unavailable (cannot connect to xenstored")) << ran.out;
}

TEST_F(StatusSystem, DoesWithoutPrivileges) {
  const Ran ran = vifchain("status", "setpriv --reuid=65534 --regid=65534 --clear-groups");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "├─ eth0")) << ran.out;
  EXPECT_TRUE(has(ran.out, "vif5.0  ")) << ran.out;
  EXPECT_FALSE(has(ran.out, "!")) << ran.out;
}

TEST_F(StatusSystem, ShowsWhatComesWhileItWatches) {
  const auto looks = [] { return contents_of("/run/watched"); };
  const std::string pid =
      sh(environment() + vifchain_program() + " status --watch=1 >/run/watched 2>&1 & echo $!");
  EXPECT_TRUE(eventually([&] { return has(looks(), "├─ eth0"); })) << looks();
  sh("ip link add br9 type bridge");
  EXPECT_TRUE(eventually([&] { return has(looks(), "br9"); })) << looks();
  ::kill(std::stoi(pid), SIGTERM);
}

TEST_F(StatusSystem, WantsSecondsBehindWatch) {
  for (const char* words : {"status --watch=0", "status --watch xenbr0", "status --watch=4000"}) {
    const Ran ran = vifchain(words);
    EXPECT_EQ(ran.exit_code, 1) << words;
    EXPECT_TRUE(ran.err.starts_with("vifchain: error: invalid --watch ")) << ran.err;
  }
}

TEST_F(StatusSystem, DrawsThePicture) {
  EXPECT_TRUE(vifchain("graph").out.starts_with("graph vifchain {"));
  EXPECT_TRUE(vifchain("graph --format mermaid").out.starts_with("flowchart LR"));
  const Ran svg = vifchain("graph --format svg xenbr0");
  EXPECT_EQ(svg.exit_code, 0);
  EXPECT_EQ(svg.err, "");
  EXPECT_TRUE(svg.out.starts_with("<svg ") && svg.out.ends_with("</svg>\n"));
  for (const char* text : {">eth0<", ">xenbr0<", ">web<", ">vif5.0<"})
    EXPECT_TRUE(has(svg.out, text)) << text;
  const Ran odd = vifchain("graph --format svgz");
  EXPECT_EQ(odd.exit_code, 1);
  EXPECT_EQ(odd.err,
            "vifchain: error: unknown format \"svgz\": expected dot, mermaid or svg; did you mean "
            "\"svg\"?\n");
}

TEST_F(StatusSystem, ChangesNothing) {
  const std::string before = Host::links();
  for (const char* words : {"status", "status --json", "graph --format svg"}) vifchain(words);
  EXPECT_EQ(Host::links(), before);
}

}  // namespace
}  // namespace vifchain
