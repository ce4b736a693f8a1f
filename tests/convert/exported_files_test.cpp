// SPDX-License-Identifier: Apache-2.0
// What vifchain export writes, before the programs that it is for.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include "convert/import/compose.hpp"
#include "convert/import/readers.hpp"
#include "host.hpp"
#include "random_file.hpp"
#include "temp_folder.hpp"
#include "topology_facts.hpp"

namespace vifchain {
namespace {

namespace fs = std::filesystem;

const std::string every_kind = R"(
[bond.bond1]
ports = ["eth0", "eth3"]
mode = "802.3ad"
miimon = 100
lacp_rate = "fast"
min_links = 1
[vlan.storage]
link = "bond1"
id = 7
[bridge.xenbrlan]
ports = ["bond1.3"]
hello_time = 2.5
addresses = ["192.0.2.5/24", "2001:db8::5/64"]
gateway = ["192.0.2.1", "fe80::1"]
routes = [{ to = "198.51.100.0/24", via = "192.0.2.9", metric = 50 }]
[bridge.empty]
ports = []
)";

// Bridges alone, which every kernel has.
const std::string bridges = R"(
[bridge.xenbrlan]
ports = ["eth0", "eth1"]
hello_time = 2.5
ageing_time = 150
priority = 4096
mcast_snooping = false
mac = "02:00:00:00:00:10"
addresses = ["192.0.2.5/24"]
gateway = "192.0.2.1"
routes = [{ to = "198.51.100.0/24", via = "192.0.2.9", metric = 50 }]
[bridge.xenbrdmz]
ports = ["eth5"]
stp = true
forward_delay = 4
[port.eth0]
cost = 10
hairpin = true
)";

void write(const std::vector<SourceFile>& files, const std::string& folder) {
  for (const auto& file : files) {
    const fs::path path = fs::path(folder) / file.name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << file.text;
  }
}

std::vector<SourceFile> files_in(const std::string& folder) {
  std::vector<SourceFile> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files.push_back({entry.path(), contents_of(entry.path())});
  return files;
}

bool is_there(const std::string& program) {
  return access(program.c_str(), X_OK) == 0;
}

constexpr const char* netplan = "/usr/lib/netplan/generate";

// systemd-networkd with these files alone, in this test's namespaces, from when it has looked at
// all links.
class Networkd {
 public:
  explicit Networkd(const std::vector<SourceFile>& files) {
    std::ofstream("/etc/passwd") << "systemd-network:x:0:0::/:/bin/false\n";  // it keeps root's id
    fs::remove_all("/etc/systemd/network");
    fs::create_directories("/run/systemd/netif/links");
    write(files, "/");
    pid_ = start();
    if (!eventually([] { return has(contents_of(log), "Enumeration completed"); }))
      throw std::runtime_error("systemd-networkd does not run: " + contents_of(log));
  }
  ~Networkd() {
    kill(pid_, SIGKILL);
    exit_code_of(pid_);
  }
  Networkd(const Networkd&) = delete;
  Networkd& operator=(const Networkd&) = delete;

  // What it has to say of the files.
  static std::string complaints() {
    std::string all;
    std::istringstream lines(contents_of(log));
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with("/etc/systemd/network/")) all += line + "\n";
    return all;
  }

  static constexpr const char* program = "/lib/systemd/systemd-networkd";

 private:
  static pid_t start() {
    const pid_t child = fork();
    if (child != 0) return child;
    const int file = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    dup2(file, STDERR_FILENO);
    execl(program, program, nullptr);
    _exit(127);
  }

  static constexpr const char* log = "/run/networkd.log";
  pid_t pid_ = 0;
};

// The ports of a link have no order there, and what the kernel has anyway is not passed on.
std::string as_netplan_has_it(const std::string& facts) {
  std::string text;
  std::istringstream lines(facts);
  for (std::string line; std::getline(lines, line);) {
    const bool port = line.starts_with("  port ") && !line.starts_with("  port of ");
    const bool usual = line == "  all_slaves_active false" || line == "  min_links 0" ||
                       line == "  ad_select stable" || line == "  lacp_rate slow";
    if (!port && !usual) text += line + "\n";
  }
  return text;
}

class ExportedFiles : public ::testing::Test {
 protected:
  Host host_;
  TempFolder folder_;
};

TEST_F(ExportedFiles, OfNetworkdAreReadByItWithoutAWord) {
  if (!is_there(Networkd::program)) GTEST_SKIP() << "no systemd-networkd here";
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const auto text = seed == 0 ? every_kind : text_of(random_file(seed));
    const Networkd networkd(export_networkd(topology_of(text)).files);
    EXPECT_EQ(Networkd::complaints(), "") << text;
  }
}

TEST_F(ExportedFiles, OfNetworkdAreWhatTheKernelHasAfterwards) {
  if (!is_there(Networkd::program)) GTEST_SKIP() << "no systemd-networkd here";
  for (const char* nic : {"eth0", "eth1", "eth5"}) Host::add_nic(nic);
  const Networkd networkd(export_networkd(topology_of(bridges)).files);
  const auto says = [](const std::string& link, const std::string& words) {
    return has(sh("ip -d -o link show " + link + " 2>/dev/null || true"), words);
  };
  EXPECT_TRUE(eventually([&] { return says("xenbrdmz", "forward_delay 400 "); }));
  EXPECT_TRUE(says("xenbrdmz", "stp_state 1 "));
  EXPECT_TRUE(eventually([&] { return says("xenbrlan", "hello_time 250 "); }));
  for (const char* words : {"ageing_time 15000 ", "priority 4096 ", "mcast_snooping 0 ",
                            "stp_state 0 ", "link/ether 02:00:00:00:00:10 "})
    EXPECT_TRUE(says("xenbrlan", words)) << words;
}

// What netplan makes of our file for systemd-networkd, read by our reader of such files: neither
// has seen the other.
TEST_F(ExportedFiles, OfNetplanBecomeTheSameLinksByItsOwnGenerator) {
  if (!is_there(netplan)) GTEST_SKIP() << "no netplan here";
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    TempFolder root;
    const auto topology = topology_of(seed == 0 ? every_kind : text_of(random_file(seed)));
    const auto exported = export_netplan(topology);
    write(exported.files, root.path());
    const Ran ran = run(std::string(netplan) + " --root-dir " + root.path());
    ASSERT_EQ(ran.exit_code, 0) << ran.err << exported.files[0].text;
    if (topology.links.empty()) continue;
    DraftConfig draft;
    auto files = files_in(root / "run/systemd/network");
    std::ranges::sort(files, {}, &SourceFile::name);
    read_networkd(files, draft);
    const auto back = topology_of(compose(std::move(draft)).toml);
    EXPECT_EQ(as_netplan_has_it(facts_of(back, exported)),
              as_netplan_has_it(facts_of(topology, exported)))
        << exported.files[0].text;
  }
}

TEST_F(ExportedFiles, OfIfupdownAreReadByItWithoutAWord) {
  if (!is_there("/sbin/ifup")) GTEST_SKIP() << "no ifupdown here";
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const auto topology = topology_of(seed == 0 ? every_kind : text_of(random_file(seed)));
    write(export_ifupdown(topology).files, folder_.path());
    fs::create_directories("/run/network");
    const auto file = folder_ / "etc/network/interfaces";
    const Ran ran = run("ifup --no-act --all --interfaces=" + file + " >/dev/null");
    EXPECT_EQ(ran.exit_code, 0) << contents_of(file);
    // It names the commands that it would run, and itself where it has something to say.
    EXPECT_FALSE(has(ran.err, "ifup: ")) << ran.err << contents_of(file);
    const auto known = run("ifquery --list --all --interfaces=" + file).out;
    for (const auto& [name, link] : topology.links)
      EXPECT_TRUE(is_given(link) || has(known, name.str())) << name.str();
  }
}

TEST_F(ExportedFiles, OfAScriptAreShell) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    write(export_script(topology_of(text_of(random_file(seed)))).files, folder_.path());
    const Ran ran = run("sh -n " + (folder_ / "vifchain.sh"));
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
  }
}

TEST_F(ExportedFiles, OfAScriptMakeTheLinksThatTheFileSays) {
  const bool bridges_alone = !why_no_kind("bond").empty() || !why_no_kind("vlan").empty();
  const auto& text = bridges_alone ? bridges : every_kind;
  for (const char* nic : {"eth0", "eth1", "eth3", "eth5"}) Host::add_nic(nic);
  const auto topology = topology_of(text);
  write(export_script(topology).files, folder_.path());
  const Ran ran = run("sh " + (folder_ / "vifchain.sh"));
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  Host::write_config(text);
  // Nothing is ours, so that nothing would be changed; adopted, there is nothing to do.
  const Ran adopt = vifchain("apply --adopt");
  EXPECT_EQ(adopt.exit_code, 0) << adopt.out << adopt.err;
  const Ran plan = vifchain("plan");
  EXPECT_EQ(plan.exit_code, 0) << plan.out << plan.err;
}

}  // namespace
}  // namespace vifchain
