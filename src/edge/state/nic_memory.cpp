// SPDX-License-Identifier: Apache-2.0
#include "edge/state/nic_memory.hpp"

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/state/link_json.hpp"
#include "edge/state/names_in_folder.hpp"

namespace vifchain::inline edge::inline state {

std::set<LinkName> recorded_nics(const std::string& folder) {
  return names_in_folder(folder);
}

std::optional<Link> recorded_nic(const std::string& folder, const LinkName& nic) {
  try {
    const auto text = read_file(folder + "/" + nic.str());
    if (!text) return std::nullopt;
    Link link = link_from(Json::parse(*text, nullptr, false));
    return link.name == nic ? std::optional(std::move(link)) : std::nullopt;
  } catch (const NotThat&) {
    return std::nullopt;
  } catch (const Error&) {
    return std::nullopt;
  }
}

void keep_nic(const std::string& folder, const Link& nic) {
  const Link kept{.name = nic.name, .mtu = nic.mtu, .up = nic.up, .addr_gen = nic.addr_gen};
  keep_file(folder + "/" + nic.name.str(), json_of(kept).dump() + "\n");
}

void drop_nic(const std::string& folder, const LinkName& nic) {
  drop_file(folder + "/" + nic.str());
}

}  // namespace vifchain::inline edge::inline state
