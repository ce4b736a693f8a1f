// SPDX-License-Identifier: Apache-2.0
#include "edge/state/waiting_chains.hpp"

#include "edge/base/durable_file.hpp"
#include "edge/state/names_in_folder.hpp"

namespace vifchain::inline edge::inline state {

std::set<LinkName> waiting_chains(const std::string& folder) {
  return names_in_folder(folder);
}

void keep_waiting_chains(const std::string& folder, const std::set<LinkName>& tops) {
  for (const auto& top : waiting_chains(folder))
    if (!tops.contains(top)) drop_waiting_chain(folder, top);
  for (const auto& top : tops) keep_file(folder + "/" + top.str(), "");
}

void drop_waiting_chain(const std::string& folder, const LinkName& top) {
  drop_file(folder + "/" + top.str());
}

}  // namespace vifchain::inline edge::inline state
