#include "flow/move.hpp"

#include "flow/attach.hpp"
#include "flow/file_chain.hpp"
#include "flow/port_link.hpp"
#include "flow/reach.hpp"
#include "flow/teardown.hpp"
#include "flow/uplinks.hpp"

namespace vifchain {
namespace {

void tidy_chain(Site& site, const Chain& chain, const Link& before) {
  if (before.vlans) drop_vlans(site, chain, *before.vlans);
  // To linger is for guests that come back at once, as one that reboots does; who is moved does
  // not.
  if (chain.teardown.last_vif) take_down_unused(site, chain.bridge);
}

void tidy(Site& site, const Link& before, const LinkName& new_bridge) {
  if (!before.controller) return;
  try {
    if (const auto chain = chain_in_file(site, *before.controller))
      tidy_chain(site, *chain, before);
  } catch (const std::exception& error) {
    site.log.warning(before.name.str() + " is on " + new_bridge.str() + ", but " +
                     before.controller->str() + " could not be tidied: " + error.what());
  }
}

// The kernel is as it was by now; this puts the filter right, which knows no way back.
void online_as_before(Site& site, const VifEvent& event) {
  try {
    attach(site, event);
  } catch (const std::exception& error) {
    site.log.err("going back failed as well: " + std::string(error.what()));
  }
}

}  // namespace

Outcome move_vif(Site& site, const MoveRequest& request) {
  try {
    const auto before = present_port(site, request.event);
    if (!before || !before->controller)
      return Refused{"it is on no bridge; let it come online first"};
    Outcome outcome;
    try {
      outcome = attach(site, request.event, Move{request.nodes, request.libxl});
    } catch (const std::exception&) {
      site.deadline.grace(std::chrono::seconds(4));
      online_as_before(site, request.event);
      throw;
    }
    if (const auto* connected = std::get_if<Connected>(&outcome))
      tidy(site, *before, LinkName::parse(connected->bridge).value());
    return outcome;
  } catch (const std::exception& error) {
    return Refused{error.what()};
  }
}

}  // namespace vifchain
