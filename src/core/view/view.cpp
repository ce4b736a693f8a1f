// SPDX-License-Identifier: Apache-2.0
#include "core/view/view.hpp"

#include <algorithm>
#include <set>

#include "core/model/links.hpp"
#include "core/plan/plan.hpp"
#include "core/text/find.hpp"
#include "core/view/differences.hpp"
#include "core/view/troubles.hpp"
#include "core/view/words.hpp"

namespace vifchain::inline core::inline view {
namespace {

class Builder {
 public:
  explicit Builder(const Sight& sight) : sight_(sight) {
    if (sight.topology) {
      file_ = whole_stack(*sight.topology, sight.links);
      bridges_ = bridges_in_order(*sight.topology, file_);
      differences_ = differences_from(*sight.topology, file_, sight.links);
    }
    for (const auto& [name, link] : sight.links)
      if (link.controller) ports_[*link.controller].push_back(name);
  }

  View build() {
    find_guests();
    for (const auto& guest : view_.guests) add_links_of(guest);
    add_bridges();
    add_loose();
    for (std::size_t i = 0; i < view_.guests.size(); ++i) place(i);
    for (auto& [name, link] : view_.links) find_troubles(link);
    for (auto& guest : view_.guests) find_troubles(guest);
    for (const auto& [port, filter] : sight_.left_over) view_.left_over.push_back(port);
    return std::move(view_);
  }

 private:
  // --- guests

  void find_guests() {
    for (const auto& [name, state] : sight_.states) {
      known_.emplace(name.str(), name);
      for (const auto& other : state.other_names) known_.emplace(other.str(), name);
    }
    std::map<VifId, GuestVif> all;
    for (const auto& vif : sight_.vifs) all.emplace(vif.vif, vif);
    for (const auto& [text, name] : known_)
      if (const auto vif = vif_of_port_name(text)) all.try_emplace(*vif, GuestVif{.vif = *vif});
    for (auto& [id, vif] : all) view_.guests.push_back(guest_of(std::move(vif)));
  }

  [[nodiscard]] std::optional<LinkName> known(const std::string& name) const {
    const auto* found = find_in(known_, name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }

  [[nodiscard]] GuestView guest_of(GuestVif vif) const {
    const std::string key = vif.vif.str();
    GuestView guest{.vif = std::move(vif)};
    if (!guest.vif.here) return guest;
    guest.link =
        guest.vif.link && sight_.links.contains(*guest.vif.link) ? guest.vif.link : known(key);
    guest.emulated = known(key + "-emu");
    if (!guest.emulated) guest.emulated = known("tap" + key.substr(3));
    for (const auto& port : {guest.emulated, guest.link})
      if (port)
        if (const auto& filter = sight_.links.at(*port).filter; filter && !filter->spoilt)
          if (filter->mode != Antispoof::off) guest.antispoof = filter->mode;
    look_at_policy(guest);
    return guest;
  }

  // Beside the port's own name where there are two.
  void look_at_policy(GuestView& guest) const {
    for (const auto& port : {guest.link, guest.emulated}) {
      if (!port) continue;
      const std::string before = port == guest.link ? "" : port->str() + ": ";
      if (const auto* odd = find_in(sight_.odd_ports, *port))
        guest.troubles.push_back(before + *odd);
      if (const Link* want = link_in(sight_.ports, *port))
        for (const auto& difference : differences(*want, sight_.links.at(*port)))
          guest.troubles.push_back(before + difference);
    }
  }

  void add_links_of(const GuestView& guest) {
    for (const auto& name : {guest.link, guest.emulated})
      if (name && add_one(*name)) guest_links_.insert(*name);
  }

  // On the bridge that its link is a port of; one without a link where it is to be.
  void place(std::size_t which) {
    GuestView& guest = view_.guests[which];
    for (const auto& port : {guest.emulated, guest.link})
      if (port && view_.links.at(*port).link.controller)
        guest.on = view_.links.at(*port).link.controller;
    auto where = guest.on;
    if (!guest.link && !guest.emulated && guest.vif.here) where = LinkName::parse(guest.vif.bridge);
    const auto bridge = std::ranges::find_if(
        view_.bridges, [&](const BridgeView& each) { return where == each.name; });
    if (bridge == view_.bridges.end())
      view_.elsewhere.push_back(which);
    else
      bridge->guests.push_back(which);
  }

  // --- links

  void add_bridges() {
    std::set<LinkName> done;
    for (const auto& name : bridges_) {
      view_.bridges.push_back({name});
      done.insert(name);
      add(name);
    }
    for (const auto& [name, link] : sight_.links) {
      if (!is<Bridge>(link) || done.contains(name)) continue;
      view_.bridges.push_back({name});
      add(name);
    }
  }

  // What no bridge stands on: of ours, or the file's. Nothing is listed that is below another.
  void add_loose() {
    std::set<LinkName> below;
    std::vector<LinkName> names;
    for (const auto& [name, link] : file_.links)
      if (!view_.links.contains(name)) names.push_back(name);
    for (const auto& [name, link] : sight_.links)
      if (link.ours && !view_.links.contains(name) && !file_.links.contains(name))
        names.push_back(name);
    for (const auto& name : names) add(name);
    for (const auto& name : names)
      for (const auto& lower : view_.links.at(name).below) below.insert(lower);
    for (const auto& name : names)
      if (!below.contains(name)) view_.loose.push_back(name);
  }

  void add(const LinkName& name) {
    if (!add_one(name)) return;
    const auto below = view_.links.at(name).below = below_of(view_.links.at(name).link);
    for (const auto& lower : below) add(lower);
  }

  // False when it is there already.
  bool add_one(const LinkName& name) {
    const Link *there = link_in(sight_.links, name), *wanted = link_in(file_.links, name);
    LinkView view{.link = there != nullptr    ? *there
                          : wanted != nullptr ? *wanted
                                              : Link{.name = name},
                  .state = value_in(sight_.states, name),
                  .there = there != nullptr,
                  .line = line_of(name),
                  .in_file = wanted != nullptr,
                  .differences = value_in(differences_, name)};
    look_for_clients(view);
    return view_.links.emplace(name, std::move(view)).second;
  }

  void look_for_clients(LinkView& view) const {
    for (const auto& client : sight_.clients)
      if (client.link == view.link.name) view.clients.push_back(client);
    if (!sight_.topology || !view.there) return;
    const auto* hosting = find_in(sight_.topology->hosting, view.link.name);
    for (auto& text : dhcp_differences(hosting, view.clients))
      view.differences.push_back(std::move(text));
  }

  [[nodiscard]] unsigned line_of(const LinkName& name) const {
    return sight_.topology ? value_in(sight_.topology->places, name).line : 0;
  }

  [[nodiscard]] std::vector<LinkName> below_of(const Link& link) const {
    if (const auto* parent = parent_of(link)) return {*parent};
    if (is<Given>(link)) return {};
    auto below = value_in(file_.ports, link.name);
    for (const auto& port : value_in(ports_, link.name))
      if (!guest_links_.contains(port) && std::ranges::find(below, port) == below.end())
        below.push_back(port);
    return below;
  }

  // --- troubles

  const LinkView* find(const std::optional<LinkName>& name) const {
    return name ? find_in(view_.links, *name) : nullptr;
  }

  void find_troubles(LinkView& link) const {
    if (!link.there || guest_links_.contains(link.link.name)) return;
    std::vector<const LinkView*> ports;
    for (const auto& name : link.below) ports.push_back(find(name));
    link.troubles = troubles_of(link, find(link.link.controller), ports);
  }

  void find_troubles(GuestView& guest) const {
    for (auto& trouble : troubles_of(guest, find(guest.link)))
      guest.troubles.push_back(std::move(trouble));
  }

  const Sight& sight_;
  Stack file_;
  std::vector<LinkName> bridges_;  // of the file
  std::map<LinkName, std::vector<std::string>> differences_;
  std::map<LinkName, std::vector<LinkName>> ports_;  // of each controller in the kernel, by name
  std::map<std::string, LinkName> known_;            // links by every name they have
  std::set<LinkName> guest_links_;
  View view_;
};

std::string where_in_file(const LinkView& link) {
  return link.line == 0 ? "" : " (line " + std::to_string(link.line) + " of the file)";
}

// The link and what it stands on.
void take(const View& whole, const LinkName& name, View& part) {
  const auto& link = whole.links.at(name);
  if (!part.links.emplace(name, link).second) return;
  for (const auto& lower : link.below) take(whole, lower, part);
}

}  // namespace

View make_view(const Sight& sight) {
  return Builder(sight).build();
}

std::vector<std::string> bridges_of(const View& view) {
  std::vector<std::string> names;
  for (const auto& bridge : view.bridges) names.push_back(bridge.name.str());
  return names;
}

View narrowed(const View& view, const std::vector<LinkName>& bridges) {
  View part;
  for (const auto& bridge : view.bridges) {
    if (std::ranges::find(bridges, bridge.name) == bridges.end()) continue;
    BridgeView kept{bridge.name};
    take(view, bridge.name, part);
    for (const auto which : bridge.guests) {
      kept.guests.push_back(part.guests.size());
      const auto& guest = part.guests.emplace_back(view.guests[which]);
      for (const auto& name : {guest.link, guest.emulated})
        if (name) take(view, *name, part);
    }
    part.bridges.push_back(std::move(kept));
  }
  return part;
}

std::vector<std::string> all_wrong(const View& view) {
  std::vector<std::string> lines;
  for (const auto& [name, link] : view.links)
    for (const auto& text : link.differences)
      lines.push_back(name.str() + ": " + text + where_in_file(link));
  for (const auto& [name, link] : view.links)
    for (const auto& text : link.troubles) lines.push_back(name.str() + ": " + text);
  for (const auto& guest : view.guests)
    for (const auto& text : guest.troubles) lines.push_back(guest_in_words(guest) + ": " + text);
  for (const auto& port : view.left_over)
    lines.push_back(port.str() + ": filter left over, no such link on this host");
  return lines;
}

}  // namespace vifchain::inline core::inline view
