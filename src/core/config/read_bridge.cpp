// SPDX-License-Identifier: Apache-2.0
// [bridge.NAME], and the templates among them
#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"

namespace vifchain::inline core::inline config {
namespace {

bool is_template(std::string_view name) {
  return name.find("{vid}") != std::string_view::npos;
}

bool read_vids_key(const Entry& entry, BridgeDraft& bridge, Diagnostics& wrong) {
  if (entry.key != "vids") return false;
  if (!is_template(bridge.name))
    complain(wrong, entry, "belongs to templates, whose name has {vid}");
  else if (auto vids = read_vids("vids", entry.node, wrong))
    bridge.vids = as_written(std::move(*vids), entry.node);
  return true;
}

bool read_bridge_key(const Entry& entry, BridgeDraft& bridge, Diagnostics& wrong) {
  return read_ports_key(entry, bridge.ports, wrong) ||
         read_option_key(Owner::bridge, entry, bridge, wrong) ||
         take_key(entry, "mtu", read_mtu, bridge.mtu, wrong) ||
         take_key(entry, "mac", read_mac, bridge.mac, wrong) ||
         read_vids_key(entry, bridge, wrong) || read_guests_key(entry, bridge, wrong) ||
         read_hosting_key(entry, bridge.hosting, wrong);
}

KnownKeys known_keys(const Entry& entry) {
  return {"[bridge." + entry.key + "]",
          {"ports", "mtu", "mac", "vids", "teardown", "linger", "vif"},
          {Owner::bridge},
          true};
}

}  // namespace

void read_bridge(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  auto bridge = table_at<BridgeDraft>(entry);
  for (const auto& key : table_of(entry))
    if (!read_bridge_key(key, bridge, wrong)) unknown_key(key, known_keys(entry), wrong);
  check_bridge(bridge, wrong);
  check_linger(bridge, wrong);
  if (!is_template(entry.key)) {
    if (right_name(entry, wrong)) draft.bridges.push_back(std::move(bridge));
  } else if (has_key(table_of(entry), "vids")) {
    if (bridge.vids) draft.templates.push_back(std::move(bridge));
  } else {
    complain(wrong, entry, "is a template and needs vids, for example vids = \"100-199,300\"");
  }
}

}  // namespace vifchain::inline core::inline config
