// SPDX-License-Identifier: Apache-2.0
// vifchain check --domain, --all and --on as people run them, on a real kernel and a real
// xenstored; the other host is a namespace of its own behind a command in the place of ssh.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "example_files.hpp"
#include "host.hpp"

namespace vifchain {
namespace {

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A program in the PATH of what is run.
void write_program(const std::string& path, const std::string& lines) {
  write(path, "#!/bin/sh\n" + lines);
  sh("chmod +x " + path);
}

// A host with a NIC, a bridge of its file, our script as xl's default, and the guest "mail" (7).
class CheckGuests : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::write_config(one_bridge);
    Host::add_nic("eth0");
    sh("mkdir -p /etc/xen/auto /etc/xen/scripts /etc/libvirt/libxl /run/bin");
    write_program("/etc/xen/scripts/vif-chain", "exit 1\n");
    write("/etc/xen/xl.conf", "vif.default.script=\"vif-chain\"\n");
    add(7, "mail");
  }

  static void add(unsigned domid, const std::string& guest) {
    Host::add_vif(domid, 0, "xenbr0");
    const std::string number = std::to_string(domid);
    Host::set_node("/local/domain/" + number + "/name", guest);
    Host::set_node("/libxl/" + number + "/device/vif/0/backend", Host::backend(domid, 0));
    Host::set_node(Host::backend(domid, 0) + "/mac", "00:16:3e:00:00:07");
    Host::set_node(Host::backend(domid, 0) + "/script", "/etc/xen/scripts/vif-chain");
  }

  static void write_guest(const std::string& path, const std::string& name,
                          const std::string& vif) {
    write(path, "name = '" + name + "'\nvif = [ '" + vif + "' ]\n");
  }

  // What `ssh` reaches has this file, and one NIC more for each name.
  static void other_host(const std::string& toml, const std::string& nics = "") {
    write("/run/other.toml", toml);
    std::string lines =
        "echo \"$@\" >/run/asked\n[ \"$VIFCHAIN_ON\" ] || exec env VIFCHAIN_ON=1 "
        "unshare -n -m \"$0\" \"$@\"\n"
        "mount -t tmpfs none /etc/xen && mkdir /etc/xen/scripts\n"
        "touch /etc/xen/scripts/vif-chain; chmod +x /etc/xen/scripts/vif-chain\n"
        "cp /run/other.toml /etc/xen/vifchain.toml\n";
    lines += "for nic in " + nics + "; do ip link add $nic type veth peer name p$nic; done\n";
    write_program("/run/bin/ssh",
                  lines + "unset XENSTORED_PATH; exec " + vifchain_program() + " check --vifs -\n");
  }

  std::optional<Host> host_;
};

TEST_F(CheckGuests, AGuestThatFindsItsBridgeIsRight) {
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=xenbr0");
  const std::string before = Host::links();
  const Ran ran = vifchain("check --domain /run/web.cfg");
  EXPECT_EQ(ran.out, "1 vif of 1 guest: no problems found.\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_EQ(Host::links(), before);
}

TEST_F(CheckGuests, AGuestThatDoesNotIsToldWhereAndWhy) {
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:07, bridge=xenbr1");
  const Ran ran = vifchain("check --domain /run/web.cfg");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.out,
                  "/run/web.cfg:2: vif 0 (mac=00:16:3e:00:00:07, bridge=xenbr1)\n"
                  "  error: Could not find bridge device xenbr1: "))
      << ran.out;
  EXPECT_TRUE(
      has(ran.out, "  warning: mac=00:16:3e:00:00:07 is also that of mail, which runs (vif7.0)\n"))
      << ran.out;
  EXPECT_TRUE(has(ran.out, "1 vif of 1 guest: 1 error, 1 warning.\n")) << ran.out;
}

TEST_F(CheckGuests, WhatIsSaidHereIsWhatAStartSays) {
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=nowhere");
  Host::add_vif(8, 0, "nowhere");
  EXPECT_EQ(Host::vif_chain("online", 8, 0).exit_code, 1);
  const std::string said = Host::node(Host::backend(8, 0) + "/hotplug-error");
  ASSERT_TRUE(said.starts_with("vif8.0: ")) << said;
  EXPECT_TRUE(has(vifchain("check --domain /run/web.cfg").out, said.substr(8))) << said;
}

TEST_F(CheckGuests, TheFileToGoByCanBeAnother) {
  write("/run/other.toml", "[bridge.xenbr9]\nports = []\n");
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=xenbr9");
  EXPECT_EQ(vifchain("check --domain /run/web.cfg").exit_code, 1);
  EXPECT_EQ(vifchain("check /run/other.toml --domain /run/web.cfg").exit_code, 0);
}

TEST_F(CheckGuests, WithoutAFileBridgesOfTheHostCount) {
  sh("rm /etc/xen/vifchain.toml; ip link add br0 type bridge");
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=br0");
  const Ran ran = vifchain("check --domain /run/web.cfg");
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_TRUE(has(ran.out,
                  "note: no /etc/xen/vifchain.toml: only existing bridges "
                  "count\n"))
      << ran.out;
}

TEST_F(CheckGuests, AWrongFileIsSaidAndNoGuestIsLookedAt) {
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  write_guest("/run/web.cfg", "web", "bridge=xenbr0");
  const Ran ran = vifchain("check --domain /run/web.cfg");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "did you mean \"ports\"?")) << ran.err;
  EXPECT_EQ(ran.out, "");
}

TEST_F(CheckGuests, WhatCannotBeReadIsAnObstacleAndTheOthersAreRead) {
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=xenbr0");
  sh("mkfifo /run/pipe");
  const Ran ran = vifchain("check --domain /run/nothing /etc /run/pipe /run/web.cfg");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.out, "error: reading /run/nothing: No such file or directory\n"))
      << "each file is named once: " << ran.out;
  EXPECT_TRUE(has(ran.out, "error: reading /etc: Is a directory\n")) << ran.out;
  EXPECT_TRUE(has(ran.out, "error: reading /run/pipe: it is a FIFO, and no regular file"))
      << ran.out;
  EXPECT_TRUE(has(ran.out, "1 vif of 1 guest: 3 errors.\n")) << ran.out;
}

TEST_F(CheckGuests, AllAreThoseOfXlAndOfLibvirtEachOnce) {
  write_guest("/etc/xen/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=xenbr0");
  write_guest("/etc/xen/auto/db", "db", "mac=00:16:3e:00:00:02, bridge=xenbr0");
  sh("ln -s ../web.cfg /etc/xen/auto/web");
  write("/etc/libvirt/libxl/dns.xml",
        "<domain type='xen'><name>dns</name><devices><interface type='bridge'>"
        "<mac address='00:16:3e:00:00:03'/><source bridge='xenbr0'/>"
        "<script path='/etc/xen/scripts/vif-chain'/></interface></devices></domain>\n");
  const Ran ran = vifchain("check --all");
  EXPECT_EQ(ran.out, "3 vifs of 3 guests: no problems found.\n");
  EXPECT_EQ(ran.exit_code, 0);
}

TEST_F(CheckGuests, MachinesGetAnObject) {
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=xenbr1");
  const Ran ran = vifchain("check --json --xen 4.19 --domain /run/web.cfg");
  EXPECT_EQ(ran.exit_code, 1);
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_EQ(json.at("xen"), "4.19");
  EXPECT_EQ(json.at("vifs").at(0).at("line"), 2);
  EXPECT_EQ(json.at("vifs").at(0).at("nodes"),
            nlohmann::json({{"bridge", "xenbr1"},
                            {"mac", "00:16:3e:00:00:01"},
                            {"script", "/etc/xen/scripts/vif-chain"},
                            {"type", "vif"}}));
  EXPECT_EQ(json.at("findings").at(0).at("weight"), "obstacle");
  EXPECT_EQ(json.at("findings").at(0).at("guest"), "web");
  const auto file = nlohmann::json::parse(vifchain("check --json").out);
  EXPECT_EQ(file.at("config"), "/etc/xen/vifchain.toml");
  EXPECT_TRUE(file.at("findings").is_array());
}

TEST_F(CheckGuests, AnotherHostIsAskedWhetherARunningGuestFindsItsBridge) {
  other_host("[bridge.xenbr0]\nports = [\"eth7\"]\n", "eth7");
  for (const char* guest : {"mail", "7", "mail/0"}) {
    const Ran ran = vifchain(std::string("check --on root@xen2 ") + guest);
    EXPECT_EQ(ran.exit_code, 0) << ran.out << ran.err;
    EXPECT_EQ(ran.out,
              "mail, vif 0: xenbr0 on root@xen2\n"
              "1 vif of 1 guest: no problems found.\n");
  }
  EXPECT_EQ(sh("cat /run/asked"),
            "-o BatchMode=yes -o ConnectTimeout=10 root@xen2 vifchain check "
            "--vifs -\n");
}

TEST_F(CheckGuests, WhatIsInTheWayThereIsSaidHere) {
  other_host("[bridge.xenbr0]\nports = [\"eth8\"]\n", "eth7");
  Ran ran = vifchain("check --on xen2 mail");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.out,
                  "mail, vif 0\n  error: the chain of xenbr0 cannot be created (eth8: no such "
                  "link on this host)\n"))
      << ran.out;
  other_host("[bridge.xenbr1]\nports = []\n");
  ran = vifchain("check --on xen2 --json mail");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(nlohmann::json::parse(ran.out).at("config"), "xen2:/etc/xen/vifchain.toml");
}

TEST_F(CheckGuests, AFileCanBeAskedAboutAsWell) {
  other_host("[bridge.lan]\nports = []\n");
  write_guest("/run/web.cfg", "web", "mac=00:16:3e:00:00:01, bridge=lan, spede=1");
  const Ran ran = vifchain("check --on xen2 /run/web.cfg mail");
  EXPECT_EQ(ran.exit_code, 1) << "mail does not find its bridge there";
  EXPECT_TRUE(has(ran.out,
                  "/run/web.cfg:2: vif 0 (mac=00:16:3e:00:00:01, bridge=lan, spede=1)\n"
                  "  warning: xl ignores unknown key \"spede=1\"\n"))
      << ran.out;
  EXPECT_TRUE(has(ran.out, ": lan on xen2\n")) << ran.out;
}

TEST_F(CheckGuests, AHostThatCannotAnswerIsNamedWithTheReason) {
  write_program("/run/bin/ssh", "echo 'ssh: connect to host xen2: No route to host' >&2; exit 255");
  Ran ran = vifchain("check --on xen2 mail");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.err,
            "vifchain: error: cannot reach xen2 by ssh (ssh: connect to host "
            "xen2: No route to host)\nhint: ssh xen2 vifchain --version\n");
  write_program("/run/bin/ssh", "echo 'sh: vifchain: not found' >&2; exit 127");
  ran = vifchain("check --on xen2 mail");
  EXPECT_TRUE(has(ran.err, "xen2 has no vifchain (sh: vifchain: not found)")) << ran.err;
  write_program("/run/bin/ssh",
                "echo 'vifchain: The following argument was not expected: --vifs' >&2; exit 1");
  ran = vifchain("check --on xen2 mail");
  EXPECT_TRUE(has(ran.err, "hint: install a newer vifchain on xen2")) << ran.err;
  write_program("/run/bin/ssh", "echo Welcome to xen2");
  ran = vifchain("check --on xen2 mail");
  EXPECT_TRUE(has(ran.err, "check that login scripts print nothing")) << ran.err;
  write_program("/run/bin/ssh", "echo 'vifchain: error: gone\nhint: ip link' >&2; exit 1");
  ran = vifchain("check --on xen2 mail");
  EXPECT_TRUE(has(ran.err, "(vifchain: error: gone)")) << ran.err;
}

TEST_F(CheckGuests, AWrongFileThereIsSaidHere) {
  other_host("[bridge.xenbr0]\nprots = []\n");
  const Ran ran = vifchain("check --on xen2 mail");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "failed with 1 (vifchain: error: /etc/xen/vifchain.toml has 1 error; "))
      << ran.err;
  EXPECT_FALSE(has(ran.err, "older")) << ran.err;
}

TEST_F(CheckGuests, NothingOfTheOtherHostSpeaksToTheTerminal) {
  write_program("/run/bin/ssh", "printf '\\033[2J\\033]0;gone\\007' >&2; exit 1");
  Ran ran = vifchain("check --on xen2 mail");
  EXPECT_FALSE(has(ran.err, "\033")) << ran.err;
  write_program("/run/bin/ssh",
                "printf '{\"vifchain-answer\":1,\"config\":\"x\",\"bridges\":[\"\\\\u001b[2J\"],"
                "\"findings\":[{\"vif\":0,\"weight\":\"note\",\"text\":\"\\\\u001b[2J\"}]}'");
  ran = vifchain("check --on xen2 mail");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "note: ?[2J\n")) << ran.out;
  EXPECT_FALSE(has(ran.out, "\033")) << ran.out;
}

TEST_F(CheckGuests, AnAnswerWithoutEndIsCutShort) {
  write_program("/run/bin/ssh", "echo $$ >/run/pid; exec yes 2>/dev/null");
  const Ran ran = vifchain("check --on xen2 mail");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "reading what ssh answers: Message too long")) << ran.err;
  EXPECT_EQ(sh("test -e /proc/$(cat /run/pid) || echo gone"), "gone\n");
}

TEST_F(CheckGuests, WhoeverEndsItEndsAnSshThatHangsToo) {
  write_program("/run/bin/ssh", "echo $$ >/run/pid; exec sleep 1000");
  const auto asks = [] { return sh("test -s /run/pid && echo there || echo no") == "there\n"; };
  sh("(" + environment() + vifchain_program() +
     " check --on xen2 mail >/run/out 2>/run/err; echo $? >/run/code) >/dev/null 2>&1 & echo $! "
     ">/run/shell");
  ASSERT_TRUE(eventually(asks));
  sh("pkill -TERM -P $(cat /run/shell)");
  ASSERT_TRUE(eventually([] { return sh("cat /run/code 2>/dev/null || true") == "1\n"; }));
  EXPECT_EQ(sh("cat /run/err"), "vifchain: error: ended by SIGTERM\n");
  EXPECT_EQ(sh("test -e /proc/$(cat /run/pid) || echo gone"), "gone\n");
}

TEST_F(CheckGuests, AnotherCommandCanStandForSsh) {
  other_host("[bridge.xenbr0]\nports = []\n");
  sh("mv /run/bin/ssh /run/bin/way");
  const Ran ran = vifchain("check --on xen2 mail", "VIFCHAIN_SSH='way -p 22'");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(sh("cat /run/asked"), "-p 22 xen2 vifchain check --vifs -\n");
}

TEST_F(CheckGuests, ACommandOfBlanksIsNone) {
  other_host("[bridge.xenbr0]\nports = []\n");
  const Ran ran = vifchain("check --on xen2 mail", "VIFCHAIN_SSH=' '");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(sh("cat /run/asked"), "BatchMode=yes")) << sh("cat /run/asked");
}

TEST_F(CheckGuests, WhatIsFoundHereAndThereIsSaidTogether) {
  other_host("[bridge.lan]\nports = []\n");
  write_guest("/run/a.cfg", "a", "mac=00:16:3e:00:00:01, bridge=nowhere, spede=1");
  write_guest("/run/b.cfg", "b", "mac=00:16:3e:00:00:02, bridge=lan, spede=1");
  const Ran ran = vifchain("check --on xen2 --json /run/a.cfg /run/b.cfg");
  EXPECT_EQ(ran.exit_code, 1) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  std::string guests;
  for (const auto& finding : json.at("findings")) guests += finding.at("guest").get<std::string>();
  EXPECT_TRUE(guests.starts_with("aa") && guests.find("ba") == std::string::npos) << guests;
}

TEST_F(CheckGuests, AHostOrGuestThatIsNoneIsRefused) {
  write_program("/run/bin/ssh", "touch /run/was-asked");
  EXPECT_TRUE(has(vifchain("check --on=-oProxyCommand=x mail").err, "invalid host"));
  EXPECT_TRUE(has(vifchain("check --on xen2").err, "--on needs a GUEST"));
  const Ran ran = vifchain("check --on xen2 mial");
  EXPECT_EQ(ran.err,
            "vifchain: error: no running guest with a vif, or file, "
            "\"mial\" (the guests with a vif are mail); did you mean \"mail\"?\n");
  EXPECT_NE(sh("test -e /run/was-asked; echo $?"), "0\n");
}

TEST_F(CheckGuests, AQuestionThatIsNoneIsRefused) {
  EXPECT_TRUE(has(run("sh -c 'echo {} | " + vifchain_program() + " check --vifs -'").err,
                  "invalid question on standard input"));
  EXPECT_EQ(vifchain("check --vifs /etc/passwd").exit_code, 1);
}

}  // namespace
}  // namespace vifchain
