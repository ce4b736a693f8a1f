// SPDX-License-Identifier: Apache-2.0
#include "core/guests/libvirt_guest.hpp"

#include "core/text/decimal.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"
#include "core/text/problem.hpp"

namespace vifchain::inline core::inline guests {
namespace {

constexpr std::uint32_t libvirt_interval = 50000;  // microseconds

std::string attribute_of(const XmlElement& parent, std::string_view child, std::string_view name) {
  const auto* element = parent.child(child);
  return element == nullptr ? std::string() : element->attribute(name);
}

std::string text_of(const XmlElement& parent, std::string_view child) {
  const auto* element = parent.child(child);
  return element == nullptr ? std::string() : std::string(trimmed(element->text));
}

// One <interface>.
class Interface {
 public:
  Interface(const XmlElement& element, GuestType guest, const NetworkBridges& networks)
      : element_(element), guest_(guest), networks_(networks), type_(element.attribute("type")) {}

  ConfiguredVif run() {
    read_mac();
    read_place();
    spec_.bridge_lost = !spec_.bridge && type_ != "ethernet";
    read_addresses();
    read_script();
    read_name();
    read_model();
    read_backend();
    read_bandwidth();
    name_what_is_lost();
    return {element_.line, in_words(), std::move(spec_)};
  }

 private:
  void remark(Weight weight, std::string text) {
    spec_.remarks.push_back({weight, std::move(text)});
  }

  [[nodiscard]] std::string in_words() const {
    std::string text = "<interface type='" + type_ + "'>";
    const auto mac = attribute_of(element_, "mac", "address");
    return mac.empty() ? text : text + " " + mac;
  }

  // virMacAddrParse takes one digit for a byte as well.
  void read_mac() {
    const auto text = attribute_of(element_, "mac", "address");
    if (text.empty()) return;
    Mac mac;
    std::size_t at = 0;
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
      const auto end = i + 1 < mac.bytes.size() ? text.find(':', at) : text.size();
      const auto digits = end == std::string::npos ? "" : text.substr(at, end - at);
      const auto byte =
          digits.size() > 2 ? std::nullopt : decimal<std::uint8_t>(std::string_view(digits), 16);
      if (!byte)
        return remark(Weight::obstacle,
                      problem("<mac address='" + text + "'/> is no MAC; libvirt refuses it",
                              "<mac address='00:16:3e:12:34:56'/>"));
      mac.bytes[i] = *byte;
      at = end + 1;
    }
    spec_.mac = mac;
  }

  void read_place() {
    if (type_ == "bridge") {
      take_bridge(attribute_of(element_, "source", "bridge"));
    } else if (type_ == "network") {
      read_network(attribute_of(element_, "source", "network"));
    } else if (type_ == "ethernet") {
      remark(Weight::warning, problem("type='ethernet' names no bridge, so libxl takes xenbr0",
                                      "type='bridge' with <source bridge='NAME'/>"));
    } else {
      remark(Weight::obstacle, "type: expected bridge, network or ethernet, found '" + type_ +
                                   "'; libvirt's Xen driver refuses the guest");
    }
  }

  void take_bridge(const std::string& bridge) {
    if (bridge.empty())
      remark(Weight::obstacle, "type='bridge' has no <source bridge='NAME'/>; libvirt refuses it");
    else
      spec_.bridge = bridge + vlans_for_switch();
  }

  void read_network(const std::string& network) {
    const auto found = networks_.find(network);
    if (network.empty())
      remark(Weight::obstacle,
             "type='network' has no <source network='NAME'/>; libvirt refuses it");
    else if (found == networks_.end())
      remark(Weight::obstacle, problem(network + ": no such libvirt network on this host; libvirt "
                                                 "refuses the guest",
                                       "virsh net-list --all"));
    else if (found->second.empty())
      remark(Weight::obstacle, network +
                                   ": this libvirt network has no bridge; libvirt's Xen driver "
                                   "refuses the guest");
    else
      spec_.bridge = found->second;
    if (spec_.bridge) *spec_.bridge += vlans_for_switch();
  }

  [[nodiscard]] bool is_on_switch() const {
    return attribute_of(element_, "virtualport", "type") == "openvswitch";
  }

  [[nodiscard]] std::vector<std::string> tags() const {
    std::vector<std::string> ids;
    if (const auto* vlan = element_.child("vlan"))
      for (const auto& tag : vlan->children)
        if (tag.name == "tag") ids.push_back(tag.attribute("id"));
    return ids;
  }

  // NAME.TAG, or NAME:VID:VID for a trunk: more than one tag always is.
  [[nodiscard]] std::string vlans_for_switch() const {
    const auto ids = tags();
    if (!is_on_switch() || ids.empty()) return {};
    const bool trunk = ids.size() > 1 || attribute_of(element_, "vlan", "trunk") == "yes";
    if (!trunk) return "." + ids.front();
    std::string text;
    for (const auto& id : ids) text += ":" + id;
    return text;
  }

  void read_addresses() {
    std::vector<std::string> addresses;
    for (const auto& child : element_.children)
      if (child.name == "ip") addresses.push_back(child.attribute("address"));
    if (!addresses.empty()) spec_.ip = joined(addresses, {}, " ");
  }

  void read_script() {
    const auto script = attribute_of(element_, "script", "path");
    if (!script.empty() && type_ != "bridge" && type_ != "ethernet")
      remark(Weight::obstacle,
             "<script> is for type='bridge' and type='ethernet'; libvirt refuses the guest");
    if (!script.empty())
      spec_.script = script;
    else if (is_on_switch())
      spec_.script = "vif-openvswitch";
  }

  // Names that libvirt makes are not kept.
  void read_name() {
    const auto name = attribute_of(element_, "target", "dev");
    if (name.empty()) return;
    if (name.starts_with("vif") || name.starts_with("vnet"))
      return remark(Weight::note, "libvirt ignores <target dev='" + name +
                                      "'/>, a name of the kind that it gives itself");
    spec_.vifname = name;
  }

  void read_model() {
    const auto model = attribute_of(element_, "model", "type");
    if (model.empty()) return;
    spec_.model = model;
    spec_.emulated = model != "netfront";
    if (*spec_.emulated && guest_ != GuestType::hvm)
      remark(Weight::obstacle, "<model type='" + model + "'/> is for HVM guests; " +
                                   (guest_ == GuestType::pv ? "libvirt refuses this PV guest"
                                                            : "libxl refuses this PVH guest"));
  }

  void read_backend() {
    if (const auto name = attribute_of(element_, "backenddomain", "name"); !name.empty())
      spec_.backend = name;
  }

  // In KiB a second, what the guest sends alone.
  void read_bandwidth() {
    const auto* bandwidth = element_.child("bandwidth");
    if (bandwidth == nullptr) return;
    const auto average = decimal<std::uint32_t>(attribute_of(*bandwidth, "outbound", "average"));
    if (average && *average != 0)
      spec_.rate =
          VifRate{std::uint64_t{*average} * 1024 * libvirt_interval / 1'000'000, libvirt_interval};
    if (bandwidth->child("inbound") != nullptr)
      remark(Weight::warning,
             problem("libvirt's Xen driver ignores <inbound>: traffic to the guest is not limited",
                     "receive_rate = \"100Mbit\" in vifchain.toml"));
  }

  void name_what_is_lost() {
    if (const auto mtu = attribute_of(element_, "mtu", "size"); !mtu.empty())
      remark(Weight::warning, problem("libvirt's Xen driver ignores <mtu size='" + mtu +
                                          "'/>: the vif has the mtu of its bridge",
                                      "mtu = " + mtu + " for that bridge in vifchain.toml"));
    spec_.vlans_lost = !tags().empty() && !is_on_switch();
    if (spec_.vlans_lost)
      remark(
          Weight::obstacle,
          problem("libvirt's Xen driver ignores <vlan> without <virtualport type='openvswitch'/>: "
                  "the guest would be in the bridge's own VLAN",
                  "<source bridge='NAME.VLAN'/>"));
    if (element_.child("filterref") != nullptr)
      remark(Weight::warning,
             problem("libvirt's Xen driver ignores <filterref>: nothing is filtered",
                     "antispoof = \"mac\" in vifchain.toml"));
    if (attribute_of(element_, "port", "isolated") == "yes")
      remark(Weight::warning, problem("libvirt's Xen driver ignores <port isolated='yes'/>",
                                      "isolated = true in vifchain.toml"));
  }

  const XmlElement& element_;
  GuestType guest_;
  const NetworkBridges& networks_;
  std::string type_;
  VifSpec spec_;
};

GuestType type_of(const XmlElement& domain) {
  const auto* os = domain.child("os");
  const auto type = os == nullptr ? std::string() : text_of(*os, "type");
  if (type == "hvm") return GuestType::hvm;
  return type == "xenpvh" ? GuestType::pvh : GuestType::pv;
}

// A NIC that is passed through is no vif.
std::vector<const XmlElement*> interfaces_of(const XmlElement& domain) {
  std::vector<const XmlElement*> interfaces;
  if (const auto* devices = domain.child("devices"))
    for (const auto& device : devices->children)
      if (device.name == "interface" && device.attribute("type") != "hostdev")
        interfaces.push_back(&device);
  return interfaces;
}

}  // namespace

GuestConfig read_libvirt_guest(const std::string& file, const XmlElement& domain,
                               const NetworkBridges& networks) {
  GuestConfig guest{.file = file, .name = {}, .by_libvirt = true};
  const auto refuse = [&](const XmlElement& element, const std::string& text) {
    guest.remarks.push_back({element.line, {Weight::obstacle, text}});
  };
  if (domain.name != "domain") {
    refuse(domain, "expected <domain>, found <" + domain.name + ">");
    return guest;
  }
  guest.name = text_of(domain, "name");
  guest.type = type_of(domain);
  if (guest.name.empty()) refuse(domain, "no <name>; libvirt refuses it");
  if (domain.attribute("type") != "xen") {
    guest.remarks.push_back(
        {domain.line, {Weight::note, "not a Xen guest (type='" + domain.attribute("type") + "')"}});
    return guest;
  }
  for (const auto* element : interfaces_of(domain))
    guest.vifs.push_back(Interface(*element, guest.type, networks).run());
  return guest;
}

std::vector<std::string> networks_of(const XmlElement& domain) {
  std::vector<std::string> names;
  for (const auto* element : interfaces_of(domain))
    if (element->attribute("type") == "network")
      if (auto name = attribute_of(*element, "source", "network"); !name.empty())
        names.push_back(std::move(name));
  return names;
}

std::string bridge_of_network(const XmlElement& network) {
  return network.name == "network" ? attribute_of(network, "bridge", "name") : std::string();
}

}  // namespace vifchain::inline core::inline guests
