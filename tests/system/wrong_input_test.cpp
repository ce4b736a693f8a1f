// SPDX-License-Identifier: Apache-2.0
// Every command of vifchain with wrong words, a file that cannot be read, and no privileges: a
// clear sentence, exit code 1, and nothing changed.
#include <gtest/gtest.h>

#include <optional>

#include "host.hpp"

namespace vifchain {
namespace {

// Whether the command reads the file, and whether it needs to be root.
struct Command {
  const char* words;
  bool reads_file;
  bool needs_root;
};

void PrintTo(const Command& command, std::ostream* out) {
  *out << command.words;
}

class EveryCommand : public ::testing::TestWithParam<Command> {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\n");
    before_ = Host::links();
  }

  static Ran run(const std::string& more, const std::string& as = "") {
    return vifchain(GetParam().words + (" " + more), as);
  }

  // One sentence that has `part` in it, to whoever typed that.
  void is_answered(const Ran& ran, const std::string& part) {
    EXPECT_EQ(ran.exit_code, 1) << ran.out << ran.err;
    EXPECT_TRUE(has(ran.err, part)) << ran.err;
    EXPECT_TRUE(ran.err.starts_with("vifchain: ") || ran.err.starts_with("/etc/xen/")) << ran.err;
    EXPECT_FALSE(has(ran.err, "terminate")) << ran.err;
    EXPECT_EQ(Host::links(), before_);
  }

  std::optional<Host> host_;
  std::string before_;
};

TEST_P(EveryCommand, NamesAnOptionThatItDoesNotHave) {
  is_answered(run("--frobnicate"), "--frobnicate");
}

TEST_P(EveryCommand, WantsAnArgumentBehindConfig) {
  is_answered(run("--config"), "--config");
}

TEST_P(EveryCommand, SaysThatItsFileCannotBeRead) {
  if (!GetParam().reads_file) return;
  sh("rm /etc/xen/vifchain.toml && mkdir /etc/xen/vifchain.toml");
  is_answered(run(""), "/etc/xen/vifchain.toml");
  sh("rmdir /etc/xen/vifchain.toml && ln -s /etc/xen/vifchain.toml /etc/xen/vifchain.toml");
  is_answered(run(""), "/etc/xen/vifchain.toml");
}

TEST_P(EveryCommand, SaysThatItMayNotReadItsFile) {
  if (!GetParam().reads_file || GetParam().needs_root) return;
  sh("chmod 600 /etc/xen/vifchain.toml");
  is_answered(run("", "setpriv --reuid 65534 --clear-groups"), "Permission denied");
}

TEST_P(EveryCommand, SaysWhatIsWrongWithAFileOfGarbage) {
  if (!GetParam().reads_file) return;
  sh("head -c 4096 /dev/urandom >/etc/xen/vifchain.toml");
  is_answered(run(""), "/etc/xen/vifchain.toml");
}

TEST_P(EveryCommand, SaysThatItNeedsToBeRoot) {
  if (!GetParam().needs_root) return;
  is_answered(run("", "setpriv --reuid 65534 --clear-groups"), "root");
}

INSTANTIATE_TEST_SUITE_P(
    Of, EveryCommand,
    ::testing::Values(Command{"check", true, false}, Command{"plan", true, false},
                      Command{"apply", true, true}, Command{"up xenbr0", true, true},
                      Command{"down --all", false, true}, Command{"confirm", false, true},
                      Command{"nic eth0", false, true}, Command{"status xenbr1", false, false},
                      Command{"graph", false, false}, Command{"vif web bridge=xenbr0", false, true},
                      Command{"why eth0", false, false}),
    [](const auto& command) {
      const std::string words = command.param.words;
      return words.substr(0, words.find(' '));
    });

}  // namespace
}  // namespace vifchain
