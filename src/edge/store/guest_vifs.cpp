// SPDX-License-Identifier: Apache-2.0
#include "edge/store/guest_vifs.hpp"

#include <algorithm>
#include <map>

#include "core/text/decimal.hpp"
#include "core/vif/backend_state.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/vif_netdev.hpp"

namespace vifchain::inline edge::inline store {
namespace {

// The caller may not look there: a driver domain that asks for other guests.
bool is_forbidden(const Error& error) {
  return error.code() == std::errc::permission_denied;
}

std::string domain_path(unsigned domid) {
  return "/local/domain/" + std::to_string(domid);
}

class Reading {
 public:
  Reading(Store& store, const std::string& sysfs)
      : store_(store), sysfs_(sysfs), own_(decimal(node("domid")).value_or(0)) {}

  std::vector<GuestVif> run() {
    read_toolstacks();
    read_own();
    std::vector<GuestVif> all;
    for (auto& [id, vif] : vifs_) all.push_back(std::move(vif));
    return all;
  }

 private:
  // "" for a node that is not there or may not be read.
  std::string node(const std::string& path) {
    try {
      return store_.read(path).value_or("");
    } catch (const Error& error) {
      if (!is_forbidden(error)) throw;
      return {};
    }
  }

  std::vector<unsigned> numbers_below(const std::string& path) {
    std::vector<unsigned> numbers;
    try {
      for (const auto& name : store_.children(path))
        if (const auto number = decimal(name)) numbers.push_back(*number);
    } catch (const Error& error) {
      if (!is_forbidden(error)) throw;
    }
    return numbers;
  }

  void read_toolstacks() {
    for (const unsigned domid : numbers_below("/libxl")) {
      const std::string folder = "/libxl/" + std::to_string(domid) + "/device/vif";
      for (const unsigned devid : numbers_below(folder))
        read({domid, devid}, node(folder + "/" + std::to_string(devid) + "/backend"));
    }
  }

  // Some toolstacks keep no list, and a driver domain may not see it.
  void read_own() {
    const std::string folder = "backend/vif";
    for (const unsigned domid : numbers_below(folder))
      for (const unsigned devid : numbers_below(folder + "/" + std::to_string(domid)))
        read({domid, devid}, folder + "/" + std::to_string(domid) + "/" + std::to_string(devid));
  }

  void read(const VifId& id, const std::string& backend) {
    if (backend.empty() || vifs_.contains(id)) return;
    GuestVif vif{.vif = id, .guest = name_of(id.domid), .backend_domid = owner_of(backend)};
    vif.here = vif.backend_domid == own_;
    vif.backend_guest = name_of(vif.backend_domid);
    if (vif.here)
      if (const auto link = netdev_of_vif(id.domid, id.devid, sysfs_))
        vif.link = LinkName::parse(*link);
    try {
      if (!read_backend(backend, vif)) return;
    } catch (const Error& error) {
      if (!is_forbidden(error)) throw;
      vif.unreadable = error.what();
    }
    vifs_.emplace(id, std::move(vif));
  }

  // False when there is none any more.
  bool read_backend(const std::string& backend, GuestVif& vif) {
    const auto state = store_.read(backend + "/state");
    if (!state && store_.children(backend).empty()) return false;
    const auto value = [&](const char* name) {
      return store_.read(backend + "/" + name).value_or("");
    };
    vif.backend = state_in(state.value_or(""));
    vif.bridge = value("bridge");
    vif.vlan = value("vlan");
    vif.ip = value("ip");
    vif.mac = Mac::parse(value("mac"));
    vif.hotplug_status = value("hotplug-status");
    vif.hotplug_error = value("hotplug-error");
    vif.frontend = state_in(node(frontend_of(vif.vif) + "/state"));
    return true;
  }

  static std::string frontend_of(const VifId& id) {
    return domain_path(id.domid) + "/device/vif/" + std::to_string(id.devid);
  }

  // "/local/domain/3/backend/vif/5/0" is domain 3's, a relative path the caller's own.
  [[nodiscard]] unsigned owner_of(const std::string& backend) const {
    constexpr std::string_view start = "/local/domain/";
    if (!backend.starts_with(start)) return own_;
    const auto rest = std::string_view(backend).substr(start.size());
    return decimal(rest.substr(0, rest.find('/'))).value_or(own_);
  }

  const std::string& name_of(unsigned domid) {
    const auto known = names_.find(domid);
    if (known != names_.end()) return known->second;
    return names_.emplace(domid, node(domain_path(domid) + "/name")).first->second;
  }

  Store& store_;
  const std::string& sysfs_;
  unsigned own_;
  std::map<VifId, GuestVif> vifs_;
  std::map<unsigned, std::string> names_;
};

}  // namespace

std::vector<GuestVif> read_guest_vifs(Store& store, const std::string& sysfs) {
  return Reading(store, sysfs).run();
}

}  // namespace vifchain::inline edge::inline store
