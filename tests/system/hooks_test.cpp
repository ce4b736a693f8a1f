// SPDX-License-Identifier: Apache-2.0
// The administrator's hooks, with a real bash.
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "edge/base/error.hpp"
#include "edge/process/hooks.hpp"
#include "host.hpp"
#include "own_places.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

bool alive(pid_t process) {
  return ::kill(process, 0) == 0 &&
         !has(contents_of("/proc/" + std::to_string(process) + "/stat"), ") Z ");
}

class HooksTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { leave_syslog(); }  // to which Xen's shell functions write
  void SetUp() override { fs::create_directory(folder_); }

  void hook(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
    ::chmod((folder_ + "/" + name).c_str(), 0755);
  }

  void run(const std::map<std::string, std::string>& variables = {},
           std::chrono::milliseconds within = 1h) const {
    const Deadline deadline(within);
    run_hooks(folder_, variables, deadline, output_);
  }

  std::string error_of_run() const {
    try {
      run();
    } catch (const Error& error) {
      EXPECT_EQ(error.code().value(), ECANCELED);
      return error.what();
    }
    return "all went well";
  }

  std::string said() const { return contents_of(output_); }

  // What `text`, as a hook, prints with these variables.
  std::string printed(const std::string& text,
                      const std::map<std::string, std::string>& variables = {}) const {
    hook("a.hook", text);
    fs::remove(output_);
    run(variables);
    return said();
  }

  // A process that a hook wrote the number of into the file.
  pid_t process_in(const std::string& name) const {
    const std::string path = temp_ / name;
    EXPECT_TRUE(eventually([&] { return contents_of(path).ends_with("\n"); })) << path;
    return std::stoi(contents_of(path));
  }

  TempFolder temp_;
  std::string folder_ = temp_ / "vif-post.d";
  std::string output_ = temp_ / "xen-hotplug.log";
};

TEST_F(HooksTest, FindsAHookThatMayRun) {
  EXPECT_EQ(any_hook(folder_), std::nullopt);
  std::ofstream(folder_ + "/a.hook") << "true";
  EXPECT_EQ(any_hook(folder_), std::nullopt) << "not executable";
  hook("b.sh", "true");
  EXPECT_EQ(any_hook(folder_), std::nullopt) << "no hook by its name";
  hook("c.hook", "true");
  EXPECT_EQ(any_hook(folder_), folder_ + "/c.hook");
  EXPECT_EQ(any_hook(temp_ / "nowhere"), std::nullopt);
}

TEST_F(HooksTest, RunInOneShellByNameAndOnlyThoseThatMay) {
  hook("20-second.hook", "echo \"second $from_first\"");
  hook("10-first.hook", "echo first; from_first=value");
  hook("30-other.sh", "echo never");
  std::ofstream(folder_ + "/15-off.hook") << "echo never";
  run();
  EXPECT_EQ(said(), "first\nsecond value\n");
}

TEST_F(HooksTest, SpeakOneLanguageWhateverTheCallersIs) {
  ::setenv("LC_MESSAGES", "C.UTF-8", 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  EXPECT_EQ(printed("echo $LANG ${LC_ALL-none} ${LC_MESSAGES-none}"), "POSIX none none\n");
  for (const char* name : {"LC_MESSAGES", "LC_ALL"}) ::unsetenv(name);
}

TEST_F(HooksTest, AreFilesAndNoFolders) {
  fs::create_directory(folder_ + "/05-old.hook");
  hook("10-first.hook", "echo first");
  run();
  EXPECT_EQ(said(), "first\n");
}

TEST_F(HooksTest, HearTheSignalsThatWeHear) {
  EXPECT_EQ(printed("sed -n 's/^SigBlk:[^0-9a-f]*0*//p' /proc/self/status"), "\n");
}

TEST_F(HooksTest, SayNothingInOurPlaceWhereThereCanBeNoLog) {
  hook("10-first.hook", "echo first");
  output_ = temp_.path();
  ::testing::internal::CaptureStdout();
  run();
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST_F(HooksTest, SeeTheirVariables) {
  EXPECT_EQ(printed("echo $command $type_if $dev $vif $vifname $bridge $ip $XENBUS_PATH $netdev "
                    "$main_ip $mtu $vlan $mac",
                    {{"command", "online"},
                     {"type_if", "vif"},
                     {"dev", "web"},
                     {"vif", "vif5.0"},
                     {"vifname", "web"},
                     {"bridge", "xenbr0"},
                     {"ip", "192.0.2.5"},
                     {"XENBUS_PATH", "backend/vif/5/0"},
                     {"netdev", "eth0"},
                     {"main_ip", "192.0.2.1"},
                     {"mtu", "1500"},
                     {"vlan", "10"},
                     {"mac", "02:00:00:00:00:05"}}),
            "online vif web vif5.0 web xenbr0 192.0.2.5 backend/vif/5/0 eth0 192.0.2.1 1500 10 "
            "02:00:00:00:00:05\n");
}

TEST_F(HooksTest, GetValuesAsDataWhateverIsInThem) {
  const std::string evil = "touch " + temp_ / "evil";
  const std::string nasty = "a  b'\"\\ $(" + evil + ") `" + evil + "` ;" + evil + "\n*";
  EXPECT_EQ(printed("printf '%s|' \"$bridge\" \"$ip\"", {{"bridge", nasty}, {"ip", "() { :; }"}}),
            nasty + "|() { :; }|");
  EXPECT_FALSE(fs::exists(temp_ / "evil"));
}

TEST_F(HooksTest, SeeNothingOfTheCallersOwnVariablesOfThatName) {
  ::setenv("ip", "evil", 1);
  ::setenv("bridge", "evil", 1);
  ::setenv("other", "kept", 1);
  EXPECT_EQ(printed("echo \"$bridge/$ip/$other\"", {{"bridge", "xenbr0"}}), "xenbr0//kept\n");
  for (const char* name : {"ip", "bridge", "other"}) ::unsetenv(name);
}

TEST_F(HooksTest, AreNotLedAstrayByTheCallersShell) {
  std::ofstream(temp_ / "rc") << "echo evil\n";
  ::setenv("BASH_ENV", (temp_ / "rc").c_str(), 1);
  ::setenv("BASH_FUNC_log%%", "() { echo evil; }", 1);
  ::setenv("SHELLOPTS", "noexec", 1);
  EXPECT_EQ(printed("log debug fine; echo ran"), "ran\n");
  for (const char* name : {"BASH_ENV", "BASH_FUNC_log%%", "SHELLOPTS"}) ::unsetenv(name);
}

TEST_F(HooksTest, SeeThemselvesWhereXensScriptsLie) {
  EXPECT_EQ(printed("echo $0 $dir $1 $2 $LANG"),
            temp_ / "vif-chain" + " " + temp_.path() + " vif post POSIX\n");
}

TEST_F(HooksTest, FindXensProgramsFirst) {
  std::ofstream(temp_ / "hotplugpath.sh")
      << "bindir=/xen/bin\nsbindir=/xen/sbin\nLIBEXEC_BIN=/xen/lib\n";
  const auto path = printed("echo $PATH");
  EXPECT_TRUE(path.starts_with("/xen/bin:/xen/sbin:/xen/lib:/sbin:/bin:/usr/bin:/usr/sbin:"))
      << path;
}

TEST_F(HooksTest, ReadNothingFromOurInput) {
  std::ofstream(temp_ / "input") << "a line\n";
  ASSERT_NE(std::freopen((temp_ / "input").c_str(), "r", stdin), nullptr);
  EXPECT_EQ(printed("read -r line || echo end; readlink /proc/self/fd/0"), "end\n/dev/null\n");
}

TEST_F(HooksTest, RunAlsoWhenTheLogCannotBeWritten) {
  hook("a.hook", "echo hello; touch " + temp_ / "ran");
  const Deadline deadline(1h);
  run_hooks(folder_, {}, deadline, temp_ / "nowhere/xen-hotplug.log");
  EXPECT_TRUE(fs::exists(temp_ / "ran"));
}

TEST_F(HooksTest, AddToTheLogBothWhatTheySayAndTheirErrors) {
  std::ofstream(output_) << "before\n";
  hook("a.hook", "echo out; echo err >&2");
  run();
  EXPECT_EQ(said(), "before\nout\nerr\n");
}

TEST_F(HooksTest, EndAtTheFirstCommandThatFailsWithItsPlace) {
  hook("10-bad.hook", "echo one\nls /nowhere\necho two\n");
  hook("20-next.hook", "echo three");
  EXPECT_EQ(error_of_run(), "the hook " + folder_ +
                                "/10-bad.hook: line 2: \"ls /nowhere\" ended with 2 "
                                "(Operation canceled)");
  EXPECT_TRUE(said().starts_with("one\nls: ")) << said();
  EXPECT_FALSE(has(said(), "two") || has(said(), "three")) << said();
}

TEST_F(HooksTest, TellTheLineOfTheHookNotOfWhatItCalled) {
  std::ofstream(temp_ / "helper") << "\n\n\nfalse\n";
  hook("a.hook", "f() {\n  . $dir/helper\n}\nf\n");
  EXPECT_TRUE(has(error_of_run(), "line 4: \"false\" ended with 1")) << error_of_run();
}

TEST_F(HooksTest, TellAFailureInASubshellOnce) {
  hook("a.hook", "\n( ls /nowhere; true )\n");
  EXPECT_EQ(error_of_run(), "the hook " + folder_ +
                                "/a.hook: line 2: \"( ls /nowhere; true )\" ended with 2 "
                                "(Operation canceled)");
}

TEST_F(HooksTest, MayFailWhereAShellLetsThem) {
  EXPECT_EQ(printed("false || echo a\nif false; then :; fi\nx=$(false; echo b)\necho $x\n"
                    "f() { false; echo c; }\nf || true\nset +e\nfalse\necho d"),
            "a\nb\nc\nd\n");
}

TEST_F(HooksTest, DoNotInheritEachOthersCarelessness) {
  hook("10.hook", "set +e");
  hook("20.hook", "false");
  EXPECT_TRUE(has(error_of_run(), "20.hook: line 1: \"false\" ended with 1")) << error_of_run();
}

TEST_F(HooksTest, FailWithTheWordsOfFatal) {
  hook("a.hook", "fatal \"no such   customer:\" '$(x)' \"in\nlist\"");
  EXPECT_EQ(error_of_run(), "the hook " + folder_ +
                                "/a.hook: no such   customer: $(x) in list (Operation canceled)");
  EXPECT_TRUE(has(said(), "no such   customer")) << said();
}

TEST_F(HooksTest, FailWithTheWordsOfFatalInASubshellToo) {
  hook("a.hook", "\nx=$(fatal no such customer)\n");
  EXPECT_TRUE(has(error_of_run(), "a.hook: no such customer; line 2: ")) << error_of_run();
}

TEST_F(HooksTest, FailWithAnExitCodeOrASyntaxErrorOrASignal) {
  hook("a.hook", "exit 7");
  EXPECT_TRUE(has(error_of_run(), "a.hook: ended with 7")) << error_of_run();
  hook("a.hook", "if then");
  EXPECT_TRUE(has(error_of_run(), "a.hook: ended with 2")) << error_of_run();
  hook("a.hook", "kill -KILL $$");
  EXPECT_TRUE(has(error_of_run(), "a.hook: ended with 137")) << error_of_run();
}

TEST_F(HooksTest, ThatExitLeaveAWordAboutThoseThatDidNotRun) {
  hook("10.hook", "exit 0");
  hook("20.hook", "echo never");
  EXPECT_EQ(error_of_run(), "all went well");
  EXPECT_TRUE(has(said(), "10.hook ended with \"exit\": the hooks after it did not run")) << said();
  EXPECT_FALSE(has(said(), "never")) << said();
}

TEST_F(HooksTest, DoWithoutErrors) {
  EXPECT_EQ(printed("do_without_error ls /nowhere\necho fine"), "fine\n");
  hook("a.hook", "do_or_die ls /nowhere");
  EXPECT_TRUE(has(error_of_run(), "a.hook: ls /nowhere failed")) << error_of_run();
}

TEST_F(HooksTest, MayLeaveSomethingInTheBackground) {
  hook("a.hook", "sleep 1000 & echo $! >" + temp_ / "left");
  run();
  const pid_t left = process_in("left");
  EXPECT_TRUE(alive(left));
  ::kill(left, SIGKILL);
}

TEST_F(HooksTest, LeaveNothingAtTheDeadline) {
  hook("a.hook", "sleep 1000 & echo $! >" + temp_ / "child" + "\n(sleep 1001 & echo $! >" +
                     temp_ / "orphan" + ")\nsetsid bash -c 'echo $$ >" + temp_ / "session" +
                     "; sleep 1002'&\ntrap '' TERM INT HUP\necho $$ >" + temp_ / "shell" +
                     "\nwhile true; do sleep 1003; done");
  try {
    run({}, 1s);
    FAIL() << "the hook ended";
  } catch (const Interrupted& interrupted) {
    const std::string what = interrupted.what();
    EXPECT_TRUE(what.starts_with("no answer within 1 s: waited ")) << what;
    EXPECT_TRUE(what.ends_with(" for the hook " + folder_ + "/a.hook")) << what;
  }
  for (const char* name : {"child", "orphan", "session", "shell"})
    EXPECT_FALSE(alive(process_in(name))) << name;
}

TEST_F(HooksTest, LeaveNothingWhenOneFails) {
  hook("a.hook", "sleep 1000 & echo $! >" + temp_ / "child" + "\nsetsid sleep 1001 & echo $! >" +
                     temp_ / "session" + "\nfalse");
  EXPECT_NE(error_of_run(), "all went well");
  EXPECT_FALSE(alive(process_in("child")));
  EXPECT_FALSE(alive(process_in("session")));
}

TEST_F(HooksTest, LeaveNothingWhenWeAreKilled) {
  hook("a.hook", "sleep 1000 & echo $! >" + temp_ / "child" + "\nsetsid sleep 1001 & echo $! >" +
                     temp_ / "session" + "\nsleep 1002");
  const pid_t we = ::fork();
  if (we == 0) {
    run();
    ::_exit(0);
  }
  const pid_t child = process_in("child"), session = process_in("session");
  EXPECT_TRUE(alive(child) && alive(session));
  ::kill(we, SIGKILL);
  ::waitpid(we, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return !alive(child) && !alive(session); }));
}

TEST_F(HooksTest, EndWithTheSignalThatEndsUs) {
  hook("a.hook", "echo $$ >" + temp_ / "shell" + "\nkill -TERM " + std::to_string(::getpid()) +
                     "\nsleep 1000");
  EXPECT_THROW(run(), Interrupted);
  EXPECT_FALSE(alive(process_in("shell")));
}

TEST_F(HooksTest, RunAlsoWhenOurCallerDoesNotCareForChildren) {
  hook("a.hook", "exit 7");
  std::signal(SIGCHLD, SIG_IGN);
  EXPECT_TRUE(has(error_of_run(), "ended with 7"));
  EXPECT_EQ(std::signal(SIGCHLD, SIG_DFL), SIG_IGN) << "and it is as it was";
}

// With an /var/run of its own, and a xenstore.
class HooksOnAHost : public HooksTest {
 protected:
  Host host_;
};

TEST_F(HooksOnAHost, ReadAndWriteTheStore) {
  Host::set_node("/test/a", "one");
  EXPECT_EQ(
      printed("xenstore_read /test/a\nxenstore_read_default /test/b two\n"
              "xenstore_read_default /test/a three\nxenstore_write /test/c 'fo ur' /test/d 5"),
      "one\ntwo\none\n");
  EXPECT_EQ(Host::node("/test/c"), "fo ur");
  EXPECT_EQ(Host::node("/test/d"), "5");
}

TEST_F(HooksOnAHost, FailWhenTheStoreHasNoSuchNode) {
  hook("a.hook", "xenstore_read /test/nowhere");
  EXPECT_TRUE(has(error_of_run(), "a.hook: xenstore-read /test/nowhere failed.")) << error_of_run();
}

TEST_F(HooksOnAHost, MaySaySuccess) {
  printed("success", {{"XENBUS_PATH", "backend/vif/5/0"}});
  EXPECT_EQ(Host::node(Host::backend(5, 0) + "/hotplug-status"), "connected");
}

TEST_F(HooksOnAHost, HoldALockUntilTheyReleaseIt) {
  EXPECT_EQ(printed("claim_lock iptables\n"
                    "flock -n /var/run/xen-hotplug/iptables true || echo held\n"
                    "release_lock iptables\n"
                    "[ -e /var/run/xen-hotplug/iptables ] || echo gone\n"
                    "claim_lock iptables\necho again"),
            "held\ngone\nagain\n");
}

TEST_F(HooksOnAHost, HaveNoLockWhoseFileWasUnlinkedMeanwhile) {
  sh("mkdir -p /var/run/xen-hotplug");
  const std::string file = "/var/run/xen-hotplug/iptables";
  hook("a.hook", "claim_lock iptables\n[ -e " + file + " ]");
  const pid_t we = ::fork();  // before there is a lock that it would inherit
  if (we == 0) {
    ::_exit(eventually([&] { return fs::exists(temp_ / "held"); }) ? (run(), 0) : 1);
  }
  auto stranger = std::make_unique<HeldLock>(file);
  std::ofstream(temp_ / "held") << "yes\n";
  EXPECT_TRUE(eventually([&] { return has(contents_of("/proc/locks"), "-> FLOCK"); }));
  fs::remove(file);  // as release_lock does, before it lets go
  stranger.reset();
  EXPECT_EQ(exit_code_of(we), 0);
  EXPECT_TRUE(fs::exists(file));
}

}  // namespace
}  // namespace vifchain
