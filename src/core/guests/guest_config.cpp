// SPDX-License-Identifier: Apache-2.0
#include "core/guests/guest_config.hpp"

namespace vifchain::inline core::inline guests {
namespace {

constexpr std::uint64_t unsaid_mtu = 1500;  // LIBXL_DEVICE_NIC_MTU_DEFAULT

std::string absolute(const std::string& script) {
  return script.starts_with('/') ? script : std::string(script_folder) + "/" + script;
}

std::map<std::string, std::string> nodes_of(const VifSpec& spec, const GuestConfig& guest,
                                            const VifDefaults& defaults) {
  std::map<std::string, std::string> nodes;
  const auto put = [&](const char* key, const std::optional<std::string>& value) {
    if (value) nodes[key] = *value;
  };
  put("bridge", spec.bridge.value_or(defaults.bridge.value_or("xenbr0")));
  put("script", absolute(spec.script.value_or(defaults.script.value_or("vif-bridge"))));
  put("type", spec.emulated.value_or(guest.type == GuestType::hvm) ? "vif_ioemu" : "vif");
  put("ip", spec.ip);
  put("vifname", spec.vifname);
  put("vlan", spec.vlan);
  if (spec.mac && *spec.mac != Mac{}) put("mac", spec.mac->str());
  if (spec.mtu && *spec.mtu != 0 && *spec.mtu != unsaid_mtu) put("mtu", std::to_string(*spec.mtu));
  if (spec.rate && spec.rate->interval_usecs > 0)
    put("rate", std::to_string(spec.rate->bytes_per_interval) + "," +
                    std::to_string(spec.rate->interval_usecs));
  return nodes;
}

}  // namespace

// Those without a devid are counted by themselves, whatever the others have: the comparison that
// should see to it is one of -1 as a size_t.
std::vector<WantedVif> wanted_vifs(const GuestConfig& guest, const VifDefaults& defaults) {
  std::vector<WantedVif> wanted;
  std::int64_t unsaid = 0;
  for (const auto& [line, text, spec] : guest.vifs) {
    WantedVif vif{.guest = guest.name, .file = guest.file, .line = line, .text = text};
    vif.number = static_cast<unsigned>(wanted.size());
    vif.nodes = nodes_of(spec, guest, defaults);
    vif.devid = spec.devid && *spec.devid >= 0 ? *spec.devid : unsaid++;
    vif.backend = spec.backend.value_or(defaults.backend.value_or(""));
    vif.by_libvirt = guest.by_libvirt;
    vif.bridge_lost = spec.bridge_lost && !spec.bridge;
    vif.vlans_lost = spec.vlans_lost;
    vif.remarks = spec.remarks;
    if (!spec.bridge && !spec.bridge_lost && !defaults.bridge)
      vif.remarks.push_back({Weight::note, "no bridge= given, so libxl takes xenbr0"});
    wanted.push_back(std::move(vif));
  }
  return wanted;
}

}  // namespace vifchain::inline core::inline guests
