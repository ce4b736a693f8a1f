// SPDX-License-Identifier: Apache-2.0
// There is one vifchaind on a host.
#pragma once

#include <string>

#include "edge/base/descriptor.hpp"

namespace vifchain::inline plugin {

// While it lives no other process can make one on the same file: it holds the flock(2) of it, which
// goes with the process in whatever way that ends. The number of the process is in the file, which
// stays, and its descriptor is closed by exec. The name is not one that edge/state/lock.hpp could
// give to a link's lock (NAME.lock).
class OnlyOne {
 public:
  // Makes the folder, for root only, if it is not there. Throws Refusal ("vifchaind runs already
  // (process 812)"), or Error when there can be no such file.
  explicit OnlyOne(const std::string& path = "/run/vifchain/vifchaind.pid");

 private:
  Descriptor file_;
};

}  // namespace vifchain::inline plugin
