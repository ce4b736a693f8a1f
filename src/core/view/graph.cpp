// SPDX-License-Identifier: Apache-2.0
#include "core/view/graph.hpp"

#include <algorithm>

#include "core/model/links.hpp"
#include "core/text/find.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline core::inline view {
namespace {

// Small print stays small.
constexpr std::size_t longest_line = 36;

std::string shortened(const std::string& text) {
  const std::string safe = printable(text);
  std::string kept;
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const bool starts = (static_cast<unsigned char>(safe[i]) & 0xc0) != 0x80;
    if (starts && width(kept) == longest_line && width(safe) > longest_line + 1) return kept + "…";
    kept += safe[i];
  }
  return kept;
}

Role role_of(const Link& link) {
  return is<Bond>(link)     ? Role::bond
         : is<Vlan>(link)   ? Role::vlan
         : is<Bridge>(link) ? Role::bridge
                            : Role::nic;
}

void mark(Box& box, const std::vector<std::string>& first, const std::vector<std::string>& then) {
  if (box.missing || (first.empty() && then.empty())) return;
  box.wrong = true;
  box.lines.push_back(shortened(first.empty() ? then.front() : first.front()));
}

Box box_of(const LinkView& link, const View& view) {
  Box box{role_of(link.link), printable(link.link.name.str())};
  box.missing = !link.there;
  if (box.missing) {
    box.lines.emplace_back(kind_of(link) + ", missing");
    return box;
  }
  std::string line = kind_of(link);
  if (link.state.speed) line += ", " + in_words(*link.state.speed);
  if (box.role == Role::bond) {
    const auto [active, all] = active_ports(link, view);
    line += ", " + std::to_string(active) + "/" + std::to_string(all) + " ports";
  }
  box.lines.push_back(shortened(line));
  if (box.role == Role::bridge && link.link.mtu)
    box.lines.back() += ", mtu " + std::to_string(*link.link.mtu);
  if (box.role == Role::bridge)
    for (const auto& address : addresses_of(link.link))
      box.lines.push_back(shortened(address.str()));
  mark(box, link.differences, link.troubles);
  return box;
}

class Composer {
 public:
  explicit Composer(const View& view) : view_(view) {}

  Graph compose() {
    for (const auto& [name, link] : view_.links)
      if (!is_guests(name)) add(name, link);
    for (const auto& [name, link] : view_.links)
      for (const auto& lower : link.below) connect(lower, name);
    std::map<std::size_t, LinkName> bridges;  // of each guest's vif that is on one
    for (const auto& bridge : view_.bridges)
      for (const auto which : bridge.guests) bridges.emplace(which, bridge.name);
    for (const auto& [which, bridge] : bridges) add(view_.guests[which], bridge);
    return std::move(graph_);
  }

 private:
  [[nodiscard]] bool is_guests(const LinkName& name) const {
    return std::ranges::any_of(view_.guests, [&](const GuestView& guest) {
      return guest.link == name || guest.emulated == name;
    });
  }

  void add(const LinkName& name, const LinkView& link) {
    places_.emplace(name, graph_.boxes.size());
    graph_.boxes.push_back(box_of(link, view_));
  }

  void connect(const LinkName& lower, const LinkName& upper) {
    const auto& link = view_.links.at(lower);
    const bool passes = link.there && view_.links.at(upper).there && link.link.up.value_or(false) &&
                        link.state.carrier && link.troubles.empty();
    graph_.lines.push_back({places_.at(lower), places_.at(upper), !passes});
  }

  // One box a guest, however many vifs it has.
  void add(const GuestView& guest, const LinkName& bridge) {
    const auto [found, is_new] = guests_.try_emplace(guest.vif.vif.domid, graph_.boxes.size());
    if (is_new) graph_.boxes.push_back({Role::guest, printable(name_of(guest.vif))});
    Box& box = graph_.boxes[found->second];
    std::string line = guest.link ? guest.link->str() : guest.vif.vif.str();
    const auto* port = guest.link ? find_in(view_.links, *guest.link) : nullptr;
    if (port != nullptr && filters(bridge) && port->link.vlans)
      line += ", VLAN " + in_words(*port->link.vlans);
    box.lines.push_back(shortened(line));
    if (!guest.troubles.empty()) mark(box, guest.troubles, {});
    graph_.lines.push_back({places_.at(bridge), found->second, !guest.troubles.empty()});
  }

  [[nodiscard]] bool filters(const LinkName& bridge) const {
    return filters_vlans(options_of(view_.links.at(bridge).link));
  }

  const View& view_;
  Graph graph_;
  std::map<LinkName, std::size_t> places_;
  std::map<unsigned, std::size_t> guests_;
};

}  // namespace

Graph make_graph(const View& view) {
  return Composer(view).compose();
}

}  // namespace vifchain::inline core::inline view
