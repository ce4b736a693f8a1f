// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/vif_netdev.hpp"

#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "edge/base/error.hpp"
#include "edge/base/folder.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

// The folder's only entry: a vif has one interface.
std::optional<std::string> only_entry(const std::string& path) {
  const auto folder = open_folder(path);
  if (!folder && errno == ENOENT) return std::nullopt;
  if (!folder) throw Error(errno, "looking for the interface in " + path);
  errno = 0;
  while (const dirent* entry = readdir(folder.get()))
    if (const std::string name = entry->d_name; name != "." && name != "..") return name;
  if (errno != 0 && errno != ENOENT) throw Error(errno, "looking for the interface in " + path);
  return std::nullopt;
}

}  // namespace

std::optional<std::string> netdev_of_vif(unsigned domid, unsigned devid,
                                         const std::string& sysfs_root) {
  const std::string vif = std::to_string(domid), device = std::to_string(devid);
  const std::string folder =
      sysfs_root + "/bus/xen-backend/devices/vif-" + vif + "-" + device + "/net";
  const std::string usual_name = "vif" + vif + "." + device;
  if (access((folder + "/" + usual_name).c_str(), F_OK) == 0) return usual_name;
  return only_entry(folder);
}

std::vector<LinkName> linked_with(const LinkName& name, const std::string& sysfs_root) {
  const std::string path = sysfs_root + "/class/net/" + name.str();
  const auto folder = open_folder(path);
  std::vector<LinkName> names;
  if (!folder && errno == ENOENT && access((sysfs_root + "/class/net").c_str(), F_OK) == 0)
    return names;
  if (!folder) throw Error(errno, "looking for what is linked with " + name.str() + " in " + path);
  errno = 0;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view text = entry->d_name;
    for (const std::string_view way : {"upper_", "lower_"})
      if (text.starts_with(way))
        if (const auto other = LinkName::parse(text.substr(way.size()))) names.push_back(*other);
  }
  if (errno != 0) throw Error(errno, "looking for what is linked with " + name.str());
  return names;
}

std::optional<std::pair<unsigned, unsigned>> vif_of_netdev(const std::string& name,
                                                           const std::string& sysfs_root) {
  char target[PATH_MAX];
  const auto link = sysfs_root + "/class/net/" + name + "/device";
  const auto size = readlink(link.c_str(), target, sizeof target - 1);
  if (size <= 0) return std::nullopt;
  target[size] = '\0';
  const char* slash = std::strrchr(target, '/');
  unsigned domid = 0, devid = 0;
  char rest = 0;
  if (std::sscanf(slash == nullptr ? target : slash + 1, "vif-%u-%u%c", &domid, &devid, &rest) != 2)
    return std::nullopt;
  return std::pair{domid, devid};
}

}  // namespace vifchain::inline edge::inline kernel
