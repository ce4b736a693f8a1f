// SPDX-License-Identifier: Apache-2.0
#include "core/plan/ways_out.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/text/escape.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline plan {
namespace {

bool meet(const std::set<LinkName>& a, const std::set<LinkName>& b) {
  return std::ranges::any_of(a, [&](const LinkName& name) { return b.contains(name); });
}

}  // namespace

bool carries_addresses(const Link& link) {
  return link.addresses && !link.addresses->empty();
}

WaysOut::WaysOut(const Desired& desired, const Actual& actual)
    : desired_(desired), actual_(actual) {
  for (const auto& [name, link] : actual) {
    if (link.controller) now_.emplace(*link.controller, name);
    if (desired.contains(name)) continue;
    if (link.controller) then_.emplace(*link.controller, name);
  }
  for (const auto& [name, link] : desired)
    if (const auto controller = controller_then(name)) then_.emplace(*controller, name);
}

const Link* WaysOut::wanted(const LinkName& link) const {
  return link_in(desired_, link);
}

bool WaysOut::stays(const LinkName& link) const {
  return desired_.contains(link) ? wanted(link) != nullptr : actual_.contains(link);
}

std::optional<LinkName> WaysOut::controller_then(const LinkName& link) const {
  const Link *want = wanted(link), *have = link_in(actual_, link);
  if (want != nullptr && !want->keep_controller) return want->controller;
  return have != nullptr && stays(link) ? have->controller : std::nullopt;
}

bool WaysOut::is_nic(const LinkName& link) const {
  const Link* have = link_in(actual_, link);
  return have != nullptr && have->mac != vif_mac &&
         (desired_.contains(link) || have->permanent_mac);
}

// What is wanted of any kind is of the kind that it has.
const Link* WaysOut::shape(const LinkName& link, bool by_desired) const {
  const Link* want = by_desired ? wanted(link) : nullptr;
  if (want != nullptr && !is<Given>(*want)) return want;
  return by_desired && !stays(link) ? nullptr : link_in(actual_, link);
}

std::set<LinkName> WaysOut::ways(const LinkName& link, bool by_desired,
                                 std::set<LinkName> seen) const {
  const Link* it = shape(link, by_desired);
  if (it == nullptr || !seen.insert(link).second) return {};
  if (const auto* parent = parent_of(*it)) {
    const bool leads_out = !actual_.contains(*parent) && !desired_.contains(*parent)
                               ? true  // in another network namespace
                               : !ways(*parent, by_desired, seen).empty();
    return leads_out ? std::set{link} : std::set<LinkName>{};
  }
  if (is<Given>(*it)) return is_nic(link) ? std::set{link} : std::set<LinkName>{};
  std::set<LinkName> all;
  for (const auto& [above, port] : all_in(by_desired ? then_ : now_, link))
    all.merge(ways(port, by_desired, seen));
  return all;
}

std::set<LinkName> WaysOut::now(const LinkName& link) const {
  return ways(link, false, {});
}

std::set<LinkName> WaysOut::then(const LinkName& link) const {
  return ways(link, true, {});
}

std::vector<LinkName> WaysOut::path_then(const LinkName& link) const {
  std::vector<LinkName> path;
  for (auto next = std::optional(link); next && stays(*next); next = controller_then(*next)) {
    if (std::ranges::find(path, *next) != path.end()) break;
    path.push_back(*next);
  }
  return path;
}

std::vector<LostWays> WaysOut::lost() const {
  std::vector<LostWays> all;
  for (const auto& [name, link] : actual_) {
    if (!carries_addresses(link) || is_given(link) || !stays(name)) continue;
    const auto had = now(name), has = then(name);
    if (!had.empty() && !meet(had, has)) all.push_back({name, !has.empty()});
  }
  return all;
}

namespace {

// Addresses that it has and is to have.
std::vector<LinkAddress> kept_by(const Link& have, const Desired& desired) {
  auto kept = have.addresses.value();
  if (const Link* want = link_in(desired, have.name); want != nullptr && want->addresses)
    std::erase_if(kept, [&](const LinkAddress& address) {
      return !std::ranges::binary_search(*want->addresses, address);
    });
  return kept;
}

const LinkName& below_vlans(const LinkName& link, const Actual& actual) {
  const Link* found = link_in(actual, link);
  const auto* parent = found == nullptr ? nullptr : parent_of(*found);
  return parent == nullptr ? link : below_vlans(*parent, actual);
}

std::string fate_of(const LinkName& nic, const std::vector<LinkName>& path) {
  return nic.str() + (path.empty()       ? ", which is deleted"
                      : path.size() == 1 ? ", which is no longer a port"
                                         : ", which becomes part of " + path.back().str());
}

std::string show_quoted(const LinkAddress& address) {
  return quoted(address.str());
}

std::string remedy_for(const Stranded& stranded, const Link& have, const Link* top) {
  if (top == nullptr || is_given(*top)) return "leave " + have.name.str() + " a port in the file";
  if (is<Vlan>(have)) return "link = \"" + top->name.str() + "\" in " + file_table(have);
  const bool of_ra =
      std::ranges::all_of(stranded.addresses, [](const auto& a) { return is_of_ra(a); });
  return (of_ra ? "ra = true" : "addresses = [" + joined(stranded.addresses, show_quoted) + "]") +
         " in " + file_table(*top);
}

}  // namespace

std::vector<Stranded> stranded(const Desired& desired, const Actual& actual) {
  const WaysOut ways(desired, actual);
  std::vector<Stranded> all;
  for (const auto& lost : ways.lost()) {
    const Link& have = actual.at(lost.link);
    Stranded one{lost.link, kept_by(have, desired), {}, {}};
    if (lost.replaced || one.addresses.empty()) continue;
    const LinkName nic = *ways.now(below_vlans(lost.link, actual)).begin();
    const auto path = ways.path_then(nic);
    one.because = fate_of(nic, path);
    one.remedy = remedy_for(one, have, path.empty() ? nullptr : ways.shape_then(path.back()));
    all.push_back(std::move(one));
  }
  return all;
}

std::string in_words(const Stranded& link) {
  return problem(link.link.str() + " keeps " + joined(link.addresses, &LinkAddress::str) +
                     ", but its network is reached by " + link.because,
                 link.remedy);
}

void name_links_left_behind(Desired& desired, const Actual& actual) {
  for (const auto& lost : WaysOut(desired, actual).lost()) {
    const Link& have = actual.at(lost.link);
    if (have.ours && !is<Vlan>(have))
      desired.emplace(lost.link, Link{.name = lost.link, .keep_controller = true});
  }
}

void keep_ways_out(Desired& desired, const Actual& actual) {
  std::vector<LinkName> nics;
  {
    const WaysOut ways(desired, actual);
    for (const auto& lost : ways.lost())
      if (!lost.replaced)
        std::ranges::copy(ways.now(below_vlans(lost.link, actual)), std::back_inserter(nics));
  }
  for (const auto& nic : nics)
    for (auto link = std::optional(nic);
         link && actual.contains(*link) && actual.at(*link).controller;
         link = actual.at(*link).controller)
      if (Link* want = link_in(desired, *link))
        *want = Link{.name = *link, .keep_controller = true};
}

}  // namespace vifchain::inline core::inline plan
