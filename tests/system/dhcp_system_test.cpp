// SPDX-License-Identifier: Apache-2.0
// dhcp in the file with the DHCP clients that people have, and a server at the other end of eth0.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "edge/dhcp/recognise_client.hpp"
#include "edge/process/processes.hpp"
#include "host.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

using Lines = std::vector<std::string>;

std::string addresses(const std::string& link) {
  return sh("ip -o addr show dev " + link +
            " scope global | sed -E 's/.* inet6? ([^ ]*) .*/\\1/' | sort");
}

// The numbers of the clients in this test's network namespace; helpers of theirs do not count, nor
// do those that are about to run a script.
std::vector<int> pids() {
  std::map<int, int> parents;
  for (const auto& process : processes_here())
    if (!clients_in(process.pid, process.words).empty()) parents[process.pid] = process.parent;
  std::vector<int> all;
  for (const auto& [pid, parent] : parents)
    if (!parents.contains(parent)) all.push_back(pid);
  return all;
}

// All that is left of them, helpers too.
std::vector<Process> processes_left() {
  auto all = processes_here();
  std::erase_if(all, [](const Process& process) {
    const auto is_of = [&](const char* client) { return has(process.words.front(), client); };
    return !is_of("dhcpcd") && !is_of("dhclient") && !is_of("udhcpc");
  });
  return all;
}

constexpr const char* with_dhcp = "[bridge.xenbr0]\nports = [\"eth0\"]\ndhcp = \"ipv4\"\n";
constexpr const char* without = "[bridge.xenbr0]\nports = [\"eth0\"]\n";

std::string named(const std::string& client, const std::string& rest = with_dhcp) {
  return "[host]\ndhcp_client = \"" + client + "\"\n" + rest;
}

class DhcpSystem : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    sh("mkdir -p /run/bin /var/lib/dhcp /var/lib/dhcpcd");
    std::ofstream("/etc/passwd") << "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n"
                                    "dhcpcd:x:103:65534::/usr/lib/dhcpcd:/bin/false\n";
    std::ofstream("/etc/group") << "root:x:0:\nnogroup:x:65534:\n";
    Host::add_nic("eth0");
    sh("ip netns add srv && ip link set eth0_far netns srv && ip -n srv link set lo up && "
       "ip -n srv addr add 10.9.0.1/24 dev eth0_far && "
       "ip -n srv addr add 2001:db8:9::1/64 dev eth0_far nodad && ip -n srv link set eth0_far up "
       "&& "
       "ip link set eth0 up");
    server_ = std::stoi(
        sh("ip netns exec srv dnsmasq -C /dev/null --keep-in-foreground --port=0 "
           "--interface=eth0_far --bind-interfaces --no-ping --dhcp-authoritative "
           "--dhcp-range=10.9.0.50,10.9.0.99,10m --enable-ra "
           "--dhcp-range=2001:db8:9::50,2001:db8:9::99,64,10m --dhcp-leasefile=/run/leases "
           "--user=root >/run/dnsmasq.log 2>&1 & echo $!"));
  }

  void TearDown() override {
    show_clients();
    // A dhcpcd that was killed leaves helpers that nothing less ends.
    for (const auto& process : processes_left()) ::kill(process.pid, SIGKILL);
    ::kill(server_, SIGTERM);
    EXPECT_TRUE(eventually([] { return processes_left().empty(); }));
  }

  // A program of this name, first in PATH, that runs these lines.
  static void stand_in(const std::string& name, const std::string& lines) {
    std::ofstream("/run/bin/" + name) << "#!/bin/sh\n" << lines;
    sh("chmod +x /run/bin/" + name);
  }

  // Until the end of the test.
  static void hide_clients() {
    for (const auto& path : client_paths()) sh("mount --bind /dev/null " + path);
  }
  static void show_clients() {
    for (const auto& path : client_paths()) sh("umount -q " + path + " || true");
  }
  static Lines client_paths() {
    std::istringstream paths(
        sh("readlink -f /usr/sbin/dhcpcd /usr/sbin/dhclient /usr/sbin/udhcpc"));
    Lines all;
    for (std::string path; std::getline(paths, path);) all.push_back(path);
    return all;
  }

  static ::testing::AssertionResult gets_lease(const std::string& link = "xenbr0",
                                               const std::string& start = "10.9.0.") {
    const auto got = [&] { return has("\n" + addresses(link), "\n" + start); };
    if (eventually(got) || eventually(got)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure()
           << link << " has " << addresses(link) << contents_of("/run/dnsmasq.log");
  }

  std::optional<Host> host_;
  int server_ = 0;
};

class DhcpClientProgram : public DhcpSystem, public ::testing::WithParamInterface<const char*> {};

TEST_P(DhcpClientProgram, ComesAndGoesWithTheBridge) {
  Host::write_config(named(GetParam()));
  const Ran plan = vifchain("plan");
  EXPECT_EQ(plan.exit_code, 2) << plan.err;
  EXPECT_TRUE(has(plan.out, std::string("start ") + GetParam() +
                                " on xenbr0, IPv4\n      file has "
                                "dhcp = \"ipv4\"\n"))
      << plan.out;
  EXPECT_TRUE(pids().empty());

  const Ran applied = vifchain("apply");
  ASSERT_EQ(applied.exit_code, 0) << applied.err;
  const auto running = pids();
  ASSERT_EQ(running.size(), 1U);
  EXPECT_TRUE(gets_lease());
  EXPECT_TRUE(eventually([] { return has(sh("ip route"), "default via 10.9.0.1 dev xenbr0"); }))
      << sh("ip route");
  EXPECT_FALSE(has_open(running.front(), "/run/vifchain")) << "it holds a lock";
  const auto lease = addresses("xenbr0");

  const Ran again = vifchain("apply");
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_TRUE(has(again.out, "Nothing to do")) << again.out;
  EXPECT_EQ(pids(), running);
  const Ran status = vifchain("status");
  EXPECT_TRUE(has(status.out, std::string("IPv4 by ") + GetParam() + " (pid " +
                                  std::to_string(running.front()) + ")"))
      << status.out;
  EXPECT_TRUE(has(status.out, "No problems found")) << status.out;

  const Ran down = vifchain("down --all");
  EXPECT_EQ(down.exit_code, 0) << down.err;
  EXPECT_TRUE(eventually([] { return processes_left().empty(); }));
  EXPECT_FALSE(has(sh("ip link"), "xenbr0"));
  EXPECT_EQ(addresses("eth0"), "");
  EXPECT_EQ(sh("ls /run/vifchain/dhcp | grep xenbr0 || true"), "");

  ASSERT_EQ(vifchain("up xenbr0").exit_code, 0);
  EXPECT_TRUE(gets_lease());
  EXPECT_EQ(addresses("xenbr0"), lease) << "it asks for the address that it had";
}

TEST_P(DhcpClientProgram, LeavesNothingOnALinkThatStays) {
  Host::write_config(named(GetParam()));
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_TRUE(gets_lease());
  Host::write_config(without);
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, std::string("stop ") + GetParam() + " (pid ")) << ran.out;
  EXPECT_TRUE(pids().empty());
  EXPECT_EQ(addresses("xenbr0"), "");
  EXPECT_FALSE(has(sh("ip route"), "xenbr0")) << sh("ip route");
  const Ran plan = vifchain("plan");
  EXPECT_EQ(plan.exit_code, 0) << plan.out;
}

TEST_P(DhcpClientProgram, ThatWasKilledIsMissedAndComesBack) {
  Host::write_config(named(GetParam()));
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const auto running = pids();
  ASSERT_EQ(running.size(), 1U);
  ::kill(running.front(), SIGKILL);
  ASSERT_TRUE(eventually([] { return pids().empty(); }));
  EXPECT_TRUE(has(vifchain("status").out, "! dhcp: expected an IPv4 client, found none"));
  EXPECT_EQ(vifchain("plan").exit_code, 2);
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(pids().size(), 1U);
  EXPECT_TRUE(gets_lease());
}

INSTANTIATE_TEST_SUITE_P(Clients, DhcpClientProgram,
                         ::testing::Values("dhcpcd", "dhclient", "udhcpc"),
                         [](const auto& client) { return std::string(client.param); });

TEST_F(DhcpSystem, BothFamiliesHaveAClientEach) {
  for (const char* client : {"dhcpcd", "dhclient"}) {
    Host::write_config(named(client, "[bridge.xenbr0]\nports = [\"eth0\"]\ndhcp = \"both\"\n"));
    const Ran ran = vifchain("apply");
    ASSERT_EQ(ran.exit_code, 0) << client << ran.err;
    EXPECT_EQ(pids().size(), 2U) << client;
    EXPECT_TRUE(gets_lease("xenbr0", "2001:db8:9::")) << client;
    const Ran plan = vifchain("plan");
    EXPECT_EQ(plan.exit_code, 0) << client << plan.out;
    ASSERT_EQ(vifchain("down --all").exit_code, 0) << client;
    EXPECT_TRUE(eventually([] { return processes_left().empty(); }));
  }
}

TEST_F(DhcpSystem, UdhcpcIsRefusedForIPv6) {
  Host::write_config(named("udhcpc", "[bridge.xenbr0]\nports = [\"eth0\"]\ndhcp = \"both\"\n"));
  const auto before = Host::links();
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "xenbr0: no DHCP client for IPv6: udhcpc serves IPv4 alone")) << ran.err;
  EXPECT_EQ(Host::links(), before);
  EXPECT_TRUE(pids().empty());
}

// As udhcpc calls its script, which vifchain writes.
TEST_F(DhcpSystem, ANewLeaseOfUdhcpcTakesItsOldAddressAndNothingElse) {
  Host::write_config(named("udhcpc"));
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_TRUE(gets_lease());
  for (const int client : pids()) ::kill(client, SIGKILL);
  ASSERT_TRUE(eventually([] { return processes_left().empty(); }));
  sh("ip address add 10.9.0.7/24 dev xenbr0 && "
     "ip route replace default via 10.9.0.1 dev xenbr0 proto dhcp mtu 1400");
  for (int twice = 0; twice < 2; ++twice) {
    sh("env interface=xenbr0 ip=10.9.0.200 mask=24 router=10.9.0.1 lease=600 "
       "sh /var/lib/vifchain/dhcp/udhcpc.sh renew");
    EXPECT_EQ(addresses("xenbr0"), "10.9.0.200/24\n10.9.0.7/24\n");
    EXPECT_TRUE(has(sh("ip route"), "mtu 1400")) << sh("ip route");
  }
}

TEST_F(DhcpSystem, StartsNoClientOnALinkThatDoesNotStand) {
  Host::write_config(named("udhcpc"));
  const Ran ran = vifchain("dhcp");
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(pids().empty());
}

TEST_F(DhcpSystem, AHostWithoutAClientIsLeftAsItIs) {
  hide_clients();
  Host::write_config(with_dhcp);
  const auto before = Host::links();
  for (const char* command : {"plan", "apply", "up xenbr0"}) {
    const Ran ran = vifchain(command);
    EXPECT_EQ(ran.exit_code, 1) << command;
    EXPECT_TRUE(has(ran.out + ran.err, "none is installed\nhint: install dhcpcd")) << ran.err;
  }
  EXPECT_EQ(Host::links(), before);
}

TEST_F(DhcpSystem, AClientThatFailsUndoesTheApplyAndSaysWhy) {
  stand_in("dhcpcd", "echo 'no leases today' >&2; exit 3\n");
  Host::write_config(named("dhcpcd"));
  const auto before = Host::links();
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "no leases today")) << ran.err;
  EXPECT_EQ(Host::links(), before);
}

TEST_F(DhcpSystem, AFailedApplyStartsAgainWhatItStopped) {
  Host::write_config(named("dhclient"));
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_TRUE(gets_lease());
  const auto lease = addresses("xenbr0");
  stand_in("dhcpcd", "exit 3\n");
  Host::write_config(named("dhcpcd"));
  EXPECT_EQ(vifchain("apply").exit_code, 1);
  EXPECT_EQ(pids().size(), 1U);
  EXPECT_EQ(addresses("xenbr0"), lease);
  Host::write_config(named("dhclient"));
  EXPECT_EQ(vifchain("plan").exit_code, 0);
}

TEST_F(DhcpSystem, AnAddressOfTheNicGoesAlongAndItsClientIsNamed) {
  sh("echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_ra");  // the server is a router too, now and then
  sh("dhclient -nw -pf /run/dhclient.eth0.pid -lf /var/lib/dhcp/e eth0");
  ASSERT_TRUE(gets_lease("eth0"));
  const auto address = addresses("eth0");
  const auto foreign = pids();
  Host::write_config(named("dhclient"));
  const Ran ran = vifchain("apply");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  const std::string process = std::to_string(foreign.front());
  EXPECT_TRUE(has(ran.out, "note: eth0: dhclient (pid " + process +
                               ") still runs on this port of xenbr0 and would give it addresses "
                               "again\nhint: kill " +
                               process + "\n"))
      << ran.out;
  EXPECT_TRUE(has(addresses("xenbr0"), address)) << "there is no moment without it";
  ::kill(foreign.front(), SIGTERM);
  EXPECT_TRUE(gets_lease());
  ASSERT_EQ(vifchain("down --all").exit_code, 0);
  EXPECT_EQ(addresses("eth0"), address) << "what it had before is its again";
}

TEST_F(DhcpSystem, WhatIsNotConfirmedHasItsClientsBack) {
  Host::write_config(named("dhclient"));
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  ASSERT_TRUE(gets_lease());
  const auto lease = addresses("xenbr0");
  Host::write_config(without);
  ASSERT_EQ(vifchain("apply --confirm 5").exit_code, 0);
  EXPECT_TRUE(pids().empty());
  EXPECT_TRUE(eventually([] { return has(Host::log(), "the host is as it was"); })) << Host::log();
  EXPECT_EQ(pids().size(), 1U);
  EXPECT_EQ(addresses("xenbr0"), lease);
  EXPECT_EQ(vifchain("plan").exit_code, 0);
}

TEST_F(DhcpSystem, AClientThatNobodyConfirmedIsGoneAgain) {
  Host::write_config(named("udhcpc"));
  ASSERT_EQ(vifchain("apply --confirm 5").exit_code, 0);
  EXPECT_EQ(pids().size(), 1U);
  EXPECT_TRUE(eventually([] { return has(Host::log(), "the host is as it was"); })) << Host::log();
  EXPECT_TRUE(pids().empty());
  EXPECT_EQ(addresses("eth0"), "");
}

TEST_F(DhcpSystem, AGuestStartsNoClient) {
  Host::write_config(with_dhcp);
  Host::add_vif(5, 0, "xenbr0");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  EXPECT_TRUE(has(sh("ip link"), "xenbr0"));
  EXPECT_TRUE(pids().empty());
}

TEST_F(DhcpSystem, MachinesAreToldToo) {
  Host::write_config(named("udhcpc"));
  using nlohmann::json;
  const auto plan = json::parse(vifchain("plan --json").out);
  ASSERT_EQ(plan.at("dhcp").size(), 1U);
  EXPECT_EQ(plan.at("dhcp")[0].at("change"), "start");
  EXPECT_EQ(plan.at("dhcp")[0].at("link"), "xenbr0");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  const auto status = json::parse(vifchain("status --json").out);
  for (const auto& link : status.at("links"))
    if (link.at("name") == "xenbr0") {
      EXPECT_EQ(link.at("dhcp")[0].at("client"), "udhcpc");
      EXPECT_EQ(link.at("dhcp")[0].at("pid"), pids().front());
      EXPECT_EQ(link.at("dhcp")[0].at("started_by_vifchain"), true);
    }
}

TEST_F(DhcpSystem, WhatIsKeptOfAnApplyHasTheClientsThatPlanShowed) {
  using nlohmann::json;
  for (const auto& file : {named("udhcpc"), named("dhcpcd"), named("dhcpcd", without)}) {
    Host::write_config(file);
    const auto plan = json::parse(vifchain("plan --json").out);
    EXPECT_FALSE(plan.at("dhcp").empty());
    ASSERT_EQ(vifchain("apply").exit_code, 0);
    const auto run = json::parse(vifchain("why --json -n 1 xenbr0").out).at("runs").at(0);
    Lines shown, kept;
    for (const char* part : {"steps", "dhcp"})
      for (const auto& step : plan.at(part)) shown.push_back(step.at("step"));
    for (const auto& step : run.at("steps")) kept.push_back(step.at("step"));
    std::ranges::sort(shown);
    std::ranges::sort(kept);
    EXPECT_EQ(kept, shown) << file;
  }
}

// networkd itself wants to be the system's: a stand-in says what it was told.
class DhcpByNetworkd : public DhcpSystem {
 protected:
  void SetUp() override {
    DhcpSystem::SetUp();
    sh("mkdir -p /run/systemd/netif");
    stand_in("networkctl", "echo \"$@\" >>/run/told\n");
  }
  static constexpr const char* file = "/run/systemd/network/0-0-vifchain-dhcp-xenbr0.network";
};

TEST_F(DhcpByNetworkd, IsToldByAFileForEachLink) {
  Host::write_config(with_dhcp);
  const Ran ran = vifchain("apply");
  ASSERT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_TRUE(has(ran.out, "start networkd on xenbr0, IPv4")) << ran.out;
  EXPECT_TRUE(has(contents_of(file), "\n[Match]\nName=xenbr0\n")) << contents_of(file);
  EXPECT_TRUE(has(contents_of(file), "\nDHCP=ipv4\n")) << contents_of(file);
  EXPECT_EQ(contents_of("/run/told"), "reload\n");
  EXPECT_EQ(vifchain("plan").exit_code, 0);
  EXPECT_TRUE(has(vifchain("status").out, "IPv4 by networkd"));
  Host::write_config("[bridge.xenbr0]\nports = [\"eth0\"]\ndhcp = \"both\"\n");
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_TRUE(has(contents_of(file), "\nDHCP=yes\n")) << contents_of(file);
  ASSERT_EQ(vifchain("down xenbr0").exit_code, 0);
  EXPECT_EQ(contents_of(file), "");
  EXPECT_TRUE(pids().empty());
}

TEST_F(DhcpByNetworkd, ThatDoesNotListenUndoesTheApply) {
  stand_in("networkctl", "echo 'Could not connect' >&2; exit 1\n");
  Host::write_config(with_dhcp);
  const auto before = Host::links();
  const Ran ran = vifchain("apply");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_TRUE(has(ran.err, "Could not connect")) << ran.err;
  EXPECT_EQ(contents_of(file), "");
  EXPECT_EQ(Host::links(), before);
}

TEST_F(DhcpByNetworkd, IsNotTakenWhereTheFileNamesAnother) {
  Host::write_config(named("udhcpc"));
  ASSERT_EQ(vifchain("apply").exit_code, 0);
  EXPECT_EQ(contents_of(file), "");
  EXPECT_EQ(pids().size(), 1U);
}

}  // namespace
}  // namespace vifchain
