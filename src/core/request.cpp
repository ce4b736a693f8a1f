#include "core/request.hpp"

#include <charconv>

namespace vifchain {
namespace {

std::string value_of(const std::map<std::string, std::string>& nodes, const char* name) {
  const auto found = nodes.find(name);
  return found == nodes.end() ? std::string() : found->second;
}

// The least an Ethernet link may have, and the most netback grants
// (ETH_MIN_MTU; ETH_MAX_MTU - ETH_HLEN in drivers/net/xen-netback/interface.c).
constexpr unsigned min_mtu = 68, max_mtu = 65517;

std::optional<unsigned> mtu_of(const std::string& text) {
  unsigned mtu = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, mtu);
  if (error != std::errc{} || stop != end || mtu < min_mtu || mtu > max_mtu) return std::nullopt;
  return mtu;
}

std::string not_supported(const std::string& key, const std::string& value) {
  return key + "=" + value +
         " is not supported yet; start the guest without it, or with "
         "script=vif-bridge";
}

}  // namespace

std::variant<VifRequest, BadRequest> read_request(const std::map<std::string, std::string>& nodes) {
  for (const char* key : {"vifname", "vlan"})
    if (const auto value = value_of(nodes, key); !value.empty())
      return BadRequest{not_supported(key, value)};
  VifRequest request{.bridge = value_of(nodes, "bridge"), .mtu = std::nullopt};
  if (request.bridge.empty())
    return BadRequest{"Could not find bridge, and none was specified; name one with bridge=NAME"};
  const auto mtu = value_of(nodes, "mtu");
  if (mtu.empty()) return request;
  request.mtu = mtu_of(mtu);
  if (!request.mtu)
    return BadRequest{"mtu is \"" + mtu + "\"; wanted a number of bytes from " +
                      std::to_string(min_mtu) + " to " + std::to_string(max_mtu)};
  return request;
}

}  // namespace vifchain
