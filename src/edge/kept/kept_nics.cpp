#include "edge/kept/kept_nics.hpp"

#include <filesystem>

#include "core/encode.hpp"
#include "edge/error.hpp"
#include "edge/kept/kept_file.hpp"

namespace vifchain {

std::vector<LinkName> kept_nics(const std::string& folder) {
  std::vector<LinkName> nics;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none))
    if (const auto name = LinkName::parse(entry.path().filename().string())) nics.push_back(*name);
  return nics;
}

std::optional<Link> kept_nic(const std::string& folder, const LinkName& nic) {
  try {
    const auto bytes = read_file(folder + "/" + nic.str());
    const auto kept = bytes ? decode_way_back(*bytes) : std::nullopt;
    const auto link = kept ? kept->goal.find(nic) : Desired::const_iterator{};
    if (!kept || link == kept->goal.end()) return std::nullopt;
    return link->second;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void keep_nic(const std::string& folder, const Link& nic) {
  WayBack kept;
  kept.goal.emplace(nic.name,
                    Link{.name = nic.name, .mtu = nic.mtu, .up = nic.up, .addr_gen = nic.addr_gen});
  keep_file(folder + "/" + nic.name.str(), encode(kept));
}

void drop_nic(const std::string& folder, const LinkName& nic) {
  drop_file(folder + "/" + nic.str());
}

}  // namespace vifchain
