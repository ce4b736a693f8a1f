// SPDX-License-Identifier: Apache-2.0
#include "cli/nic.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "cli/change.hpp"
#include "cli/read_config.hpp"
#include "flow/host/changes.hpp"
#include "flow/host/late_nic.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline cli {
namespace {

constexpr const char* explanation =
    "Run by udev. Existing links are not changed, and nothing is interrupted. The exit status is 3 "
    "if a\n"
    "chain was skipped.\n";

LinkName nic_in(const std::string& text) {
  const auto name = LinkName::parse(text);
  if (!name) throw Refusal("invalid link name \"" + text + "\"");
  return *name;
}

int join(const std::string& text, const Common& common) {
  const LinkName nic = nic_in(text);
  if (::access(common.config.c_str(), F_OK) != 0) return 0;
  const Topology topology = read_config(common);
  if (!is_nic_of(topology, nic)) return 0;
  return with_host("nic", common, [&](Env& env) {
    const ChangeLock lock = take_turn(env, Hold::shared);
    refuse_if_forgotten(env.places);
    const HostPlan done = nic_came(env, topology, nic);
    if (!done.plan.steps.empty()) std::printf("Added %s to its chains.\n", nic.str().c_str());
    return print_left_out(done, env.log) ? 3 : 0;
  });
}

}  // namespace

Run declare_nic(CLI::App& app, const Common& common) {
  const auto nic = std::make_shared<std::string>();
  app.add_option("NIC", *nic, "Name of the NIC")->required();
  app.footer(explanation);
  return [nic, &common] { return join(*nic, common); };
}

}  // namespace vifchain::inline cli
