#include "edge/netdev.hpp"

#include <dirent.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "edge/error.hpp"

namespace vifchain {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// The folder's only entry: a vif has one interface.
std::optional<std::string> only_entry(const std::string& path) {
  const std::unique_ptr<DIR, CloseFolder> folder(opendir(path.c_str()));
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

}  // namespace vifchain
