// SPDX-License-Identifier: Apache-2.0
// A guest's configuration, as far as its vifs are concerned.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/guests/vif_spec.hpp"

namespace vifchain::inline core::inline guests {

enum class GuestType : std::uint8_t { pv, pvh, hvm };

struct ConfiguredVif {
  unsigned line = 0;  // 0: not known
  std::string text;   // as written, or in a few words
  VifSpec spec;
};

// A remark about the file as a whole, or about a line of it.
struct FileRemark {
  unsigned line = 0;
  GuestRemark remark;
};

struct GuestConfig {
  std::string file;  // as it is to be called
  std::string name;  // empty: it has none
  GuestType type = GuestType::pv;
  bool by_libvirt = false;  // xl.conf says nothing of it
  std::vector<ConfiguredVif> vifs = {};
  std::vector<FileRemark> remarks = {};
};

// What the toolstack has for a vif that says nothing itself (vif.default.* of xl.conf(5)).
struct VifDefaults {
  std::optional<std::string> bridge = {}, script = {}, backend = {};
};

// A vif as it will be in xenstore, or is.
struct WantedVif {
  std::string guest;
  std::string file = {};  // empty: it runs
  unsigned line = 0;
  unsigned number = 0;    // its place in the configuration, or its devid where it runs
  std::string text = {};  // as written
  std::map<std::string, std::string> nodes = {};  // of its backend directory
  std::optional<std::int64_t> devid = {};
  std::string backend = {};  // the domain that has its other end; empty: the toolstack's own
  bool by_libvirt = false;
  bool bridge_lost = false, vlans_lost = false;  // as in VifSpec
  std::vector<GuestRemark> remarks = {};
};

// The vifs of a configuration with the nodes that libxl writes for them
// (libxl__device_nic_setdefault, libxl__device_nic_set_devids and libxl__set_xenstore_nic in
// libxl_nic.c): without a bridge it is xenbr0, with a note, without a script vif-bridge, a relative
// script lies in /etc/xen/scripts, mtu=1500 is as good as none. A MAC that nobody gave is no node
// here.
std::vector<WantedVif> wanted_vifs(const GuestConfig& guest, const VifDefaults& defaults);

inline constexpr const char* script_folder = "/etc/xen/scripts";

}  // namespace vifchain::inline core::inline guests
