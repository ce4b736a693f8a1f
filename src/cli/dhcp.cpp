// SPDX-License-Identifier: Apache-2.0
#include "cli/dhcp.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "flow/host/dhcp_clients.hpp"
#include "flow/host/plan_host.hpp"

namespace vifchain::inline cli {
namespace {

constexpr const char* explanation =
    "Changes no link. vifchaind requests it by writing /run/vifchain/dhcp-wanted.\n";

// What other steps wait for comes with them.
DhcpPlan on_links_that_stand(const HostPlan& plan) {
  DhcpPlan dhcp = plan.dhcp;
  std::erase_if(dhcp.starts, [&](const DhcpStart& start) {
    return !plan.before.contains(start.link) || !start.program;
  });
  std::erase_if(dhcp.stops, [&](const DhcpStop& stop) {
    const auto want = plan.desired.find(*stop.client.link);
    return want != plan.desired.end() && !want->second;
  });
  return dhcp;
}

int start_and_stop(const Common& common) {
  const Topology topology = read_config(common);
  return with_host("dhcp", common, [&](Env& env) {
    const HostPlan plan = plan_host(env, desired_by_file(env, topology, {}));
    const DhcpPlan dhcp = on_links_that_stand(plan);
    stop_clients(env, dhcp);
    start_clients(env, dhcp);
    return 0;
  });
}

}  // namespace

Run declare_dhcp(CLI::App& app, const Common& common) {
  app.footer(explanation);
  return [&common] { return start_and_stop(common); };
}

}  // namespace vifchain::inline cli
