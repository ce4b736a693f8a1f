// SPDX-License-Identifier: Apache-2.0
#include "edge/state/waiting_chains.hpp"

#include <filesystem>

#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline state {

std::set<LinkName> waiting_chains(const std::string& folder) {
  std::set<LinkName> tops;
  std::error_code none;
  for (std::filesystem::directory_iterator entry(folder, none), end; !none && entry != end;
       entry.increment(none))
    if (const auto name = LinkName::parse(entry->path().filename().string())) tops.insert(*name);
  return tops;
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
