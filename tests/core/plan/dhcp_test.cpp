// SPDX-License-Identifier: Apache-2.0
// dom0's DHCP clients: what is decided of them, and that an apply leaves them as wanted or as
// before; with clients that are none.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/plan/dhcp.hpp"
#include "core/plan/rehome.hpp"
#include "edge/base/error.hpp"
#include "edge/dhcp/dhcp_clients.hpp"
#include "edge/dhcp/recognise_client.hpp"
#include "edge/parse/toml.hpp"
#include "edge/state/rollback_file.hpp"
#include "fake_env.hpp"
#include "flow/host/apply.hpp"
#include "flow/host/dhcp_clients.hpp"
#include "flow/host/down.hpp"
#include "flow/run/converge.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

using enum DhcpProgram;

LinkAddress address(const char* text, std::optional<std::uint32_t> valid = {}) {
  auto parsed = LinkAddress::parse(text).value();
  parsed.traits.valid = valid;
  return parsed;
}

Topology topology_of(const std::string& text) {
  auto read = parse_topology(text);
  if (const auto* wrong = std::get_if<Diagnostics>(&read))
    throw std::runtime_error(show(wrong->front(), "file"));
  return std::get<Topology>(std::move(read));
}

std::vector<std::string> in_words(const DhcpPlan& plan) {
  std::vector<std::string> lines;
  for (const auto& stop : plan.stops) lines.push_back(describe(stop) + ": " + stop.because);
  for (const auto& start : plan.starts) lines.push_back(describe(start) + ": " + start.because);
  return lines;
}

using Lines = std::vector<std::string>;

// --- the file

TEST(DhcpFile, GivesLinksTheFamiliesThatItNames) {
  const auto topology = topology_of(
      "[host]\ndhcp_client = \"udhcpc\"\n[bridge.a]\ndhcp = \"ipv4\"\n[bridge.b]\ndhcp = \"both\"\n"
      "[bond.c]\nports = [\"eth0\"]\ndhcp = \"ipv6\"\n[bridge.d]\n");
  EXPECT_EQ(topology.hosting.at(name("a")).dhcp, Dhcp::ipv4);
  EXPECT_EQ(topology.hosting.at(name("b")).dhcp, Dhcp::both);
  EXPECT_EQ(topology.hosting.at(name("c")).dhcp, Dhcp::ipv6);
  EXPECT_EQ(topology.hosting.at(name("c")).dhcp_client, udhcpc);
  EXPECT_FALSE(topology.hosting.contains(name("d")));
}

TEST(DhcpFile, NeedNotNameAClient) {
  EXPECT_EQ(topology_of("[bridge.a]\ndhcp = \"ipv4\"\n").hosting.at(name("a")).dhcp_client,
            std::nullopt);
}

// --- processes

std::vector<std::string> clients(const std::vector<std::string>& words) {
  std::vector<std::string> all;
  for (const auto& client : clients_in(7, words))
    all.push_back(name_of(client.program) + " " + (client.link ? client.link->str() : "*") +
                  (client.v6 ? " 6" : " 4"));
  return all;
}

TEST(DhcpProcess, IsKnownByItsWords) {
  EXPECT_EQ(clients({"dhclient", "eth0"}), Lines{"dhclient eth0 4"});
  EXPECT_EQ(clients({"/sbin/dhclient", "-6", "-nw", "-pf", "/run/dhclient6.eth0.pid", "-lf",
                     "/var/lib/dhcp/x", "-I", "-df", "/y", "eth0"}),
            Lines{"dhclient eth0 6"});
  EXPECT_EQ(clients({"/usr/sbin/dhclient"}), Lines{"dhclient * 4"});
  EXPECT_EQ(clients({"dhcpcd: eth0 [ip4]"}), Lines{"dhcpcd eth0 4"});
  EXPECT_EQ(clients({"dhcpcd: eth0 [ip4] [ip6]"}), (Lines{"dhcpcd eth0 4", "dhcpcd eth0 6"}));
  EXPECT_EQ(clients({"dhcpcd: [manager] [ip4]"}), Lines{"dhcpcd * 4"});
  EXPECT_EQ(clients({"dhcpcd: [master] [ip4]"}), Lines{"dhcpcd * 4"});
  EXPECT_EQ(clients({"/sbin/dhcpcd", "-4", "-b", "-f", "/etc/d.conf", "xenbr0"}),
            Lines{"dhcpcd xenbr0 4"});
  EXPECT_EQ(clients({"udhcpc", "-b", "-i", "xenbr0", "-p", "/run/eth1.pid"}),
            Lines{"udhcpc xenbr0 4"});
  EXPECT_EQ(clients({"/bin/busybox", "udhcpc6", "--interface=eth1"}), Lines{"udhcpc eth1 6"});
  EXPECT_EQ(clients({"udhcpc"}), Lines{"udhcpc eth0 4"});
}

TEST(DhcpProcess, OfAnotherProgramOrAHelperIsNone) {
  for (const auto& words :
       {Lines{}, Lines{"vi", "/etc/dhcp/dhclient.conf"}, Lines{"dhcpcd: [BPF ARP] eth0 10.0.0.5"},
        Lines{"dhcpcd: [privileged proxy] eth0 [ip4]"}, Lines{"busybox"},
        Lines{"grep", "dhclient"}})
    EXPECT_EQ(clients(words), Lines{});
}

// --- decisions

struct Case {
  Desired desired = {};
  Actual actual = {};
  std::map<LinkName, Hosting> hosting = {};
  std::vector<DhcpClient> running = {};

  // A bridge that stands and is to stand, with these clients.
  void bridge(const char* text, Dhcp dhcp) {
    const Link link{.name = name(text), .kind = Bridge{}, .ours = true};
    desired.emplace(link.name, link);
    actual.emplace(link.name, link);
    if (dhcp != Dhcp::off) hosting[link.name].dhcp = dhcp;
  }
  void runs(DhcpProgram program, const char* link, bool v6 = false, bool ours = true) {
    running.push_back({.program = program,
                       .link = name(link),
                       .v6 = v6,
                       .pid = 100 + static_cast<int>(running.size()),
                       .ours = ours});
  }
  [[nodiscard]] DhcpPlan plan() const { return plan_dhcp(desired, actual, hosting, running); }
};

TEST(DhcpPlan, StartsWhatTheFileWantsAndDoesNotRun) {
  Case host;
  host.bridge("xenbr0", Dhcp::both);
  host.bridge("xenbr1", Dhcp::off);
  EXPECT_EQ(in_words(host.plan()),
            (Lines{"start a DHCP client on xenbr0, IPv4: file has dhcp = \"both\"",
                   "start a DHCP client on xenbr0, IPv6: file has dhcp = \"both\""}));
}

TEST(DhcpPlan, NeverRestartsWhatRunsAsWanted) {
  for (const auto program : {networkd, dhcpcd, dhclient, udhcpc}) {
    Case host;
    host.bridge("xenbr0", Dhcp::ipv4);
    host.runs(program, "xenbr0");
    EXPECT_TRUE(host.plan().empty()) << name_of(program);
  }
}

TEST(DhcpPlan, OnlyStartsTheFamilyThatIsNew) {
  Case host;
  host.bridge("xenbr0", Dhcp::both);
  host.runs(dhcpcd, "xenbr0");
  EXPECT_EQ(in_words(host.plan()),
            Lines{"start a DHCP client on xenbr0, IPv6: file has dhcp = \"both\""});
}

TEST(DhcpPlan, StopsWhatIsNotWantedAnyMoreButNobodyElses) {
  Case host;
  host.bridge("xenbr0", Dhcp::off);
  host.runs(dhclient, "xenbr0");
  host.runs(dhclient, "xenbr0", true, false);
  EXPECT_EQ(in_words(host.plan()),
            Lines{"stop dhclient (pid 100) on xenbr0, IPv4: no longer in the file"});
}

TEST(DhcpPlan, StopsTheClientOfALinkThatGoes) {
  Case host;
  host.bridge("xenbr0", Dhcp::off);
  host.desired.at(name("xenbr0")).reset();
  host.runs(udhcpc, "xenbr0");
  EXPECT_EQ(in_words(host.plan()),
            Lines{"stop udhcpc (pid 100) on xenbr0, IPv4: xenbr0 is deleted"});
}

TEST(DhcpPlan, StopsTheClientOfALinkThatHasGone) {
  Case host;
  host.runs(dhclient, "xenbr0");
  EXPECT_EQ(in_words(host.plan()),
            Lines{"stop dhclient (pid 100) on xenbr0, IPv4: xenbr0 no longer exists"});
}

TEST(DhcpPlan, LeavesLinksAloneThatTheDesiredDoesNotName) {
  Case host;
  host.bridge("xenbr0", Dhcp::ipv4);
  host.runs(dhclient, "xenbr0");
  host.desired.clear();
  EXPECT_TRUE(host.plan().empty());
}

TEST(DhcpPlan, RestartsTheClientOfALinkThatIsMadeAnew) {
  Case host;
  host.bridge("xenbr0", Dhcp::ipv4);
  host.actual.at(name("xenbr0")).kind = Bond{};
  host.runs(dhclient, "xenbr0");
  const auto plan = host.plan();
  EXPECT_EQ(in_words(plan),
            (Lines{"stop dhclient (pid 100) on xenbr0, IPv4: xenbr0 is recreated",
                   "start a DHCP client on xenbr0, IPv4: file has dhcp = \"ipv4\""}));
  ASSERT_EQ(plan.stops.size(), 1U);
  EXPECT_TRUE(plan.stops.front().starts_again);
}

TEST(DhcpPlan, ChangesToTheClientThatTheFileNames) {
  Case host;
  host.bridge("xenbr0", Dhcp::ipv4);
  host.hosting.at(name("xenbr0")).dhcp_client = dhcpcd;
  host.runs(dhclient, "xenbr0");
  EXPECT_EQ(in_words(host.plan()),
            (Lines{"stop dhclient (pid 100) on xenbr0, IPv4: replaced by dhcpcd",
                   "start dhcpcd on xenbr0, IPv4: file has dhcp = \"ipv4\""}));
}

TEST(DhcpPlan, LetsSomebodyElsesClientServeAndSaysSo) {
  Case host;
  host.bridge("xenbr0", Dhcp::ipv4);
  host.runs(dhclient, "xenbr0", false, false);
  const auto plan = host.plan();
  EXPECT_TRUE(plan.empty());
  EXPECT_EQ(plan.notes,
            Lines{"xenbr0: IPv4 already comes from dhclient (pid 100), not started by vifchain"});
}

TEST(DhcpPlan, NamesTheClientThatStillLooksAfterAPort) {
  Case host;
  host.bridge("xenbr0", Dhcp::ipv4);
  const Link nic{.name = name("eth0")};
  host.actual.emplace(nic.name, nic);
  host.desired.emplace(nic.name, Link{.name = nic.name, .controller = name("xenbr0")});
  host.runs(dhclient, "eth0", false, false);
  EXPECT_EQ(host.plan().notes,
            Lines{"eth0: dhclient (pid 100) still runs on this port of xenbr0 and would give it "
                  "addresses again; hint: kill 100"});
}

// --- what is left behind

Route route(const char* to, const char* via, std::uint8_t protocol) {
  Route one{.to = address(to), .protocol = protocol};
  if (*via != '\0') one.via = IpAddress::parse(via);
  return one;
}

TEST(DhcpLeavings, AreWhatCameWithTheClientAndNothingElse) {
  Case host;
  host.bridge("xenbr0", Dhcp::off);
  auto router_made = address("2001:db8::5/64", 300);
  router_made.traits.protocol = 2;
  auto& link = host.actual.at(name("xenbr0"));
  link.addresses = {{address("10.0.0.5/24", 300), address("10.0.0.9/24", 300),
                     address("172.16.0.1/24"), router_made, address("2001:db8::7/128", 300)}};
  const auto by_hand = route("0.0.0.0/0", "10.0.0.1", 3),
             gateway = route("0.0.0.0/0", "10.0.0.1", 16),
             elsewhere = route("192.0.2.0/24", "172.16.0.9", 3);
  link.routes = {{by_hand, gateway, elsewhere}};
  host.runs(dhclient, "xenbr0");
  auto left = leavings(host.plan(), host.desired, host.actual).at(name("xenbr0"));
  EXPECT_EQ(left.addresses, (std::vector{address("10.0.0.5/24"), address("10.0.0.9/24")}));
  EXPECT_EQ(left.routes, (std::vector{by_hand, gateway}));
  host.running.front().found = {address("10.0.0.9/24")};
  left = leavings(host.plan(), host.desired, host.actual).at(name("xenbr0"));
  EXPECT_EQ(left.addresses, std::vector{address("10.0.0.5/24")})
      << "one that was there before it is not its own";
  EXPECT_EQ(left.routes, std::vector{gateway}) << "the other still leads somewhere";
}

TEST(DhcpLeavings, AreNoneOfAClientThatStartsAgain) {
  Case host;
  host.bridge("xenbr0", Dhcp::ipv4);
  host.actual.at(name("xenbr0")).kind = Bond{};
  host.actual.at(name("xenbr0")).addresses = {{address("10.0.0.5/24", 300)}};
  host.runs(dhclient, "xenbr0");
  EXPECT_TRUE(leavings(host.plan(), host.desired, host.actual).empty());
}

// --- programs

std::string choice(const DhcpStart& start, const DhcpPrograms& programs, bool fixed = false,
                   const std::vector<DhcpClient>& running = {}) {
  const auto choice = choose_program(start, programs, fixed, running);
  if (const auto* program = std::get_if<DhcpProgram>(&choice)) return name_of(*program);
  return std::get<std::string>(choice);
}

TEST(DhcpPrograms, AreTakenInAnOrderThatIsFixed) {
  const DhcpStart start{name("xenbr0")};
  EXPECT_EQ(choice(start, {{networkd, dhcpcd, dhclient, udhcpc}}), "networkd");
  EXPECT_EQ(choice(start, {{dhcpcd, dhclient, udhcpc}}), "dhcpcd");
  EXPECT_EQ(choice(start, {{dhclient, udhcpc}}), "dhclient");
  EXPECT_EQ(choice(start, {{udhcpc}}), "udhcpc");
}

TEST(DhcpPrograms, AreTheOneThatTheFileNames) {
  EXPECT_EQ(choice({name("xenbr0"), false, udhcpc}, {{dhcpcd, udhcpc}}), "udhcpc");
  EXPECT_EQ(choice({name("xenbr0"), false, dhclient}, {{dhcpcd, udhcpc}}),
            "no DHCP client for IPv4: dhclient is not installed; hint: install dhcpcd, dhclient or "
            "udhcpc, and set dhcp_client in [host]");
}

TEST(DhcpPrograms, ThatCannotDoItArePassedOverOrRefused) {
  const DhcpStart six{name("xenbr0"), true};
  EXPECT_EQ(choice(six, {{udhcpc}, true}), "udhcpc");
  EXPECT_EQ(
      choice(six, {{udhcpc}}),
      "no DHCP client for IPv6: udhcpc serves IPv4 alone, and udhcpc6 is not installed; hint: "
      "install dhcpcd, dhclient or udhcpc, and set dhcp_client in [host]");
  EXPECT_EQ(choice({name("xenbr0")}, {{dhclient, udhcpc}}, true), "udhcpc")
      << "dhclient's script would take the file's own addresses away";
  EXPECT_EQ(choice({name("xenbr0")}, {}),
            "no DHCP client for IPv4: none is installed; hint: install dhcpcd, dhclient or udhcpc, "
            "and set dhcp_client in [host]");
}

TEST(DhcpPrograms, DoNotMeetAClientThatTakesEveryLink) {
  const std::vector<DhcpClient> running{{.program = dhcpcd, .pid = 9}};
  EXPECT_EQ(choice({name("xenbr0")}, {{dhcpcd, dhclient}}, false, running),
            "no DHCP client for IPv4: dhcpcd (pid 9) already serves every link; hint: kill 9");
  EXPECT_EQ(choice({name("xenbr0"), false, dhclient}, {{dhcpcd, dhclient}}, false, running),
            "dhclient");
}

TEST(DhcpDifferences, AreClientsThatDoNotRunOrAreNotWanted) {
  Hosting hosting;
  hosting.dhcp = Dhcp::both;
  const DhcpClient four{.program = udhcpc, .link = name("a"), .pid = 5, .ours = true};
  EXPECT_EQ(dhcp_differences(&hosting, {four}), Lines{"dhcp: expected an IPv6 client, found none"});
  EXPECT_EQ(dhcp_differences(nullptr, {four}),
            Lines{"dhcp: expected no IPv4 client, found udhcpc (pid 5)"});
  EXPECT_EQ(dhcp_differences(nullptr, {}), Lines{});
}

TEST(DhcpRollback, KeepsTheClients) {
  RollbackRecord way;
  way.clients = {{.program = udhcpc,
                  .link = name("xenbr0"),
                  .v6 = true,
                  .pid = 77,
                  .ours = true,
                  .found = {address("10.0.0.5/24")}}};
  const auto read = rollback_record_in(document_of(way));
  const auto* again = std::get_if<RollbackRecord>(&read);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->clients, way.clients);
  EXPECT_EQ(hosting_of(again->clients).at(name("xenbr0")).dhcp, Dhcp::ipv6);
  EXPECT_EQ(hosting_of(again->clients).at(name("xenbr0")).dhcp_client, udhcpc);
}

// --- apply

// Clients that have their lease at once, and can be told to fail.
class FakeClients final : public DhcpClients {
 public:
  explicit FakeClients(FakeKernel& kernel) : kernel_(kernel) {}

  std::vector<DhcpClient> running() override { return running_; }
  DhcpPrograms programs() override { return there; }

  void start(DhcpProgram program, const LinkName& link, bool v6,
             const std::vector<LinkAddress>& found) override {
    if (starts_left-- == 0) throw Error(ECANCELED, "starting a client that does not want to");
    said.push_back("start " + link.str());
    EXPECT_TRUE(kernel_.everything().contains(link));
    auto& kept = found_.try_emplace({link, v6}, found).first->second;
    running_.push_back({program, link, v6, next_pid_++, true, kept});
    const auto lease = address(v6 ? "2001:db8::77/128" : "10.0.0.77/24", 3600);
    kernel_.try_step_as_somebody(SetAddresses{link, {lease}, {}});
  }
  void stop(const DhcpClient& client, bool remember) override {
    said.push_back("stop " + client.link->str());
    EXPECT_TRUE(kernel_.everything().contains(*client.link)) << "its link has gone already";
    EXPECT_EQ(std::erase(running_, client), 1U);
    if (!remember) found_.erase({*client.link, client.v6});
  }

  // Without pids, which are others after a restart.
  [[nodiscard]] std::vector<DhcpClient> all() const {
    auto clients = running_;
    for (auto& client : clients) client.pid = 0;
    return clients;
  }

  DhcpPrograms there{{dhclient}};
  int starts_left = -1;  // until one fails; -1: none does
  Lines said = {};

 private:
  FakeKernel& kernel_;
  std::vector<DhcpClient> running_;
  std::map<std::pair<LinkName, bool>, std::vector<LinkAddress>> found_;
  int next_pid_ = 1000;
};

struct FakeHost : FakeEnv {
  FakeClients clients{kernel};
  Topology topology;

  FakeHost() {
    env.dhcp = &clients;
    kernel.add_nic({.name = name("eth0"), .mac = {{2, 0, 0, 0, 0, 1}}, .up = true});
  }

  HostPlan apply_file(const std::string& text) {
    topology = topology_of(text);
    return apply(env, desired_by_file(env, topology, {}), {.allow_disrupt = true});
  }
  HostPlan take_all_down() { return apply(env, nothing_of_ours(false), {.allow_disrupt = true}); }
  std::vector<LinkAddress> addresses(const char* link) {
    return kernel.everything().at(name(link)).addresses.value_or(std::vector<LinkAddress>{});
  }
};

constexpr const char* with_dhcp = "[bridge.xenbr0]\nports = [\"eth0\"]\ndhcp = \"ipv4\"\n";
constexpr const char* without = "[bridge.xenbr0]\nports = [\"eth0\"]\n";

TEST(DhcpApply, StartsTheClientOnceAndThenHasNothingToDo) {
  FakeHost host;
  EXPECT_EQ(host.apply_file(with_dhcp).dhcp.starts.size(), 1U);
  const auto before = host.clients.running();
  EXPECT_TRUE(host.apply_file(with_dhcp).nothing_to_do());
  EXPECT_EQ(host.clients.running(), before);
  EXPECT_EQ(host.addresses("xenbr0"), std::vector{address("10.0.0.77/24")});
}

TEST(DhcpApply, TakesAwayTheAddressOfAClientThatEndsOnALinkThatStays) {
  FakeHost host;
  host.apply_file(with_dhcp);
  host.kernel.try_step_as_somebody(SetAddresses{name("xenbr0"), {address("172.16.0.9/24")}, {}});
  host.apply_file(without);
  EXPECT_TRUE(host.clients.running().empty());
  EXPECT_EQ(host.addresses("xenbr0"), std::vector{address("172.16.0.9/24")})
      << "what was put there by hand stays";
  EXPECT_TRUE(host.apply_file(without).nothing_to_do());
}

TEST(DhcpApply, DownEndsTheClientAndNothingOfItGoesToTheNic) {
  FakeHost host;
  host.apply_file(with_dhcp);
  host.take_all_down();
  EXPECT_EQ(host.clients.said, (Lines{"start xenbr0", "stop xenbr0"}));
  EXPECT_TRUE(host.addresses("eth0").empty());
}

TEST(DhcpApply, DownGivesBackTheAddressThatTheNicHad) {
  FakeHost host;
  host.kernel.try_step_as_somebody(SetAddresses{name("eth0"), {address("10.0.0.5/24", 3600)}, {}});
  host.apply_file(with_dhcp);
  EXPECT_EQ(host.addresses("xenbr0"),
            (std::vector{address("10.0.0.5/24"), address("10.0.0.77/24")}));
  host.take_all_down();
  EXPECT_EQ(host.addresses("eth0"), std::vector{address("10.0.0.5/24")});
}

TEST(DhcpApply, AClientThatDoesNotStartUndoesEverything) {
  FakeHost host;
  host.kernel.try_step_as_somebody(SetAddresses{name("eth0"), {address("10.0.0.5/24", 3600)}, {}});
  host.clients.starts_left = 0;
  EXPECT_THROW(host.apply_file(with_dhcp), Error);
  EXPECT_FALSE(host.kernel.everything().contains(name("xenbr0")));
  EXPECT_EQ(host.addresses("eth0"), std::vector{address("10.0.0.5/24")});
  EXPECT_TRUE(host.clients.running().empty());
}

TEST(DhcpApply, AClientThatDoesNotStartEndsTheOneThatDid) {
  FakeHost host;
  host.kernel.add_nic({.name = name("eth1"), .mac = {{2, 0, 0, 0, 0, 2}}, .up = true});
  host.clients.starts_left = 1;
  EXPECT_THROW(host.apply_file(std::string(with_dhcp) +
                               "[bridge.xenbr1]\nports = [\"eth1\"]\ndhcp = \"ipv4\"\n"),
               Error);
  EXPECT_EQ(host.clients.said.size(), 2U) << "started and ended";
  EXPECT_TRUE(host.clients.running().empty());
}

TEST(DhcpApply, WithoutAClientNothingIsChanged) {
  FakeHost host;
  host.clients.there = {};
  const Actual before = host.kernel.everything();
  try {
    host.apply_file(with_dhcp);
    FAIL() << "it was not refused";
  } catch (const Refusal& refusal) {
    EXPECT_NE(
        std::string(refusal.what()).find("xenbr0: no DHCP client for IPv4: none is installed"),
        std::string::npos)
        << refusal.what();
  }
  EXPECT_EQ(host.kernel.everything(), before);
}

TEST(DhcpApply, AFaultAtAnyStepLeavesTheClientsAsTheyWere) {
  constexpr const char* other = "[bridge.xenbr1]\nports = [\"eth0\"]\ndhcp = \"ipv6\"\n";
  std::size_t faults = 0;
  for (std::size_t step = 0;; ++step) {
    FakeHost host;
    host.apply_file(with_dhcp);
    const auto before = host.clients.all();
    const auto addresses = host.addresses("xenbr0");
    host.kernel.fail_at(step);
    try {
      host.apply_file(other);
      break;
    } catch (const Error&) {
      ++faults;
    }
    EXPECT_EQ(host.clients.all(), before) << step;
    EXPECT_EQ(host.addresses("xenbr0"), addresses) << step;
  }
  EXPECT_GE(faults, 3U);
}

TEST(DhcpApply, GoesOnWithTheSameAddressOnABridgeMadeAnew) {
  FakeHost host;
  host.apply_file("[vlan.wan]\nlink = \"eth0\"\nid = 3\ndhcp = \"ipv4\"\n");
  host.clients.said.clear();
  host.apply_file("[vlan.wan]\nlink = \"eth0\"\nid = 4\ndhcp = \"ipv4\"\n");
  EXPECT_EQ(host.clients.said, (Lines{"stop wan", "start wan"}));
  EXPECT_EQ(host.addresses("wan"), std::vector{address("10.0.0.77/24")});
  host.apply_file("[vlan.wan]\nlink = \"eth0\"\nid = 4\n");
  EXPECT_TRUE(host.addresses("wan").empty()) << "it is still known for the client's own";
}

// It would renew its lease on a link that is half gone, and write the address there anew.
TEST(DhcpApply, StopsAClientBeforeItsLinkGoes) {
  FakeHost host;
  host.apply_file(with_dhcp);
  host.take_all_down();
  EXPECT_EQ(host.clients.said.back(), "stop xenbr0");
}

}  // namespace
}  // namespace vifchain
