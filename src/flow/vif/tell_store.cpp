// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/tell_store.hpp"

#include <array>

#include "edge/base/error.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

StoreNode frontend_mtu(const VifId& vif, unsigned mtu) {
  return {"/local/domain/" + std::to_string(vif.domid) + "/device/vif/" +
              std::to_string(vif.devid) + "/mtu",
          std::to_string(mtu)};
}

void write_or_refuse(Env& env, const VifEvent& event, std::span<const StoreNode> nodes) {
  if (!env.store.write_within(event.backend, nodes))
    throw Refusal("the directory " + event.backend +
                  " in xenstore is gone: the toolstack has removed the vif");
}

}  // namespace

// The frontend reads its MTU while it connects, and netback connects it as soon as the status says
// so: it has it by then. Since Xen 4.15 libxl makes the node, for the backend's domain to write
// (libxl__set_xenstore_nic in libxl_nic.c). Of an older one a driver domain may not make it, and
// the guest has its usual MTU.
void tell_connected(Env& env, const VifEvent& event, unsigned mtu) {
  const StoreNode status{event.backend + "/hotplug-status", "connected"};
  try {
    return write_or_refuse(env, event, std::array{frontend_mtu(event.vif, mtu), status});
  } catch (const Error& error) {
    if (error.code() != std::errc::permission_denied) throw;
    env.log.info(event.key() + ": the guest cannot be told its mtu: " + error.what());
  }
  write_or_refuse(env, event, std::array{status});
}

void tell_moved(Env& env, const VifEvent& event, const Move& move, unsigned mtu) {
  std::vector<StoreNode> nodes{frontend_mtu(event.vif, mtu)};
  for (const auto& [name, value] : move.nodes)
    for (const auto& folder : {event.backend, move.libxl})
      nodes.push_back({folder + "/" + name, value});
  write_or_refuse(env, event, nodes);
}

void tell_refused(Store& store, Log& log, const std::string& backend, const std::string& reason) {
  log.err(reason);
  const std::array nodes{StoreNode{backend + "/hotplug-error", reason},
                         StoreNode{backend + "/hotplug-status", "error"}};
  try {
    static_cast<void>(store.write_within(backend, nodes));
  } catch (const std::exception& error) {
    log.err(std::string("the reason could not be written to xenstore: ") + error.what());
  }
}

}  // namespace vifchain::inline flow::inline vif
