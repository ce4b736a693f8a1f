// What every command of vifchain takes.
#pragma once

#include <string>

namespace vifchain {

struct Common {
  std::string config = "/etc/xen/vifchain.toml";
};

}  // namespace vifchain
