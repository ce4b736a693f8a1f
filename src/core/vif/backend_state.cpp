// SPDX-License-Identifier: Apache-2.0
#include "core/vif/backend_state.hpp"

#include "core/text/decimal.hpp"

namespace vifchain::inline core::inline vif {
namespace {

bool is_ours(std::string_view script) {
  const auto slash = script.rfind('/');
  return script.substr(slash == script.npos ? 0 : slash + 1) == "vif-chain";
}

}  // namespace

VifDuty duty_of(const BackendNodes& nodes, const Served& served) {
  if (!nodes.state || (!served.any_script && !is_ours(nodes.script))) return VifDuty::none;
  switch (*nodes.state) {
    case XenbusState::init_wait:
    case XenbusState::initialised:
    case XenbusState::connected:
      if (!nodes.online) return VifDuty::none;
      if (nodes.status == "connected") return VifDuty::keep;
      return nodes.status == "error" ? VifDuty::mend : VifDuty::attach;
    case XenbusState::closed:
      return served.driver_domain && !nodes.online ? VifDuty::remove : VifDuty::none;
    default:
      return VifDuty::none;
  }
}

std::optional<XenbusState> state_in(std::string_view text) {
  const auto number = decimal(text);
  if (!number || *number > static_cast<unsigned>(XenbusState::reconfigured)) return {};
  return static_cast<XenbusState>(*number);
}

}  // namespace vifchain::inline core::inline vif
