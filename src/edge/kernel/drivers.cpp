// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/drivers.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/requests.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

bool is_there(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

std::string release() {
  utsname host{};
  return uname(&host) == 0 ? host.release : "";
}

// The lists that depmod(8) makes name every module of the kernel, as FOLDER/NAME.ko.
class Modules {
 public:
  Modules(const std::string& root, const std::string& release)
      : root_(root), folder_(root + "/lib/modules/" + release) {}

  // Drivers with a version or a parameter have a folder in /sys/module, loaded or built in; these
  // have both. `trace` is what one leaves besides.
  std::optional<bool> has(const std::string& module, const std::string& trace) {
    if (is_there(root_ + "/sys/module/" + module) || is_there(root_ + trace)) return true;
    if (!is_there(root_ + "/proc/sys/kernel/ostype")) return {};       // no /proc: no answer
    if (!is_there(root_ + "/proc/sys/kernel/modprobe")) return false;  // CONFIG_MODULES is off
    read_lists();
    if (lists_.empty()) return {};  // they may be where only the kernel's modprobe looks
    return lists_.find("/" + module + ".ko") != lists_.npos;
  }

  // One that leaves no trace where it is built in: without the lists nobody knows.
  bool may_have(const std::string& module) {
    if (is_there(root_ + "/sys/module/" + module)) return true;
    read_lists();
    return lists_.empty() || lists_.find("/" + module + ".ko") != lists_.npos;
  }

 private:
  void read_lists() {
    if (read_) return;
    read_ = true;
    const auto loadable = read_file_if_one_can(folder_ + "/modules.dep");
    if (!loadable) return;
    lists_ = *loadable + read_file_if_one_can(folder_ + "/modules.builtin").value_or("");
  }

  std::string root_, folder_, lists_;
  bool read_ = false;
};

}  // namespace

Drivers read_drivers(const std::string& root) {
  Drivers drivers{.release = release()};
  Modules modules(root, drivers.release);
  drivers.bonding = modules.has("bonding", "/proc/net/bonding");
  drivers.vlan = modules.has("8021q", "/proc/net/vlan");
  drivers.bridge = modules.has("bridge", "/proc/sys/net/bridge");
  drivers.apart = modules.may_have("cls_bpf") && modules.may_have("sch_ingress");
  return drivers;
}

bool may_have_driver(const std::string& module) {
  return Modules("", release()).may_have(module);
}

std::optional<bool> tell_vlan_filtering(const Patience& patience) {
  if (!is_there("/sys/module/bridge")) return {};
  const int error = Rtnl(patience).exchange(ask_vlans(0)).error;
  if (error != 0 && error != EOPNOTSUPP) return {};
  return error == 0;
}

}  // namespace vifchain::inline edge::inline kernel
