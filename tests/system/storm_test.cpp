// SPDX-License-Identifier: Apache-2.0
// vif-chain when many run at once, and when a run is killed at any moment.
#include <gtest/gtest.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <optional>
#include <set>

#include "host.hpp"

namespace vifchain {
namespace {

// Notes every link that comes and goes while it lives, as `ip monitor link` would.
class LinkWatch {
 public:
  LinkWatch()
      : socket_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)) {
    const int size = 64 << 20;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("no link notifications");
  }
  ~LinkWatch() { ::close(socket_); }
  LinkWatch(const LinkWatch&) = delete;
  LinkWatch& operator=(const LinkWatch&) = delete;

  // How many different links (by index) carried each name since the last call.
  std::map<std::string, std::size_t> links_made() {
    std::vector<char> buffer(1 << 16);
    for (;;) {
      const auto size = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (size <= 0) break;
      note(buffer.data(), static_cast<int>(size));
    }
    std::map<std::string, std::size_t> count;
    for (const auto& [name, indices] : seen_) count[name] = indices.size();
    return count;
  }

 private:
  void note(char* data, int size) {
    for (auto* message = reinterpret_cast<nlmsghdr*>(data); NLMSG_OK(message, size);
         message = NLMSG_NEXT(message, size)) {
      if (message->nlmsg_type != RTM_NEWLINK) continue;
      const auto* link = static_cast<ifinfomsg*>(NLMSG_DATA(message));
      auto rest = static_cast<int>(IFLA_PAYLOAD(message));
      for (auto* attribute = IFLA_RTA(link); RTA_OK(attribute, rest);
           attribute = RTA_NEXT(attribute, rest))
        if (attribute->rta_type == IFLA_IFNAME)
          seen_[static_cast<char*>(RTA_DATA(attribute))].insert(link->ifi_index);
    }
  }

  int socket_;
  std::map<std::string, std::set<int>> seen_;
};

struct Place {
  const char* bridge;
  const char* config;
  std::vector<const char*> nics;
  std::vector<const char*> links;  // what vifchain makes
};

const Place on_a_bond{"xenbrdmz",
                      "[bond.bond1]\nports = [\"eth0\", \"eth3\"]\nmode = \"802.3ad\"\n"
                      "miimon = 100\nlacp_rate = \"fast\"\n"
                      "[bridge.xenbrdmz]\nports = [\"bond1.2\"]\n",
                      {"eth0", "eth3"},
                      {"bond1", "bond1.2", "xenbrdmz"}};
const Place on_a_nic{"xenbr0", "[bridge.xenbr0]\nports = [\"eth0\"]\n", {"eth0"}, {"xenbr0"}};

class Storm : public ::testing::TestWithParam<const Place*> {
 protected:
  void SetUp() override {
    host_.emplace();
    if (GetParam() == &on_a_bond)
      for (const char* kind : {"bond", "vlan"})
        if (const auto why = why_no_kind(kind); !why.empty()) GTEST_SKIP() << why;
    Host::write_config(GetParam()->config);
    for (const auto* nic : GetParam()->nics) Host::add_nic(nic);
  }

  static void remove_chain() { sh("ip link del group 30307; ip link set vif5.0 down nomaster"); }

  static unsigned long vifs_on_the_bridge() {
    return std::stoul(sh(std::string("ip -o link show master ") + GetParam()->bridge +
                         " | grep -c ': vif' || true"));
  }

  std::optional<Host> host_;
};

void all_at_once(const std::string& command, unsigned guests) {
  std::vector<pid_t> runs;
  for (unsigned domid = 1; domid <= guests; ++domid)
    runs.push_back(Host::start_vif_chain(command, domid, 0));
  for (unsigned domid = 1; domid <= guests; ++domid)
    EXPECT_EQ(exit_code_of(runs[domid - 1]), 0)
        << Host::node(Host::backend(domid, 0) + "/hotplug-error");
}

TEST_P(Storm, TwoHundredAtOnceMakeEachLinkOnceAllConnectAndAllLeave) {
  constexpr unsigned guests = 200;
  Host::add_vifs(1, guests, GetParam()->bridge);
  LinkWatch watch;
  all_at_once("online", guests);
  const auto made = watch.links_made();
  for (const auto* link : GetParam()->links) EXPECT_EQ(made.at(link), 1U) << link;
  for (unsigned domid = 1; domid <= guests; ++domid)
    EXPECT_EQ(Host::node(Host::backend(domid, 0) + "/hotplug-status"), "connected") << domid;
  EXPECT_EQ(vifs_on_the_bridge(), guests);
  all_at_once("offline", guests);
  EXPECT_EQ(vifs_on_the_bridge(), 0U);
}

// System calls that anybody else can see: whatever a run does to the world, it does in one.
bool matters(unsigned long long number) {
  return number == SYS_sendmsg || number == SYS_sendto || number == SYS_write ||
         number == SYS_writev || number == SYS_flock || number == SYS_connect ||
         number == SYS_openat;
}

// Runs `vif-chain online` for vif5.0 and kills it right after its n-th call that matters.
// True when the run ended by itself before.
bool run_and_kill_after(unsigned n) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    ::setenv("XENBUS_PATH", "backend/vif/5/0", 1);
    ::setenv("vif", "vif5.0", 1);
    ::execl(vif_chain_program().c_str(), "vif-chain", "online", "type_if=vif", nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  bool entering = true;
  for (unsigned seen = 0;;) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status) || WIFSIGNALED(status)) return true;
    if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80)) continue;
    user_regs_struct registers{};
    ::ptrace(PTRACE_GETREGS, child, nullptr, &registers);
    entering = !entering;
    if (!entering || !matters(registers.orig_rax)) continue;  // now at the call's end
    if (++seen == n) break;
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, &status, 0);
  return false;
}

TEST_P(Storm, KilledAfterAnyCallTheNextRunReachesTheGoal) {
  Host::add_vif(5, 0, GetParam()->bridge);
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  const std::string goal = Host::links();
  remove_chain();
  unsigned killed = 0;
  for (unsigned n = 1; !run_and_kill_after(n); ++n, ++killed) {
    const Ran again = Host::vif_chain("online", 5, 0);
    ASSERT_EQ(again.exit_code, 0) << "after call " << n << ": "
                                  << Host::node(Host::backend(5, 0) + "/hotplug-error");
    ASSERT_EQ(Host::links(), goal) << "after call " << n;
    ASSERT_EQ(Host::node(Host::backend(5, 0) + "/hotplug-status"), "connected");
    remove_chain();
  }
  EXPECT_GT(killed, 10U) << "there was something to interrupt";
}

INSTANTIATE_TEST_SUITE_P(Chains, Storm, ::testing::Values(&on_a_nic, &on_a_bond),
                         [](const auto& chain) {
                           return chain.param == &on_a_bond ? "OnABond" : "OnANic";
                         });

}  // namespace
}  // namespace vifchain
