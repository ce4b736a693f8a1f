#include "edge/kept_nics.hpp"

#include <filesystem>

#include "core/encode.hpp"
#include "edge/error.hpp"
#include "edge/kept_file.hpp"

namespace vifchain {
namespace {

std::optional<Link> read_nic(const std::string& path, const LinkName& name) {
  try {
    const auto bytes = read_file(path);
    const auto kept = bytes ? decode_way_back(*bytes) : std::nullopt;
    const auto link = kept ? kept->goal.find(name) : Desired::const_iterator{};
    if (!kept || link == kept->goal.end()) return std::nullopt;
    return link->second;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

Actual kept_nics(const std::string& folder) {
  Actual nics;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const auto name = LinkName::parse(entry.path().filename().string());
    if (!name) continue;
    if (auto link = read_nic(entry.path(), *name)) nics.emplace(*name, std::move(*link));
  }
  return nics;
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
