// SPDX-License-Identifier: Apache-2.0
#include "convert/export/outline.hpp"

#include <algorithm>
#include <set>

#include "convert/import/toml_text.hpp"
#include "core/model/vlan_name.hpp"
#include "core/plan/dhcp.hpp"

namespace vifchain::inline convert {
namespace {

class Walk {
 public:
  explicit Walk(const Topology& topology) : topology_(topology) {}

  std::vector<const Link*> run() {
    for (const auto& [name, link] : topology_.links)
      if (!link.controller) visit(link);
    return std::move(order_);
  }

 private:
  void visit(const Link& link) {
    if (!seen_.insert(link.name).second) return;
    for (const auto& port : ports_of(topology_, link.name)) visit(topology_.links.at(port));
    if (const auto* parent = parent_of(link)) visit(top_of(topology_.links.at(*parent)));
    order_.push_back(&link);
  }

  // Ports come with the link whose ports they are, all at once.
  const Link& top_of(const Link& link) {
    const Link* top = &link;
    while (top->controller && !seen_.contains(top->name))
      top = &topology_.links.at(*top->controller);
    return *top;
  }

  const Topology& topology_;
  std::vector<const Link*> order_;
  std::set<LinkName> seen_;
};

std::string text_of(const VidRanges& ranges) {
  std::string text;
  for (const auto& range : ranges) text += (text.empty() ? "" : ",") + vifchain::text_of(range);
  return text;
}

}  // namespace

std::vector<const Link*> in_order(const Topology& topology) {
  return Walk(topology).run();
}

Options all_options(const Link& link) {
  Options options = options_of(link);
  for (const auto& [option, value] : link.birth.options)
    if (!options.contains(option)) options[option] = value;
  return options;
}

const std::vector<LinkName>& ports_of(const Topology& topology, const LinkName& name) {
  static const std::vector<LinkName> none;
  const auto found = topology.ports.find(name);
  return found == topology.ports.end() ? none : found->second;
}

std::vector<const Link*> vlans_on(const Topology& topology, const LinkName& name) {
  std::vector<const Link*> vlans;
  for (const auto& [vlan, link] : topology.links)
    if (const auto* parent = parent_of(link); parent != nullptr && *parent == name)
      vlans.push_back(&link);
  return vlans;
}

bool in_bond(const Topology& topology, const Link& link) {
  return link.controller && std::holds_alternative<Bond>(topology.links.at(*link.controller).kind);
}

const Hosting& hosting_of(const Topology& topology, const LinkName& name) {
  static const Hosting none;
  const auto found = topology.hosting.find(name);
  return found == topology.hosting.end() ? none : found->second;
}

bool is_gateway(const Route& route) {
  return route.to.prefix == 0 && route.via && route == default_route(*route.via);
}

std::string target_of(const Route& route) {
  return route.to.prefix == 0 ? "default" : route.to.str();
}

std::string metric_of(const Route& route) {
  const std::uint32_t usual = route.to.address.v6 ? usual_metric6 : 0;
  return route.metric == usual ? std::string() : std::to_string(route.metric);
}

VidRanges tagged_vlans(const Link& port) {
  VidRanges ranges;
  for (const auto& vlan : port.vlans.value_or(std::vector<PortVlan>{})) {
    if (vlan.untagged) continue;
    const bool next = !ranges.empty() && ranges.back().second.number() + 1 == vlan.id.number();
    if (next)
      ranges.back().second = vlan.id;
    else
      ranges.emplace_back(vlan.id, vlan.id);
  }
  return ranges;
}

std::optional<VlanId> pvid_of(const Link& port) {
  for (const auto& vlan : port.vlans.value_or(std::vector<PortVlan>{}))
    if (vlan.pvid) return vlan.id;
  return std::nullopt;
}

std::string text_of(const std::pair<VlanId, VlanId>& range) {
  const auto first = std::to_string(range.first.number());
  return range.first == range.second ? first : first + "-" + std::to_string(range.second.number());
}

Lost::Lost(const Topology& topology, std::string format) : format_(std::move(format)) {
  const auto say = [&](std::string text) { sentences_.push_back({{}, std::move(text)}); };
  for (const auto& pattern : topology.templates)
    say("The bridges of the template " + pattern_of(pattern) + " (VLANs " + text_of(pattern.vids) +
        ") are made when a guest asks for one, which only vifchain does.");
  if (topology.vif != VifPolicy{} || topology.default_bridge)
    say("[vif], which bridge and what policy guests get, is for vifchain alone.");
  for (const auto& [name, policy] : topology.policies)
    if (policy != VifPolicy{}) add(name, "its policy for guests is for vifchain alone.");
  for (const auto& [name, teardown] : topology.teardowns)
    if (teardown.last_vif)
      add(name, "that it goes with its last vif (teardown) is for vifchain alone.");
  for (const auto& [name, link] : topology.links)
    if (link.slb)
      add(name,
          "mode balance-slb is balance-xor with xmit_hash_policy vlan+srcmac and rules in nftables "
          "that only vifchain makes: without them guests hear frames twice.");
  std::set<DhcpProgram> clients;
  for (const auto& [name, hosting] : topology.hosting)
    if (hosting.dhcp != Dhcp::off && hosting.dhcp_client) clients.insert(*hosting.dhcp_client);
  for (const auto client : clients)
    say("The DHCP client is the one that " + format_ + " takes, not " + name_of(client) +
        " by name.");
}

void Lost::add(const LinkName& link, const std::string& what) {
  sentences_.push_back({link.str(), link.str() + ": " + what});
}

void Lost::add(const LinkName& link, Option option, const Value& value) {
  add(link, std::string(spec(option).key) + " = " + show(option, value) + " cannot be said in " +
                format_ + ".");
}

std::vector<std::string> Lost::of_host() const {
  return of(std::string_view());
}

std::vector<std::string> Lost::of(const LinkName& link) const {
  return of(link.str());
}

std::vector<std::string> Lost::of(std::string_view link) const {
  std::vector<std::string> texts;
  for (const auto& sentence : sentences_)
    if (sentence.link == link) texts.push_back(sentence.text);
  return texts;
}

std::vector<std::string> Lost::all() const {
  std::vector<std::string> texts;
  for (const auto& sentence : sentences_) texts.push_back(sentence.text);
  return texts;
}

std::string comments(const std::vector<std::string>& sentences, std::string_view indent) {
  std::string text;
  for (const auto& sentence : sentences)
    for (const auto& line : comment_lines(sentence, indent)) text += line + "\n";
  return text;
}

}  // namespace vifchain::inline convert
