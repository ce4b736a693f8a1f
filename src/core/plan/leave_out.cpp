// SPDX-License-Identifier: Apache-2.0
#include "core/plan/leave_out.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/text/find.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline plan {
namespace {

using Reasons = std::map<LinkName, std::set<std::string>>;  // of each lost link

using Ports = std::multimap<LinkName, LinkName>;  // of each bond and bridge of the desired state

Ports ports_in(const Desired& desired) {
  Ports ports;
  for (const auto& [name, link] : desired)
    if (link && link->controller && link_in(desired, *link->controller) != nullptr)
      ports.emplace(*link->controller, name);
  return ports;
}

// Why a link cannot stand, besides a conflict of its own; empty when it can.
std::set<std::string> reasons_from_below(const Ports& ports, const Reasons& lost,
                                         const Link& link) {
  if (const auto* parent = parent_of(link))
    if (const auto* found = find_in(lost, *parent)) return *found;
  std::set<std::string> reasons;
  for (const auto& [above, port] : all_in(ports, link.name)) {
    const auto* found = find_in(lost, port);
    if (found == nullptr) return {};
    reasons.insert(found->begin(), found->end());
  }
  return reasons;
}

// From the lost links up, until nothing more falls.
void spread(const Desired& desired, Reasons& lost) {
  const Ports ports = ports_in(desired);
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [name, link] : desired) {
      if (!link || lost.contains(name)) continue;
      auto reasons = reasons_from_below(ports, lost, *link);
      if (reasons.empty()) continue;
      lost.emplace(name, std::move(reasons));
      grew = true;
    }
  }
}

std::set<LinkName> below(const Desired& desired, const Ports& ports, const LinkName& root) {
  std::set<LinkName> names;
  std::vector<LinkName> left{root};
  while (!left.empty()) {
    const LinkName name = left.back();
    left.pop_back();
    const Link* link = link_in(desired, name);
    if (link == nullptr || !names.insert(name).second) continue;
    if (const auto* parent = parent_of(*link)) left.push_back(*parent);
    for (const auto& [above, port] : all_in(ports, name)) left.push_back(port);
  }
  return names;
}

}  // namespace

void forget_port(Link& controller, const LinkName& port) {
  auto& options = options_of(controller);
  const auto primary = options.find(Option::bond_primary);
  if (primary != options.end() && primary->second == Value{port}) options.erase(primary);
  if (controller.slb) std::erase(controller.slb->ports, port);
}

std::string in_words(const LeftOut& left_out) {
  const auto& name = left_out.name.str();
  std::string_view reason = left_out.reason;
  if (reason.starts_with(name + ": ")) reason.remove_prefix(name.size() + 2);
  return (left_out.from ? left_out.from->str() + ": skipped port " + name : name + ": skipped") +
         " (" + std::string(reason) + ")";
}

std::set<LinkName> roots_of(const Desired& desired, const std::set<LinkName>& own) {
  std::set<LinkName> stood_on;
  for (const auto& [name, link] : desired) {
    if (!link) continue;
    if (const auto* parent = parent_of(*link)) stood_on.insert(*parent);
    if (link->controller && link_in(desired, *link->controller) != nullptr) stood_on.insert(name);
  }
  std::set<LinkName> roots;
  for (const auto& [name, link] : desired)
    if (link && (own.contains(name) || !stood_on.contains(name))) roots.insert(name);
  return roots;
}

std::set<LinkName> all_below(const Desired& desired, const LinkName& root) {
  return below(desired, ports_in(desired), root);
}

void keep_only(Desired& desired, const std::set<LinkName>& roots) {
  const Ports ports = ports_in(desired);
  std::set<LinkName> kept;
  for (const auto& root : roots) kept.merge(below(desired, ports, root));
  std::erase_if(desired,
                [&](const auto& link) { return link.second && !kept.contains(link.first); });
  for (auto& [name, link] : desired) {
    if (!link || !link->controller || kept.contains(*link->controller)) continue;
    link->controller.reset();
    link->keep_controller = true;
    link->port.clear();
    link->vlans.reset();
  }
}

std::vector<LeftOut> leave_out(Desired& desired, const std::map<LinkName, std::string>& lost,
                               const std::set<LinkName>& own) {
  if (lost.empty()) return {};
  Reasons all;
  for (const auto& [name, reason] : lost) all[name].insert(reason);
  spread(desired, all);
  std::set<LinkName> roots = roots_of(desired, own);
  std::vector<LeftOut> left_out;
  for (const auto& [name, reasons] : all) {
    const Link* link = link_in(desired, name);
    const auto from = link == nullptr ? std::nullopt : link->controller;
    const bool goes_without = from && link_in(desired, *from) != nullptr && !all.contains(*from);
    if (goes_without) {
      left_out.push_back({name, joined(reasons, {}, "; "), from});
      forget_port(*desired.at(*from), name);
    }
    if (roots.erase(name) > 0 && !goes_without)
      left_out.push_back({name, joined(reasons, {}, "; ")});
  }
  for (const auto& [name, reasons] : all) desired.erase(name);
  keep_only(desired, roots);
  return left_out;
}

}  // namespace vifchain::inline core::inline plan
