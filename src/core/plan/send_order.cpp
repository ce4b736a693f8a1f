// SPDX-License-Identifier: Apache-2.0
#include "core/plan/send_order.hpp"
#include "core/model/links.hpp"

#include <algorithm>
#include <set>

namespace vifchain::inline core::inline plan {
namespace {

// Ways to change a new link that concern it alone, and the bridge that it is a port of.
bool stays_below_its_bridge(const Op& op) {
  if (const auto* port = std::get_if<SetPort>(&op))
    return std::ranges::none_of(port->options, [](const auto& entry) {
      return std::holds_alternative<LinkName>(entry.second);
    });
  return std::holds_alternative<SetAddrGen>(op) || std::holds_alternative<SetUp>(op) ||
         std::holds_alternative<SetMtu>(op) || std::holds_alternative<SetRa>(op) ||
         std::holds_alternative<SetApart>(op);
}

class Waves {
 public:
  explicit Waves(const std::vector<Step>& steps) {
    for (const auto& step : steps) {
      const auto* create = std::get_if<Create>(&step.op);
      if (create == nullptr) continue;
      if (const auto* parent = parent_of(create->link)) carriers_.insert(*parent);
    }
  }

  unsigned wave_of(const Op& op) {
    const auto* create = std::get_if<Create>(&op);
    if (create != nullptr && is_free(create->link)) return wave_of_new(create->link);
    const auto made = made_.find(target_of(op));
    if (made == made_.end() || !stays_below_its_bridge(op)) return earliest_ = ++latest_;
    const unsigned wave = after(made->second.wave + 1, made->first, made->second.controller);
    return touch(wave, made->first, made->second.controller);
  }

 private:
  struct Made {
    unsigned wave;
    std::optional<LinkName> controller;
  };

  // A VLAN link or a bridge on which nothing is stacked that the steps make: what happens to it
  // changes no other link but the bridge above.
  [[nodiscard]] bool is_free(const Link& link) const {
    const bool kind = is<Vlan>(link) || is<Bridge>(link);
    return kind && !carriers_.contains(link.name) && !made_.contains(link.name);
  }

  unsigned wave_of_new(const Link& link) {
    unsigned wave = after(earliest_, link.name, link.controller);
    const auto bridge = link.controller ? made_.find(*link.controller) : made_.end();
    if (bridge != made_.end()) wave = std::max(wave, bridge->second.wave + 1);
    made_.insert_or_assign(link.name, Made{wave, link.controller});
    return touch(wave, link.name, link.controller);
  }

  // Not before what was done with the link and its bridge, and not before `wave`.
  unsigned after(unsigned wave, const LinkName& name, const std::optional<LinkName>& controller) {
    wave = std::max({wave, earliest_, touched_[name]});
    return controller ? std::max(wave, touched_[*controller]) : wave;
  }

  unsigned touch(unsigned wave, const LinkName& name, const std::optional<LinkName>& controller) {
    touched_[name] = wave;
    if (controller) touched_[*controller] = wave;
    latest_ = std::max(latest_, wave);
    return wave;
  }

  std::set<LinkName> carriers_;
  std::map<LinkName, Made> made_;
  std::map<LinkName, unsigned> touched_;  // the last wave that wrote to the link
  unsigned earliest_ = 0, latest_ = 0;
};

}  // namespace

std::vector<Step> in_send_order(const std::vector<Step>& steps) {
  Waves waves(steps);
  std::vector<std::pair<unsigned, const Step*>> order;
  order.reserve(steps.size());
  for (const auto& step : steps) order.emplace_back(waves.wave_of(step.op), &step);
  std::ranges::stable_sort(order, {}, [](const auto& entry) { return entry.first; });
  std::vector<Step> sorted;
  sorted.reserve(steps.size());
  for (const auto& [wave, step] : order) sorted.push_back(*step);
  return sorted;
}

}  // namespace vifchain::inline core::inline plan
