// SPDX-License-Identifier: Apache-2.0
// What every command of vifchain takes.
#pragma once

#include <string>

namespace vifchain::inline cli {

struct Common {
  std::string config = "/etc/xen/vifchain.toml";
};

}  // namespace vifchain::inline cli
