// SPDX-License-Identifier: Apache-2.0
#include "core/guests/guest_config.hpp"

namespace vifchain::inline core::inline guests {
namespace {

constexpr std::uint64_t unsaid_mtu = 1500;  // LIBXL_DEVICE_NIC_MTU_DEFAULT

std::string absolute(const std::string& script) {
  return script.starts_with('/') ? script : std::string(script_folder) + "/" + script;
}

class Nodes {
 public:
  Nodes(const VifSpec& spec, const GuestConfig& guest, const VifDefaults& defaults)
      : spec_(spec), guest_(guest), defaults_(defaults) {}

  std::map<std::string, std::string> run() {
    nodes_["bridge"] = spec_.bridge.value_or(defaults_.bridge.value_or("xenbr0"));
    nodes_["script"] = absolute(spec_.script.value_or(defaults_.script.value_or("vif-bridge")));
    nodes_["type"] = spec_.emulated.value_or(guest_.type == GuestType::hvm) ? "vif_ioemu" : "vif";
    put("ip", spec_.ip);
    put("vifname", spec_.vifname);
    put("vlan", spec_.vlan);
    if (spec_.mac && *spec_.mac != Mac{}) nodes_["mac"] = spec_.mac->str();
    if (spec_.mtu && *spec_.mtu != 0 && *spec_.mtu != unsaid_mtu)
      nodes_["mtu"] = std::to_string(*spec_.mtu);
    if (spec_.rate && spec_.rate->interval_usecs > 0)
      nodes_["rate"] = std::to_string(spec_.rate->bytes_per_interval) + "," +
                       std::to_string(spec_.rate->interval_usecs);
    return std::move(nodes_);
  }

 private:
  void put(const char* key, const std::optional<std::string>& value) {
    if (value) nodes_[key] = *value;
  }

  const VifSpec& spec_;
  const GuestConfig& guest_;
  const VifDefaults& defaults_;
  std::map<std::string, std::string> nodes_;
};

}  // namespace

// Those without a devid are counted by themselves, whatever the others have: the comparison that
// should see to it is one of -1 as a size_t.
std::vector<WantedVif> wanted_vifs(const GuestConfig& guest, const VifDefaults& defaults) {
  std::vector<WantedVif> wanted;
  std::int64_t unsaid = 0;
  for (const auto& [line, text, spec] : guest.vifs) {
    WantedVif vif{.guest = guest.name, .file = guest.file, .line = line, .text = text};
    vif.number = static_cast<unsigned>(wanted.size());
    vif.nodes = Nodes(spec, guest, defaults).run();
    vif.devid = spec.devid && *spec.devid >= 0 ? *spec.devid : unsaid++;
    vif.backend = spec.backend.value_or(defaults.backend.value_or(""));
    vif.by_libvirt = guest.by_libvirt;
    vif.bridge_lost = spec.bridge_lost && !spec.bridge;
    vif.vlans_lost = spec.vlans_lost;
    vif.remarks = spec.remarks;
    if (!spec.bridge && !spec.bridge_lost && !defaults.bridge)
      vif.remarks.push_back({Weight::note, "it names no bridge, so libxl takes xenbr0"});
    wanted.push_back(std::move(vif));
  }
  return wanted;
}

}  // namespace vifchain::inline core::inline guests
