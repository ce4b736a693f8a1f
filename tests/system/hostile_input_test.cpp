// SPDX-License-Identifier: Apache-2.0
// Files that are none, or of which nobody thought, wherever a file is read; and text that speaks to
// terminals, wherever text comes from: a sentence, and soon.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <optional>

#include "running_daemon.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

void write(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// What has no byte in it that a terminal acts upon, and none of C1 or of marks of direction.
bool is_harmless(const std::string& text) {
  for (const char c : text)
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == '\x7f') return false;
  return !has(text, "\xc2\x9b") && !has(text, "\u202e");
}

class HostileInput : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /run/odd");
    Host::write_config(right);
  }

  // It ends by itself, well or not, and is killed by nothing: neither a limit nor an assertion.
  static Ran runs(const std::string& words) {
    Ran ran = vifchain(words, "timeout -s KILL 120");
    EXPECT_LE(ran.exit_code, 3) << words << "\n" << ran.err;
    EXPECT_TRUE(is_harmless(ran.out)) << ran.out;
    EXPECT_TRUE(is_harmless(ran.err)) << ran.err;
    return ran;
  }

  static std::vector<std::string> odd_files() {
    sh("mkfifo /run/odd/fifo; mkdir /run/odd/folder; truncate -s 10G /run/odd/sparse; "
       "ln -s /dev/zero /run/odd/device; ln -s loop /run/odd/loop; "
       "printf 'a = \\0\\n' >/run/odd/nul");
    return {"fifo", "folder", "sparse", "device", "loop", "nul"};
  }

  static constexpr const char* right = "[bridge.xenbr0]\nports = []\n";
  std::optional<Host> host_;
};

TEST_F(HostileInput, AsTheFileIsAnsweredWithASentence) {
  for (const auto& file : odd_files()) {
    const std::string path = "/run/odd/" + file;
    const Ran check = runs("check " + path);
    EXPECT_EQ(check.exit_code, 1) << file;
    EXPECT_TRUE(has(check.err, path)) << check.err;
    for (const char* command : {"plan", "apply", "status --check"}) {
      const Ran ran = runs("--config " + path + " " + command);
      EXPECT_EQ(ran.exit_code, 1) << file << " " << command << ran.out << ran.err;
    }
  }
}

TEST_F(HostileInput, AsTheFileRefusesAGuestAtOnce) {
  for (const auto& file : odd_files()) {
    sh("rm -rf /etc/xen/vifchain.toml; cp -a /run/odd/" + file + " /etc/xen/vifchain.toml || true");
    Host::add_vif(5, 0, "xenbr0");
    EXPECT_EQ(Host::vif_chain("online", 5, 0).exit_code, 1) << file;
    EXPECT_TRUE(has(Host::node(Host::backend(5, 0) + "/hotplug-error"), "vifchain.toml"))
        << file << Host::node(Host::backend(5, 0) + "/hotplug-error");
    sh("ip link del vif5.0");
  }
}

TEST_F(HostileInput, OfAnySizeIsReadToItsBounds) {
  std::string ports = "[bridge.x]\nports = [", tables, keys = "[bridge.x]\nports = []\n", twins;
  for (int i = 0; i < 200001; ++i) ports += "\"p" + std::to_string(i) + "\",";
  for (int i = 0; i < 20001; ++i) tables += "[bridge.b" + std::to_string(i) + "]\nports = []\n";
  for (int i = 0; i < 100000; ++i) keys += "k" + std::to_string(i) + " = 1\n";
  for (int i = 0; i < 15000; ++i)
    twins += "[bridge.b" + std::to_string(i) + "]\naddresses = [\"10.0." + std::to_string(i / 250) +
             "." + std::to_string(i % 250 + 1) + "/32\"]\n";
  write("/run/odd/ports", ports + "]\n");
  write("/run/odd/tables", tables);
  write("/run/odd/keys", keys);
  write("/run/odd/twins", twins);
  EXPECT_TRUE(has(runs("check /run/odd/ports").err, "more than 200000 values"));
  EXPECT_TRUE(has(runs("check /run/odd/tables").err, "more than 20000 tables"));
  EXPECT_TRUE(has(runs("check /run/odd/keys").err, "\nand 99900 more\n"));
  EXPECT_EQ(runs("check --file-only /run/odd/twins").exit_code, 0);
}

TEST_F(HostileInput, AsOneGuestsFileDoesNotStopTheOthers) {
  sh("mkdir -p /etc/xen/auto");
  odd_files();
  sh("for f in fifo sparse device loop nul; do cp -a /run/odd/$f /etc/xen/$f.cfg; done");
  constexpr std::string_view with_nuls("name = \"x\"\nvif = [\"bridge=\0xenbr0\"]\n\0", 37);
  write("/etc/xen/assert.cfg", std::string(with_nuls));
  write("/etc/xen/deep.cfg", "vif = " + repeated("[", 100000));
  write("/etc/xen/many.cfg",
        "name = \"many\"\nvif = [" + repeated("\"bridge=xenbr0\",", 150000) + "]\n");
  write("/etc/xen/zz.cfg", "name = \"good\"\nvif = [\"bridge=nowhere\"]\n");
  const Ran ran = runs("check --all");
  EXPECT_EQ(ran.exit_code, 1);
  for (const char* file : {"fifo", "sparse", "device", "nul", "assert", "deep", "many"})
    EXPECT_TRUE(has(ran.out, std::string("error: ") + "/etc/xen/" + file + ".cfg") ||
                has(ran.out, std::string("error: reading /etc/xen/") + file + ".cfg"))
        << file << ran.out;
  EXPECT_TRUE(has(ran.out, "/etc/xen/zz.cfg:2: vif 0 (bridge=nowhere)")) << ran.out;
}

TEST_F(HostileInput, AsAFileToImportIsLeftOutOrAnsweredWithASentence) {
  for (const auto& file : odd_files()) {
    if (file == "folder" || file == "nul") continue;
    EXPECT_EQ(runs("import /run/odd/" + file).exit_code, 1) << file;
  }
  write("/run/odd/interfaces", "auto br0\niface br0 inet manual\n  bridge_ports none\n");
  const Ran ran = runs("import /run/odd");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.err, "/run/odd/fifo: it is a FIFO")) << ran.err;
  EXPECT_TRUE(has(ran.out, "[bridge.br0]")) << ran.out;
}

TEST_F(HostileInput, OfAnImportsRootLeadsNowhereElse) {
  write("/run/secret", "auto secret0\niface secret0 inet manual\n  bridge_ports none\n");
  sh("mkdir -p /run/root/etc/network /run/root/run /run/root/etc/other && "
     "ln -s /run/secret /run/root/etc/network/interfaces && "
     "ln -s ../../../../run /run/root/etc/sysconfig && ln -s /etc/network /run/root/etc/netplan");
  const Ran out = runs("import --root /run/root");
  EXPECT_FALSE(has(out.out + out.err, "secret0")) << out.out;
  EXPECT_TRUE(has(out.err, "reading /run/root/etc/network/interfaces")) << out.err;
  write("/run/root/run/secret",
        "source /etc/other/*\nauto there0\niface there0 inet manual\n  bridge_ports none\n");
  write("/run/root/etc/other/more", "auto more0\niface more0 inet manual\n  bridge_ports none\n");
  const Ran in = runs("import --root /run/root");
  EXPECT_TRUE(has(in.out, "there0") && has(in.out, "more0")) << in.out << in.err;
}

TEST_F(HostileInput, OfAnotherHostsAnswerIsNoAnswer) {
  write("/etc/xen/g.cfg", "name = \"g\"\nvif = [\"bridge=xenbr0\"]\n");
  for (const char* script : {"printf '%s' '"
                             "[[[[[[[[[["
                             "'",
                             "cat /dev/zero", "printf 'E\\033[2J\\233x\\n' >&2; exit 1"}) {
    write("/run/ssh", std::string("#!/bin/sh\ncat >/dev/null\n") + script + "\n");
    sh("chmod +x /run/ssh");
    const Ran ran = run("VIFCHAIN_SSH=/run/ssh timeout -s KILL 120 " + vifchain_program() +
                        " check --on h /etc/xen/g.cfg");
    EXPECT_EQ(ran.exit_code, 1) << script << ran.err;
    EXPECT_TRUE(is_harmless(ran.err)) << ran.err;
  }
}

TEST_F(HostileInput, AsStandardInputIsAnsweredWithASentence) {
  write("/run/deep", repeated("[", 2000000) + repeated("]", 2000000));
  write("/run/open", repeated("{\"a\":", 500000));
  for (const char* file : {"/run/deep", "/run/open", "/dev/null"}) {
    const Ran ran = run("timeout -s KILL 120 " + vifchain_program() + " check --vifs - <" + file);
    EXPECT_EQ(ran.exit_code, 1) << file;
    EXPECT_TRUE(has(ran.err, "invalid question on standard input")) << ran.err;
  }
}

TEST_F(HostileInput, AsTheFileKeepsNoDaemonFromItsWork) {
  Host::add_nic("nic0");
  Host::write_config("[bridge.xenbr0]\nports = [\"nic0\"]\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  sh("mkdir -p /run/xenstored && ln -s " + std::string(std::getenv("XENSTORED_PATH")) +
     " /run/xenstored/socket");
  RunningDaemon daemon;
  sh("mkfifo /run/fifo && mv /run/fifo /etc/xen/vifchain.toml");
  daemon.hang_up();
  EXPECT_TRUE(eventually([] { return has(RunningDaemon::said(), "regular file"); }))
      << RunningDaemon::said();
  sh("ip link set nic0 nomaster");
  EXPECT_TRUE(eventually([] { return has(sh("ip -o link show dev nic0"), "master xenbr0 "); }))
      << RunningDaemon::said();
  EXPECT_EQ(daemon.stop(), 0);
}

// Every way by which text of others comes in, and every one by which it leaves.
class HostileText : public HostileInput {
 protected:
  static constexpr const char* evil = "e\033[2J\xc2\x9b\u202e";

  static void is_told(const std::string& words, int code, const std::string& environment = "") {
    const Ran ran = run(environment + vifchain_program() + " " + words);
    EXPECT_EQ(ran.exit_code, code) << words << ran.out << ran.err;
    EXPECT_TRUE(is_harmless(ran.out)) << words << ran.out;
    EXPECT_TRUE(is_harmless(ran.err)) << words << ran.err;
    EXPECT_FALSE((ran.out + ran.err).empty()) << words;
  }
};

TEST_F(HostileText, OfGuestsAndTheirNodesReachesNoTerminalLogOrNode) {
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  Host::set_node("/local/domain/5/name", evil);
  Host::write_config("[bridge.xenbr0]\nports = []\n[vif]\nwait = 0\n");
  Host::add_vif(6, 0, std::string("b") + evil);
  EXPECT_EQ(Host::vif_chain("online", 6, 0).exit_code, 1);
  EXPECT_TRUE(is_harmless(Host::node(Host::backend(6, 0) + "/hotplug-error")))
      << Host::node(Host::backend(6, 0) + "/hotplug-error");
  is_told("status", 0);
  is_told("why vif5.0", 0);
  is_told("graph", 0);
  Host::set_node(Host::backend(6, 0) + "/bridge", "xenbr0");
  Host::set_node(Host::backend(6, 0) + "/vifname", std::string("v") + evil);
  Host::vif_chain("online", 6, 0);
  is_told("status --json", 0);
  EXPECT_TRUE(is_harmless(Host::log())) << Host::log();
}

TEST_F(HostileText, OfLinksReachesNoTerminalOrLog) {
  sh("ip link add \"$(printf 'l\\033[31mX')\" type bridge && "
     "ip link set \"$(printf 'l\\033[31mX')\" group 30307");
  is_told("status", 0);
  is_told("plan", 2);
  is_told("plan --json", 2);
  is_told("graph", 0);
  is_told("import --from-kernel", 0);
  is_told("apply", 0);
  EXPECT_TRUE(is_harmless(Host::log())) << Host::log();
}

TEST_F(HostileText, OfTheFileReachesNoTerminal) {
  write("/run/keys",
        "[bridge.\"x\\u001b[31mz\"]\nports = [\"a\\u009bb\\u202e\"]\n"
        "foo = \"\\u001b]0;P\\u0007\"\n\"k\\u202e\" = 1\n");
  is_told("check /run/keys", 1);
  is_told("check --json /run/keys", 1);
  write("/run/name", "[bridge.\"x\\u001b[31mz\"]\nports = []\n");
  is_told("check /run/name", 1);
}

TEST_F(HostileText, OfTheCommandLineReachesNoTerminal) {
  const std::string word = "\"$(printf 'e\\033[2J\\302\\233')\"";
  for (const auto& words :
       {"down " + word, word, "plan " + word, "--config /run/" + word + " plan",
        "nic " + word + ":", "why " + word, "up " + word, "status " + word, "graph " + word,
        "check /run/" + word, "import /run/" + word, "export " + word, "vif " + word + " bridge=x",
        "check --on " + word + " g", "check --domain /run/" + word, "plan --" + word})
    is_told(words, 1);
}

}  // namespace
}  // namespace vifchain
