// SPDX-License-Identifier: Apache-2.0
#include "core/plan/adopt.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/plan/compare.hpp"

namespace vifchain::inline core::inline plan {
namespace {

// The file's own addresses that somebody else has put there.
std::vector<LinkAddress> unmarked(const Hosting& hosting, const Link& have) {
  std::vector<LinkAddress> addresses;
  for (LinkAddress there : addresses_of(have)) {
    const bool wanted = std::ranges::find(hosting.addresses, there) != hosting.addresses.end();
    if (!wanted || is_ours(there)) continue;
    there.traits.protocol = our_protocol;
    addresses.push_back(std::move(there));
  }
  return addresses;
}

}  // namespace

std::set<LinkName> adoptable(const Desired& desired, const Actual& actual) {
  std::set<LinkName> names;
  for (const auto& [name, want] : desired) {
    const Link* have = link_in(actual, name);
    if (want && have != nullptr && !is_given(*want) && !have->ours && !must_be_remade(*want, *have))
      names.insert(name);
  }
  return names;
}

std::vector<Step> adoption(const std::set<LinkName>& names,
                           const std::map<LinkName, Hosting>& hosting, const Actual& actual) {
  std::vector<Step> steps;
  for (const auto& name : names) {
    steps.push_back({SetOurs{name}, "matches the file"});
    const auto own = hosting.find(name);
    if (own == hosting.end()) continue;
    auto addresses = unmarked(own->second, actual.at(name));
    if (!addresses.empty())
      steps.push_back(
          {SetAddresses{name, std::move(addresses), {}}, "in the file, marked as vifchain's"});
  }
  return steps;
}

std::vector<Step> giving_up(const std::set<LinkName>& names) {
  std::vector<Step> steps;
  for (const auto& name : names) steps.push_back({SetOurs{name, false}, "a foreign link before"});
  return steps;
}

}  // namespace vifchain::inline core::inline plan
