// SPDX-License-Identifier: Apache-2.0
#include "core/guests/check.hpp"

#include <algorithm>
#include <set>

#include "core/guests/context.hpp"

namespace vifchain::inline core::inline guests {
namespace {

void check(const VifContext& context) {
  for (const auto& [weight, text] : context.vif.remarks) context.say(weight, text);
  const Server server = look_at_script(context);
  const auto request = look_at_request(context);
  if (request && !context.vif.bridge_lost && (server == Server::we || server == Server::stock))
    look_at_bridge(context, *request, server);
}

}  // namespace

CheckedVifs check_vifs(const std::vector<WantedVif>& vifs, const GuestsHost& host) {
  CheckedVifs checked;
  checked.bridges.resize(vifs.size());
  for (std::size_t i = 0; i < vifs.size(); ++i) check({vifs[i], i, host, checked});
  look_at_neighbours(vifs, host, checked);
  std::ranges::stable_sort(checked.findings, [](const GuestFinding& a, const GuestFinding& b) {
    return a.vif != b.vif ? a.vif < b.vif : a.weight > b.weight;
  });
  return checked;
}

std::vector<std::string> scripts_of(const std::vector<WantedVif>& vifs) {
  std::set<std::string> scripts;
  for (const auto& vif : vifs)
    if (const auto script = vif.nodes.find("script"); script != vif.nodes.end())
      scripts.insert(script->second);
  return {scripts.begin(), scripts.end()};
}

}  // namespace vifchain::inline core::inline guests
