// SPDX-License-Identifier: Apache-2.0
#include "flow/host/look_at_guests.hpp"

#include <algorithm>
#include <set>

#include "core/text/decimal.hpp"
#include "core/text/list.hpp"
#include "core/text/nearest.hpp"
#include "edge/base/error.hpp"
#include "edge/host/xen_host.hpp"
#include "edge/kernel/bridge_netfilter.hpp"
#include "edge/kernel/link_uppers.hpp"
#include "edge/parse/toml.hpp"
#include "edge/store/guest_vifs.hpp"
#include "flow/run/converge.hpp"

namespace vifchain::inline flow::inline host {
namespace {

void read_config(const std::string& path, GuestsHost& host,
                 const std::function<void(const std::string&)>& complain) {
  host.config = path;
  try {
    auto topology = load_topology(path);
    if (const auto* mistakes = std::get_if<Diagnostics>(&topology)) {
      for (const auto& mistake : *mistakes) complain(show(mistake, path));
      throw Refusal(path + " has " + std::to_string(mistakes->size()) +
                    (mistakes->size() == 1 ? " error" : " errors") + "; guests were not checked");
    }
    host.topology = std::get<Topology>(std::move(topology));
    host.has_file = true;
  } catch (const Error& error) {
    if (error.code() != std::errc::no_such_file_or_directory) throw;
  }
}

struct GuestArgument {
  std::string guest;
  std::optional<unsigned> devid = {};
};

// A name may have a slash in it, as may a number behind it.
GuestArgument argument_of(const std::string& text) {
  const auto slash = text.rfind('/');
  if (slash == std::string::npos) return {text};
  const auto devid = decimal(std::string_view(text).substr(slash + 1));
  return devid ? GuestArgument{text.substr(0, slash), devid} : GuestArgument{text};
}

bool means(const GuestArgument& argument, const GuestVif& vif) {
  const bool guest = vif.guest == argument.guest || std::to_string(vif.vif.domid) == argument.guest;
  return guest && (!argument.devid || *argument.devid == vif.vif.devid);
}

[[noreturn]] void refuse(const std::string& text, const std::vector<GuestVif>& running) {
  std::set<std::string> names;
  for (const auto& vif : running)
    names.insert(vif.guest.empty() ? std::to_string(vif.vif.domid) : vif.guest);
  const std::string near = nearest(text, {names.begin(), names.end()});
  throw Refusal("no running guest with a vif, or file, \"" + text + "\" (" +
                (names.empty()
                     ? "no guest with a vif is running"
                     : "the guests with a vif are " + listed({names.begin(), names.end()})) +
                ")" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

WantedVif wanted(Store& store, const GuestVif& running) {
  WantedVif vif{.guest = running.guest.empty() ? "domain " + std::to_string(running.vif.domid)
                                               : running.guest};
  vif.number = running.vif.devid;
  vif.devid = running.vif.devid;
  vif.text = running.vif.str();
  if (!running.here)
    vif.backend = running.backend_guest.empty() ? std::to_string(running.backend_domid)
                                                : running.backend_guest;
  const std::string backend = "/local/domain/" + std::to_string(running.backend_domid) +
                              "/backend/vif/" + std::to_string(running.vif.domid) + "/" +
                              std::to_string(running.vif.devid) + "/";
  for (const char* node : {"bridge", "vlan", "mtu", "vifname", "mac", "ip", "type", "script"})
    if (auto value = store.read(backend + node)) vif.nodes.emplace(node, std::move(*value));
  return vif;
}

}  // namespace

GuestsHostRead look_at_guests_host(const std::string& config,
                                   const std::vector<std::string>& scripts,
                                   const std::function<void(const std::string&)>& complain,
                                   const Patience& patience) {
  GuestsHostRead read;
  read_config(config, read.host, complain);
  read.host.links = open_kernel(patience)->everything();
  read.host.scripts = read_scripts(scripts);
  read.host.other_names = read_link_uppers(patience).other_names;
  read.host.netfilter = read_bridge_netfilter();
  try {
    const auto store = open_store();
    read.host.running = read_guest_vifs(*store);
  } catch (const Error& error) {
    read.no_guests = error.what();
  }
  return read;
}

std::vector<WantedVif> running_vifs(const std::vector<std::string>& guests) {
  std::vector<WantedVif> vifs;
  if (guests.empty()) return vifs;
  const auto store = open_store();
  const auto running = read_guest_vifs(*store);
  for (const auto& text : guests) {
    const auto argument = argument_of(text);
    const auto before = vifs.size();
    for (const auto& vif : running)
      if (means(argument, vif)) vifs.push_back(wanted(*store, vif));
    if (vifs.size() == before) refuse(text, running);
  }
  return vifs;
}

}  // namespace vifchain::inline flow::inline host
