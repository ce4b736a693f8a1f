// SPDX-License-Identifier: Apache-2.0
#include "host.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "edge/base/error.hpp"
#include "edge/process/processes.hpp"
#include "edge/store/store.hpp"
#include "own_places.hpp"

namespace vifchain {
namespace {

void must(int result, const char* what) {
  if (result != 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

// What cannot be asked just now, as a process or a file may be going, is asked again; what vifchain
// itself throws is a finding.
bool is_now(const std::function<bool()>& state) try { return state(); } catch (const Error&) {
  throw;
} catch (const std::exception&) {
  return false;
}

// With every failure: what the last run that failed had said, which mostly is why.
class LastWords : public testing::EmptyTestEventListener {
 public:
  static std::string words;

 private:
  void OnTestStart(const testing::TestInfo& /*test*/) override { words.clear(); }
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.failed() && !words.empty())
      std::printf("The last run that failed: %s", words.c_str());
  }
};

std::string LastWords::words;

StoreKind in_own_namespaces(StoreKind store) {
  [[maybe_unused]] static const bool once =
      (testing::UnitTest::GetInstance()->listeners().Append(new LastWords), true);
  take_own_places();
  // A fresh namespace has loopback only, and that down.
  sh("ip link set lo up");
  return store;
}

// What a test needs in every environment: the way to its store.
std::vector<std::string> with_our_own(std::vector<std::string> all) {
  for (const char* name : {"XENSTORED_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) all.push_back(std::string(name) + "=" + value);
  return all;
}

std::vector<std::string> environment_of(unsigned domid, unsigned devid) {
  const std::string place = std::to_string(domid) + "/" + std::to_string(devid);
  std::vector<std::string> all{"script=/etc/xen/scripts/vif-chain",
                               "XENBUS_TYPE=vif",
                               "XENBUS_PATH=backend/vif/" + place,
                               "XENBUS_BASE_PATH=backend",
                               "netdev=",
                               "vif=vif" + std::to_string(domid) + "." + std::to_string(devid)};
  return with_our_own(std::move(all));
}

struct Pipe {
  std::array<int, 2> ends{};
  Pipe() { must(::pipe2(ends.data(), O_CLOEXEC), "pipe"); }
};

pid_t spawn(const std::vector<std::string>& words, const std::vector<std::string>& environment,
            int out, int err) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(::open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  ::dup2(out, 1);
  ::dup2(err, 2);
  std::vector<char*> argv, envp;
  for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  for (const auto& entry : environment) envp.push_back(const_cast<char*>(entry.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  ::execve(argv[0], argv.data(), envp.data());
  ::_exit(127);
}

void drain(std::array<pollfd, 2>& pipes, Ran& ran) {
  std::array<char, 4096> buffer{};
  while (pipes[0].fd >= 0 || pipes[1].fd >= 0) {
    ::poll(pipes.data(), pipes.size(), -1);
    for (std::size_t i = 0; i < pipes.size(); ++i) {
      if (pipes[i].fd < 0 || pipes[i].revents == 0) continue;
      const auto size = ::read(pipes[i].fd, buffer.data(), buffer.size());
      if (size > 0)
        (i == 0 ? ran.out : ran.err).append(buffer.data(), static_cast<std::size_t>(size));
      else
        pipes[i].fd = -1;
    }
  }
}

Ran run(const std::vector<std::string>& words, const std::vector<std::string>& environment) {
  const Pipe out, err;
  const pid_t child = spawn(words, environment, out.ends[1], err.ends[1]);
  ::close(out.ends[1]);
  ::close(err.ends[1]);
  std::array<pollfd, 2> pipes{pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  Ran ran;
  drain(pipes, ran);
  ::close(out.ends[0]);
  ::close(err.ends[0]);
  ran.exit_code = exit_code_of(child);
  return ran;
}

std::string path_of(const std::string& side, unsigned domid, unsigned devid) {
  return side + "/" + std::to_string(domid) + "/" + std::to_string(devid);
}

std::string new_vif(unsigned domid, unsigned devid) {
  const std::string number = std::to_string(domid) + "." + std::to_string(devid);
  return "link add vif" + number + " address fe:ff:ff:ff:ff:ff type veth peer name g" + number;
}

void fill_store(Store& store, unsigned domid, unsigned devid, const std::string& bridge) {
  const std::string backend = Host::backend(domid, devid);
  store.write(backend + "/bridge", bridge);
  store.write(backend + "/state", "2");
  store.write(backend + "/hotplug-status", "");
  store.write(Host::frontend(domid, devid) + "/state", "1");
}

}  // namespace

Host::Host(StoreKind store) : store_(in_own_namespaces(store)) {}

namespace {

// True when there was one.
bool end_those_of_ours() {
  bool some = false;
  for (const auto& process : processes_here()) {
    const std::string program = process.words.empty() ? "" : process.words.front();
    if (!has(program, "vifchain") && !has(program, "vif-chain")) continue;
    some = true;
    ::kill(process.pid, SIGKILL);
  }
  return some;
}

}  // namespace

// Again and again: one that was just ended may have started another.
void Host::end_programs() {
  eventually([] { return !end_those_of_ours(); });
}

void Host::write_config(const std::string& toml) {
  std::ofstream("/etc/xen/vifchain.toml") << toml;
}

void Host::add_nic(const std::string& name) {
  sh("ip link add " + name + " type veth peer name " + name + "_far && ip link set " + name +
     "_far up");
}

std::string Host::backend(unsigned domid, unsigned devid) {
  return path_of("/local/domain/0/backend/vif", domid, devid);
}

std::string Host::frontend(unsigned domid, unsigned devid) {
  return "/local/domain/" + std::to_string(domid) + "/device/vif/" + std::to_string(devid);
}

void Host::live_on(const std::string& nic) {
  sh("ip link set " + nic + " up && ip addr add 10.0.0.5/24 dev " + nic +
     " && ip route add default via 10.0.0.1 dev " + nic);
}

void Host::add_vif(unsigned domid, unsigned devid, const std::string& bridge) {
  sh("ip " + new_vif(domid, devid));
  fill_store(*open_store(), domid, devid, bridge);
}

void Host::add_vifs(unsigned first, unsigned count, const std::string& bridge) {
  const auto store = open_store();
  std::string commands;
  for (unsigned domid = first; domid < first + count; ++domid) {
    commands += new_vif(domid, 0) + "\n";
    fill_store(*store, domid, 0, bridge);
  }
  std::ofstream("/run/vifs") << commands;
  sh("ip -batch /run/vifs");
}

Ran Host::vif_chain(const std::string& command, unsigned domid, unsigned devid,
                    const std::string& type) {
  return run({vif_chain_program(), command, type}, environment_of(domid, devid));
}

Ran Host::vif_chain_with(const std::vector<std::string>& environment, const std::string& words) {
  std::vector<std::string> call{vif_chain_program()};
  std::istringstream stream(words);
  for (std::string word; stream >> word;) call.push_back(word);
  if (words.find("type_if=") == std::string::npos) call.emplace_back("type_if=vif");
  return run(call, with_our_own(environment));
}

pid_t Host::start_vif_chain(const std::string& command, unsigned domid, unsigned devid) {
  return spawn({vif_chain_program(), command, "type_if=vif"}, environment_of(domid, devid), 1, 2);
}

std::string Host::node(const std::string& path) {
  return open_store()->read(path).value_or("(none)");
}

void Host::set_node(const std::string& path, const std::string& value) {
  open_store()->write(path, value);
}

std::string Host::links() {
  return sh(
      "ip -o -d link show | sed -E -e 's/^[0-9]+: //' -e 's/@[^:]*//' -e 's/<[^>]*>//' "
      "-e 's/ (state|qlen|cost|ad_[a-z_]*|mii_status|[a-z_]*_timer|link_failure_count) +"
      "[^ ]+//g' | sort; ip -o link show up | cut -d' ' -f2 | sort");
}

std::string Host::log() {
  std::ostringstream text;
  text << std::ifstream("/var/log/xen/xen-hotplug.log").rdbuf();
  return text.str();
}

HeldLock::HeldLock(const std::string& path)
    : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  must(::flock(descriptor_, LOCK_EX), path.c_str());
}

HeldLock::~HeldLock() {
  ::close(descriptor_);
}

std::string sh(const std::string& command) {
  const char* path = std::getenv("PATH");
  const std::string search =
      std::string("PATH=") + (path != nullptr ? path : "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
  const Ran ran = run({"/bin/sh", "-c", command}, {search, "LC_ALL=C"});
  if (ran.exit_code != 0) throw std::runtime_error(command + ": " + ran.err);
  return ran.out;
}

std::string vif_chain_program() {
  const char* path = std::getenv("VIF_CHAIN");
  return path != nullptr ? path : "/etc/xen/scripts/vif-chain";
}

std::string vifchain_program() {
  const char* path = std::getenv("VIFCHAIN");
  return path != nullptr ? path : "/usr/sbin/vifchain";
}

std::string environment() {
  std::string text = "env LC_ALL=C.UTF-8 PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin VIFCHAIN=" +
                     vifchain_program();
  for (const char* name : {"XENSTORED_PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) text += std::string(" ") + name + "='" + value + "'";
  return text + " ";
}

Ran run(const std::string& words) {
  if (!has_own_places()) throw std::logic_error("a program is run where there is no test's host");
  const auto code = sh(environment() + words + " >/run/out 2>/run/err; echo $?");
  Ran ran{std::stoi(code), contents_of("/run/out"), contents_of("/run/err")};
  if (ran.exit_code != 0) LastWords::words = words + "\n" + ran.err;
  return ran;
}

Ran vifchain(const std::string& words, const std::string& before) {
  return run(before + " " + vifchain_program() + " " + words);
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string why_no_kind(const std::string& kind) {
  try {
    sh("ip link add probe0 type dummy 2>/dev/null || ip link add probe0 type veth peer name "
       "probe1");
    sh(kind == "vlan" ? "ip link add link probe0 name probe2 type vlan id 9"
                      : "ip link add probe2 type " + kind);
    sh("ip link del probe2; ip link del probe0");
    return {};
  } catch (const std::exception&) {
    sh("ip link del probe0");
    return "this machine's kernel has no " + kind + " links; the lab's has";
  }
}

std::vector<pid_t> processes_here(const std::string& words) {
  std::vector<pid_t> found;
  for (const auto& process : processes_here()) {
    std::string line;
    for (const auto& word : process.words) line += word + " ";
    if (process.pid != ::getpid() && has(line, words)) found.push_back(process.pid);
  }
  return found;
}

void signal_here(const std::string& words, int number) {
  for (const pid_t process : processes_here(words)) ::kill(process, number);
}

bool eventually(const std::function<bool()>& state) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < end) {
    if (is_now(state)) return true;
    ::poll(nullptr, 0, 10);
  }
  return state();
}

bool has_open(pid_t process, const std::string& path) {
  std::error_code gone;  // as the process may be, and what it has just closed
  const std::string folder = "/proc/" + std::to_string(process) + "/fd";
  for (std::filesystem::directory_iterator each(folder, gone), end; each != end;
       each.increment(gone))
    if (has(std::filesystem::read_symlink(each->path(), gone).string(), path)) return true;
  return false;
}

bool is_waited_for_a_link() {
  return eventually([] {
    return has(sh("grep -E '^[0-9a-f]+ +0 +[0-9]+ +00000001 ' /proc/net/netlink || true"), " ");
  });
}

int exit_code_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace vifchain
