// SPDX-License-Identifier: Apache-2.0
// vifchain as people run it: a process of its own, on a real kernel and a real xenstored.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>

#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

bool on_xen() {
  return ::access("/dev/xen/privcmd", F_OK) == 0;
}

std::string link(const std::string& name) {
  return sh("ip -d link show dev " + name);
}

std::string libxl(unsigned domid, unsigned devid) {
  return "/libxl/" + std::to_string(domid) + "/device/vif/" + std::to_string(devid);
}

// A host with two bridges, and two guests on the first: 5 with one vif, 6 with two.
class Cli : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n\n[bridge.xenbr1]\nports = []\n");
    Host::add_nic("eth0");
    add(5, 0);
    add(6, 0);
    add(6, 1);
  }

  // A vif as it is after its online, with the toolstack's own copy of its nodes.
  static void add(unsigned domid, unsigned devid) {
    Host::add_vif(domid, devid, "xenbr0");
    Host::set_node(libxl(domid, devid) + "/backend", Host::backend(domid, devid));
    Host::set_node(libxl(domid, devid) + "/bridge", "xenbr0");
    ASSERT_EQ(Host::vif_chain("online", domid, devid).exit_code, 0)
        << Host::node(Host::backend(domid, devid) + "/hotplug-error");
  }

  // As after its `add`.
  static void add_emulated(unsigned domid, unsigned devid) {
    sh("ip link add vif" + std::to_string(domid) + "." + std::to_string(devid) +
       "-emu type veth peer name guests");
    ASSERT_EQ(Host::vif_chain("add", domid, devid, "type_if=tap").exit_code, 0);
  }

  // The words in which a call is refused, which changes nothing.
  static std::string refusal(const std::string& words) {
    const std::string before = Host::links();
    const Ran ran = vifchain(words);
    EXPECT_EQ(ran.exit_code, 1) << words;
    EXPECT_EQ(ran.out, "") << words;
    EXPECT_EQ(Host::links(), before) << words;
    return ran.err;
  }

  std::optional<Host> host_;
};

TEST_F(Cli, MovesAVifInTheKernelAndInXenstore) {
  const Ran ran = vifchain("vif 5 bridge=xenbr1");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(ran.out, "5/0: vif5.0 is on xenbr1, mtu 1500\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr1")) << link("vif5.0");
  EXPECT_TRUE(has(link("vif5.0"), "UP"));
  EXPECT_EQ(Host::node(Host::backend(5, 0) + "/bridge"), "xenbr1");
  EXPECT_EQ(Host::node(libxl(5, 0) + "/bridge"), "xenbr1");
}

// The hook does not want it there: what hooks hear last is where each port is.
TEST_F(Cli, TellsHooksWhereAVifIsOnceItsMoveHasFailed) {
  add_emulated(5, 0);
  sh("mkdir -p /etc/xen/scripts/vif-post.d");
  std::ofstream("/etc/xen/scripts/vif-post.d/1.hook")
      << "echo $dev $bridge >>/run/heard\ntest $bridge != xenbr1\n";
  sh("chmod +x /etc/xen/scripts/vif-post.d/1.hook");
  const Ran ran = vifchain("vif 5 bridge=xenbr1");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "1.hook")) << ran.err;
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0")) << link("vif5.0");
  EXPECT_EQ(contents_of("/run/heard"), "vif5.0-emu xenbr1\nvif5.0-emu xenbr0\nvif5.0 xenbr0\n");
}

TEST_F(Cli, MovesTheVifThatIsNamedAndNoOther) {
  EXPECT_EQ(vifchain("vif 6/1 bridge=xenbr1").exit_code, 0);
  EXPECT_TRUE(has(link("vif6.1"), "master xenbr1"));
  EXPECT_TRUE(has(link("vif6.0"), "master xenbr0"));
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
}

TEST_F(Cli, GivesAVifAnotherMtu) {
  EXPECT_EQ(vifchain("vif 5 mtu=1400").out, "5/0: vif5.0 is on xenbr0, mtu 1400\n");
  EXPECT_TRUE(has(link("vif5.0"), "mtu 1400"));
  EXPECT_EQ(Host::node(Host::frontend(5, 0) + "/mtu"), "1400");
  EXPECT_EQ(vifchain("vif 5 mtu=").out, "5/0: vif5.0 is on xenbr0, mtu 1500\n");
  EXPECT_EQ(Host::node(Host::frontend(5, 0) + "/mtu"), "1500");
}

TEST_F(Cli, MovesAVifBack) {
  ASSERT_EQ(vifchain("vif 5 bridge=xenbr1").exit_code, 0);
  EXPECT_EQ(vifchain("vif 5/0 bridge=xenbr0").exit_code, 0);
  EXPECT_TRUE(has(link("vif5.0"), "master xenbr0"));
}

TEST_F(Cli, MovesTheEmulatedNicBesideItsVif) {
  add_emulated(5, 0);
  EXPECT_EQ(vifchain("vif 5 bridge=xenbr1 mtu=1400").out, "5/0: vif5.0 is on xenbr1, mtu 1400\n");
  for (const char* port : {"vif5.0", "vif5.0-emu"}) {
    EXPECT_TRUE(has(link(port), "master xenbr1")) << port;
    EXPECT_TRUE(has(link(port), "mtu 1400")) << port;
  }
}

TEST_F(Cli, MovesBothPortsOrNone) {
  add_emulated(5, 0);
  sh("mkdir -p /etc/xen/scripts/vif-post.d && printf 'test $type_if = tap\n' > "
     "/etc/xen/scripts/vif-post.d/a.hook && chmod +x /etc/xen/scripts/vif-post.d/a.hook");
  EXPECT_EQ(vifchain("vif 5 bridge=xenbr1").exit_code, 1);
  for (const char* port : {"vif5.0", "vif5.0-emu"})
    EXPECT_TRUE(has(link(port), "master xenbr0")) << port;
  EXPECT_EQ(Host::node(Host::backend(5, 0) + "/bridge"), "xenbr0");
}

TEST_F(Cli, LeavesAVifWhereItIsWhenTheBridgeIsNone) {
  const auto reason = refusal("vif 5 bridge=xenbr9");
  EXPECT_TRUE(reason.starts_with("vifchain: error: 5/0: ")) << reason;
  EXPECT_TRUE(has(reason, "xenbr9") && has(reason, "xenbr0")) << reason;
  EXPECT_EQ(Host::node(Host::backend(5, 0) + "/bridge"), "xenbr0");
  EXPECT_EQ(Host::node(libxl(5, 0) + "/bridge"), "xenbr0");
  EXPECT_TRUE(has(Host::log(), "vifchain[") && has(Host::log(), "xenbr9")) << Host::log();
}

TEST_F(Cli, GoesByTheFileThatIsNamed) {
  sh("mv /etc/xen/vifchain.toml /etc/xen/other.toml");
  EXPECT_TRUE(has(vifchain("vif 5 bridge=xenbr1 --config /etc/xen/none.toml").err, "none.toml"));
  EXPECT_EQ(vifchain("vif 5 bridge=xenbr1 --config /etc/xen/other.toml").exit_code, 0);
  EXPECT_EQ(vifchain("--config /etc/xen/other.toml vif 5 bridge=xenbr0").exit_code, 0);
}

TEST_F(Cli, ListsTheVifsOfAGuestThatHasSeveral) {
  EXPECT_EQ(refusal("vif 6 bridge=xenbr1"),
            "vifchain: error: 6 has the vifs 0 and 1: expected one, for example 6/0\n");
}

TEST_F(Cli, ListsTheGuestsWhenThereIsNoneOfThatNumber) {
  Host::set_node("/local/domain/5/name", "web");
  EXPECT_EQ(refusal("vif 9 bridge=xenbr1"),
            "vifchain: error: no guest 9 (/libxl/9/device/vif in xenstore): "
            "the guests with a vif are web (5), domain (6)\n");
}

TEST_F(Cli, SendsPeopleToTheDomainThatHasTheBackend) {
  Host::set_node(libxl(5, 0) + "/backend", "/local/domain/3/backend/vif/5/0");
  EXPECT_EQ(refusal("vif 5 bridge=xenbr1"),
            "vifchain: error: the backend of 5/0 is in domain 3, not in this one\nhint: there, run "
            "vifchain vif 5/0\n");
}

TEST_F(Cli, SaysWhyNamesAreNotKnownWithoutXen) {
  if (on_xen()) GTEST_SKIP() << "this machine has Xen";
  const auto reason = refusal("vif web bridge=xenbr1");
  EXPECT_TRUE(reason.starts_with("vifchain: error: asking Xen for its guests (is this dom0?): "))
      << reason;
}

TEST_F(Cli, SaysSoWhenThereIsNoXenstore) {
  ::setenv("XENSTORED_PATH", "/run/nowhere", 1);
  EXPECT_TRUE(has(vifchain("vif 5 bridge=xenbr1").err, "cannot connect to xenstored"));
}

TEST_F(Cli, KnowsWhichChangeAMisspeltOneMeans) {
  EXPECT_EQ(refusal("vif 5 brigde=xenbr1"),
            "vifchain: error: invalid change \"brigde=xenbr1\": expected bridge=NAME, vlan=SPEC or "
            "mtu=BYTES; did you mean \"bridge=\"?\n");
  EXPECT_EQ(
      refusal("vif 5 xenbr1"),
      "vifchain: error: invalid change \"xenbr1\": expected bridge=NAME, vlan=SPEC or mtu=BYTES\n");
}

TEST_F(Cli, WantsEveryChangeOnce) {
  EXPECT_EQ(refusal("vif 5 mtu=1400 mtu=1500"), "vifchain: error: mtu= is given twice\n");
}

// One that reads no word of them needs no host.
class CliWords : public Cli {
 protected:
  void SetUp() override { host_.emplace(); }
};

TEST_F(CliWords, WantsACommandThatItKnows) {
  const auto none = refusal("");
  EXPECT_TRUE(has(none, "\n  status ") && has(none, "\n  why ")) << none;
  for (const auto& [word, answer] : std::map<std::string, std::string>{
           {"vfi", "; did you mean \"vif\"?"}, {"frobnicate", "\nhint: vifchain --help"}}) {
    const auto reason = refusal(word + " 5 bridge=xenbr1");
    EXPECT_EQ(reason, "vifchain: error: unknown command \"" + word + "\"" + answer + "\n");
  }
}

TEST_F(CliWords, WantsAGuestAndAChange) {
  for (const char* words : {"vif", "vif 5"}) {
    const auto reason = refusal(words);
    EXPECT_TRUE(reason.starts_with("vifchain: error: ") &&
                reason.ends_with(" is required\nhint: vifchain vif --help\n"))
        << reason;
  }
}

TEST_F(CliWords, KnowsNoOtherOptions) {
  for (const char* words : {"--frob", "vif 5 bridge=xenbr1 --frob", "--frob vif 5 bridge=xenbr1"})
    EXPECT_TRUE(has(refusal(words), "--frob")) << words;
}

TEST_F(CliWords, OfTheHotplugScriptAreForPeopleToo) {
  const Ran help = run(vif_chain_program() + " --help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_TRUE(has(help.out, "vif-chain online|offline type_if=vif\n")) << help.out;
  const Ran version = run(vif_chain_program() + " --version");
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.out.starts_with("vif-chain ")) << version.out;
  EXPECT_EQ(run(vif_chain_program() + " --hlep").exit_code, 1);
}

TEST_F(CliWords, Explains) {
  const Ran all = vifchain("--help"), vif = vifchain("vif --help"), version = vifchain("--version");
  EXPECT_EQ(all.exit_code + vif.exit_code + version.exit_code, 0);
  EXPECT_TRUE(has(all.out, "vif ") && has(all.out, "--config") && has(all.out, "--version"))
      << all.out;
  EXPECT_TRUE(has(vif.out, "GUEST[/DEVID]") && has(vif.out, "vlan=SPEC")) << vif.out;
  EXPECT_TRUE(version.out.starts_with("vifchain ")) << version.out;
}

}  // namespace
}  // namespace vifchain
