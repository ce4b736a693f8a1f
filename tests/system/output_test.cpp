// SPDX-License-Identifier: Apache-2.0
// What cannot be written is an error, and what a command had to do is done all the same.
#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

class Output : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  }

  // The exit code where standard output is `where`.
  static int code(const std::string& words, const std::string& where) {
    return std::stoi(sh(environment() + vifchain_program() + " " + words + " " + where +
                        " 2>/run/err; echo $?"));
  }
  // And where nobody reads it.
  static int code_unread(const std::string& words) {
    sh("mkfifo /run/pipe.$$ && (exec 9<>/run/pipe.$$; exec 8>/run/pipe.$$; exec 9<&-; (" +
       environment() + vifchain_program() + " " + words +
       ") >&8 2>/run/err; echo $? >/run/code); rm -f /run/pipe.$$");
    return std::stoi(contents_of("/run/code"));
  }
  static bool is_there(const std::string& link) { return has(sh("ip -o link"), ": " + link + ":"); }

  std::optional<Host> host_;
};

TEST_F(Output, ThatCannotBeWrittenIsAnErrorOfEveryCommand) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  for (const char* words : {"--help",
                            "--version",
                            "status",
                            "status --json",
                            "status --metrics",
                            "check",
                            "check --json",
                            "plan",
                            "plan --json",
                            "graph",
                            "graph --format svg",
                            "why eth0",
                            "why eth0 --json",
                            "export netplan",
                            "import --from-kernel",
                            "import --from-kernel --json",
                            "up xenbr0",
                            "apply",
                            "apply --boot",
                            "down xenbr0"}) {
    EXPECT_EQ(code(words, ">/dev/full"), 1) << words;
    EXPECT_TRUE(has(contents_of("/run/err"), "could be written")) << words;
    EXPECT_EQ(code_unread(words), 1) << words << contents_of("/run/err");
    EXPECT_EQ(code(words, ">&-"), 1) << words;
  }
}

TEST_F(Output, ApplyFinishesItsWorkThoughNobodyReadsOfIt) {
  EXPECT_EQ(code_unread("apply"), 1);
  EXPECT_TRUE(is_there("xenbr0"));
  EXPECT_EQ(vifchain("plan").exit_code, 0);
  EXPECT_EQ(code("down --all", ">/dev/full"), 1);
  EXPECT_FALSE(is_there("xenbr0"));
}

TEST_F(Output, NothingThatIsPrintedGetsIntoAFileThatIsOpened) {
  EXPECT_EQ(code("apply --confirm 3600", ">&- <&-"), 1);
  EXPECT_TRUE(is_there("xenbr0"));
  EXPECT_TRUE(has(contents_of("/var/lib/vifchain/rollback"), "\"format\": 1"));
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
  EXPECT_EQ(vifchain("status").exit_code, 0);
}

TEST_F(Output, WatchingEndsWhenNobodyReads) {
  EXPECT_EQ(code("status --watch=1", ">/dev/full"), 1);
}

TEST_F(Output, ImportWritesAFileWholeOrNotAtAll) {
  const Ran ran = vifchain("import --from-kernel --to /etc/xen/new.toml");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const auto text = contents_of("/etc/xen/new.toml");
  EXPECT_EQ(text, vifchain("import --from-kernel").out);
  sh("echo '# mine' >/etc/xen/new.toml && chmod 600 /etc/xen/new.toml");
  EXPECT_EQ(vifchain("import --from-kernel --to /etc/xen/new.toml").exit_code, 0);
  EXPECT_EQ(contents_of("/etc/xen/new.toml"), text);
  EXPECT_EQ(contents_of("/etc/xen/new.toml.before"), "# mine\n");
  EXPECT_EQ(sh("stat -c %a /etc/xen/new.toml"), "600\n");
  sh("mkdir /run/small && mount -t tmpfs -o size=4k none /run/small && "
     "echo '# mine' >/run/small/c.toml");
  sh("head -c 8k /dev/zero >/run/small/fill 2>/dev/null || true");
  EXPECT_EQ(vifchain("import --from-kernel --to /run/small/c.toml").exit_code, 1);
  EXPECT_EQ(contents_of("/run/small/c.toml"), "# mine\n");
}

TEST_F(Output, AnEmptyFileTakesNothingAwayUnlessItIsMeant) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  Host::write_config("");
  const Ran checked = vifchain("check --file-only");
  EXPECT_TRUE(has(checked.out, "warning: /etc/xen/vifchain.toml declares no bridge"))
      << checked.out;
  EXPECT_TRUE(has(vifchain("plan").out, "apply refuses to delete all chains of this host"));
  const Ran refused = vifchain("apply");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "all chains of this host (xenbr0)")) << refused.err;
  EXPECT_TRUE(has(refused.err, "--allow-empty")) << refused.err;
  const Ran boot = vifchain("apply --boot --wait 0");
  EXPECT_EQ(boot.exit_code, 3);
  EXPECT_TRUE(has(boot.out, "existing chains are kept")) << boot.out;
  EXPECT_TRUE(is_there("xenbr0"));
  EXPECT_EQ(vifchain("apply --allow-empty").exit_code, 0);
  EXPECT_FALSE(is_there("xenbr0"));
  EXPECT_EQ(vifchain("apply").exit_code, 0) << "there is nothing to lose";
}

TEST_F(Output, TheLinkOfTheDefaultRouteGoesOnlyWhenItIsMeant) {
  Host::live_on("eth0");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  Host::write_config("[bridge.xenbr1]\nports = []\n");
  const Ran refused = vifchain("apply");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_TRUE(has(refused.err, "xenbr0, which carries the default route")) << refused.err;
  EXPECT_FALSE(is_there("xenbr1"));
  const Ran boot = vifchain("apply --boot --wait 0");
  EXPECT_EQ(boot.exit_code, 3) << boot.out;
  EXPECT_TRUE(is_there("xenbr0") && is_there("xenbr1"));
  EXPECT_EQ(vifchain("apply --allow-empty").exit_code, 0);
  EXPECT_FALSE(is_there("xenbr0"));
}

// The file says that the address is to be there, and it would be of no use.
TEST_F(Output, AnAddressOfTheFileLosesItsWayOutOnlyWhenThatIsMeant) {
  const std::string named = "[bridge.xenbr0]\naddresses = [\"10.0.0.5/24\"]\n";
  const auto place = [] { return sh("ip -o link show dev eth0 | grep -o 'master [^ ]*'"); };
  Host::write_config(named + "ports = [\"eth0\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  Host::write_config(named + "ports = []\n[bridge.xenbr1]\nports = [\"eth0\"]\n");
  for (const char* words : {"apply", "up xenbr1", "plan", "check"}) {
    const Ran ran = vifchain(words);
    EXPECT_TRUE(
        has(ran.out + ran.err,
            "xenbr0 keeps 10.0.0.5/24, but its network is reached by eth0, which becomes part "
            "of xenbr1\nhint: "))
        << words << ran.out << ran.err;
    EXPECT_EQ(place(), "master xenbr0\n") << words;
  }
  EXPECT_EQ(vifchain("apply").exit_code, 1);
  EXPECT_FALSE(is_there("xenbr1"));
  const Ran boot = vifchain("apply --boot --wait 0");
  EXPECT_EQ(boot.exit_code, 3) << boot.out << boot.err;
  EXPECT_EQ(place(), "master xenbr0\n") << "what stands is left";
  EXPECT_EQ(vifchain("apply --allow-empty").exit_code, 0);
  EXPECT_EQ(place(), "master xenbr1\n");
  ASSERT_EQ(vifchain("rollback").exit_code, 0) << "nothing is in the way of going back";
  EXPECT_EQ(place(), "master xenbr0\n");
}

TEST_F(Output, WhatCouldNotBeReadIsNotCalledRight) {
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  Host::write_config("[bridge.xenbr0]\nprots = []\n");
  const Ran wrong = vifchain("status");
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_FALSE(has(wrong.out, "No problems found")) << wrong.out;
  EXPECT_TRUE(has(wrong.out, "was not compared")) << wrong.out;
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
  const Ran blind = run("XENSTORED_PATH=/run/none " + vifchain_program() + " status");
  EXPECT_FALSE(has(blind.out, "Everything is")) << blind.out;
}

TEST_F(Output, StatusAndPlanShowAnOpenChangeAndWhatItWouldUndo) {
  ASSERT_EQ(vifchain("apply --confirm 3600").exit_code, 0);
  for (const char* words : {"status", "plan"}) {
    const auto text = vifchain(words).out;
    EXPECT_TRUE(has(text, "A change opened at ") && has(text, " s, at ")) << text;
    EXPECT_TRUE(has(text, "A rollback would:\n") && has(text, "  delete xenbr0\n")) << text;
  }
  for (const char* words : {"status --json", "plan --json"}) {
    const auto text = vifchain(words).out;
    EXPECT_TRUE(has(text, "\"state\": \"waiting\"") && has(text, "\"seconds_left\": 3")) << text;
    EXPECT_TRUE(has(text, "\"delete xenbr0\"") && has(text, "\"watched\": true")) << text;
  }
  EXPECT_TRUE(has(vifchain("why xenbr0").out, "vifchain confirm"));
  EXPECT_EQ(vifchain("confirm").exit_code, 0);
  EXPECT_FALSE(has(vifchain("status --json").out, "\"window\""));
}

}  // namespace
}  // namespace vifchain
