// SPDX-License-Identifier: Apache-2.0
// What plan shows is what apply says, does and keeps of it, step for step, on a real kernel.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "host.hpp"

namespace vifchain {
namespace {

// Each step as "LINK: STEP: REASON", sorted: what can be done at once is in no order.
using Lines = std::vector<std::string>;

void add(Lines& lines, const nlohmann::json& steps) {
  for (const auto& step : steps)
    lines.push_back(step.at("link").get<std::string>() + ": " + step.at("step").get<std::string>() +
                    ": " + step.at("because").get<std::string>());
  std::ranges::sort(lines);
}

// A host with what hosts have: two NICs, one with addresses and routes, and a guest.
class PlanRecord : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.emplace();
    Host::add_nic("eth0");
    Host::add_nic("eth1");
    sh("ip link set eth0 up && ip addr add 10.0.0.5/24 dev eth0 && "
       "ip addr add 10.0.0.6/24 dev eth0 label eth0:1 && "
       "ip -6 addr add 2001:db8::5/64 dev eth0 nodad && "
       "ip route add default via 10.0.0.1 metric 100 && "
       "ip route add 198.51.100.0/24 via 10.0.0.9 table 77 && "
       "ip -6 route add 2001:db8:5::/48 via 2001:db8::7 metric 55");
    Host::add_vif(5, 0, "xenbr1");
    Host::set_node(Host::backend(5, 0) + "/mac", "00:16:3e:00:00:05");
    Host::set_node("/libxl/5/device/vif/0/backend", Host::backend(5, 0));
  }

  static Lines planned(const std::string& words) {
    const auto plan = nlohmann::json::parse(vifchain("plan --json " + words).out);
    Lines lines;
    add(lines, plan.at("steps"));
    add(lines, plan.at("dhcp"));
    return lines;
  }

  static Lines recorded(const std::string& link) {
    const auto told = nlohmann::json::parse(vifchain("why --json -n 1 " + link).out);
    const auto& run = told.at("runs").at(0);
    EXPECT_EQ(run.at("end"), "done") << run;
    EXPECT_EQ(run.at("more_steps"), 0);
    Lines lines;
    add(lines, run.at("steps"));
    return lines;
  }

  // With the file applied: all three have the same steps, and there are some.
  static void compare(const std::string& toml, const std::string& link) {
    Host::write_config(toml);
    const Lines plan = planned("");
    const Ran applied = vifchain("apply --allow-disrupt --allow-empty");
    EXPECT_EQ(applied.exit_code, 0) << toml << applied.err;
    EXPECT_FALSE(plan.empty()) << toml;
    EXPECT_TRUE(has(applied.out, "\n" + std::to_string(plan.size()) + " step"))
        << toml << plan.size() << applied.out;
    EXPECT_EQ(recorded(link), plan) << toml;
    EXPECT_EQ(planned(""), Lines{}) << toml;
  }

  std::optional<Host> host_;
};

TEST_F(PlanRecord, OfANicWithAddressesThatBecomesAPortAndIsFreeAgain) {
  const std::string other = "[bridge.xenbr1]\nports = [\"eth1\"]\n";
  compare("[bridge.xenbr0]\nports = [\"eth0\"]\n" + other, "xenbr0");
  compare("[bridge.xenbr0]\nports = [\"eth0\", \"eth1\"]\nmtu = 1400\n", "xenbr0");
  compare("[bridge.xenbr2]\nports = [\"eth0\"]\nmac = \"02:00:00:00:00:77\"\n", "xenbr2");
  compare(other, "eth0");
}

TEST_F(PlanRecord, OfTheFilesOwnAddressesAndRoutes) {
  const std::string bridge = "[bridge.xenbr1]\nports = [\"eth1\"]\n";
  compare(bridge +
              "addresses = [\"192.0.2.5/24\", \"2001:db8:7::5/64\"]\n"
              "routes = [{ to = \"203.0.113.0/24\", via = \"192.0.2.1\" }]\n",
          "xenbr1");
  compare(bridge + "addresses = [\"192.0.2.6/24\"]\nmtu = 1200\n", "xenbr1");
  compare(bridge + "ra = true\n", "xenbr1");
  compare("[bridge.xenbr2]\nports = [\"eth1\"]\n", "eth1");
}

TEST_F(PlanRecord, OfPoliciesOfGuestsThatRun) {
  const std::string bridge = "[bridge.xenbr1]\nports = []\n";
  compare(bridge, "xenbr1");
  ASSERT_EQ(Host::vif_chain("online", 5, 0).exit_code, 0);
  compare(bridge + "vif = { antispoof = \"mac\", receive_rate = \"10Mbit\", isolated = true }\n",
          "vif5.0");
  compare(bridge + "vif = { receive_rate = \"20Mbit\", learning = false }\n", "vif5.0");
  compare(bridge + "vif = { receive_rate = \"20Mbit\" }\n[bridge.xenbr0]\nports = [\"eth0\"]\n",
          "xenbr0");
}

}  // namespace
}  // namespace vifchain
