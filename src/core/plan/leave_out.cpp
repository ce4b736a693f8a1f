// SPDX-License-Identifier: Apache-2.0
#include "core/plan/leave_out.hpp"

#include <algorithm>

namespace vifchain::inline core::inline plan {
namespace {

using Reasons = std::map<LinkName, std::set<std::string>>;  // of each lost link

const Link* find(const Desired& desired, const LinkName& name) {
  const auto found = desired.find(name);
  return found == desired.end() || !found->second ? nullptr : &*found->second;
}

using Ports = std::multimap<LinkName, LinkName>;  // of each bond and bridge of the desired state

Ports ports_in(const Desired& desired) {
  Ports ports;
  for (const auto& [name, link] : desired)
    if (link && link->controller && find(desired, *link->controller) != nullptr)
      ports.emplace(*link->controller, name);
  return ports;
}

// Why a link cannot stand, besides a conflict of its own; empty when it can.
std::set<std::string> reasons_from_below(const Ports& ports, const Reasons& lost,
                                         const Link& link) {
  if (const auto* parent = parent_of(link))
    if (const auto found = lost.find(*parent); found != lost.end()) return found->second;
  std::set<std::string> reasons;
  const auto [first, last] = ports.equal_range(link.name);
  for (auto port = first; port != last; ++port) {
    const auto found = lost.find(port->second);
    if (found == lost.end()) return {};
    reasons.insert(found->second.begin(), found->second.end());
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
    const Link* link = find(desired, name);
    if (link == nullptr || !names.insert(name).second) continue;
    if (const auto* parent = parent_of(*link)) left.push_back(*parent);
    const auto [first, last] = ports.equal_range(name);
    for (auto port = first; port != last; ++port) left.push_back(port->second);
  }
  return names;
}

std::string joined(const std::set<std::string>& reasons) {
  std::string text;
  for (const auto& reason : reasons) text += (text.empty() ? "" : "; ") + reason;
  return text;
}

// A bond's options and rules name its ports.
void forget_port(Link& controller, const LinkName& port) {
  auto& options = options_of(controller);
  const auto primary = options.find(Option::bond_primary);
  if (primary != options.end() && primary->second == Value{port}) options.erase(primary);
  if (controller.slb) std::erase(controller.slb->ports, port);
}

}  // namespace

std::string in_words(const LeftOut& left_out) {
  const auto& name = left_out.name.str();
  return (left_out.from ? left_out.from->str() + " goes without " + name : name + " is left out") +
         ": " + left_out.reason;
}

std::set<LinkName> roots_of(const Desired& desired, const std::set<LinkName>& own) {
  std::set<LinkName> stood_on;
  for (const auto& [name, link] : desired) {
    if (!link) continue;
    if (const auto* parent = parent_of(*link)) stood_on.insert(*parent);
    if (link->controller && find(desired, *link->controller) != nullptr) stood_on.insert(name);
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
    const Link* link = find(desired, name);
    const auto from = link == nullptr ? std::nullopt : link->controller;
    const bool goes_without = from && find(desired, *from) != nullptr && !all.contains(*from);
    if (goes_without) {
      left_out.push_back({name, joined(reasons), from});
      forget_port(*desired.at(*from), name);
    }
    if (roots.erase(name) > 0 && !goes_without) left_out.push_back({name, joined(reasons)});
  }
  for (const auto& [name, reasons] : all) desired.erase(name);
  keep_only(desired, roots);
  return left_out;
}

}  // namespace vifchain::inline core::inline plan
