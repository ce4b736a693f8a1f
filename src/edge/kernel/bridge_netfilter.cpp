// SPDX-License-Identifier: Apache-2.0
#include "edge/kernel/bridge_netfilter.hpp"

#include <unistd.h>

#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline kernel {
namespace {

bool is_on(const std::string& path) {
  const auto value = read_file_if_one_can(path);
  return value && !value->empty() && value->front() != '0';
}

}  // namespace

BridgeNetfilter read_bridge_netfilter(const std::string& folder) {
  const std::string name = folder + "/bridge-nf-call-";
  return {.loaded = access(folder.c_str(), F_OK) == 0,
          .ip = is_on(name + "iptables"),
          .ip6 = is_on(name + "ip6tables"),
          .arp = is_on(name + "arptables")};
}

}  // namespace vifchain::inline edge::inline kernel
