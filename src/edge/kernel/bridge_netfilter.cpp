#include "edge/kernel/bridge_netfilter.hpp"

#include <unistd.h>

#include "edge/error.hpp"
#include "edge/kept/kept_file.hpp"

namespace vifchain {
namespace {

bool is_on(const std::string& path) {
  try {
    const auto value = read_file(path);
    return value && !value->empty() && value->front() != '0';
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

BridgeNetfilter read_bridge_netfilter(const std::string& folder) {
  const std::string name = folder + "/bridge-nf-call-";
  return {.loaded = access(folder.c_str(), F_OK) == 0,
          .ip = is_on(name + "iptables"),
          .ip6 = is_on(name + "ip6tables"),
          .arp = is_on(name + "arptables")};
}

}  // namespace vifchain
