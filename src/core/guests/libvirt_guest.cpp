// SPDX-License-Identifier: Apache-2.0
#include "core/guests/libvirt_guest.hpp"

#include "core/text/decimal.hpp"
#include "core/text/lines.hpp"

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
        return remark(Weight::obstacle, "<mac address='" + text +
                                            "'/> is no MAC: libvirt refuses it: give six bytes "
                                            "with colons, such as 00:16:3e:12:34:56");
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
      remark(Weight::warning,
             "type='ethernet' names no bridge, so libxl takes xenbr0: write "
             "type='bridge' with <source bridge='NAME'/>");
    } else {
      remark(Weight::obstacle,
             "type='" + type_ +
                 "' is none that libvirt's Xen driver has: the "
                 "guest does not start: bridge, network and ethernet are allowed");
    }
  }

  void take_bridge(const std::string& bridge) {
    if (bridge.empty())
      remark(Weight::obstacle, "type='bridge' has no <source bridge='NAME'/>: libvirt refuses it");
    else
      spec_.bridge = bridge + vlans_for_switch();
  }

  void read_network(const std::string& network) {
    const auto found = networks_.find(network);
    if (network.empty())
      remark(Weight::obstacle,
             "type='network' has no <source network='NAME'/>: libvirt refuses it");
    else if (found == networks_.end())
      remark(Weight::obstacle, "libvirt has no network " + network + " on this host: the guest " +
                                   "does not start: define it, or name a bridge");
    else if (found->second.empty())
      remark(Weight::obstacle, "libvirt's network " + network +
                                   " has no bridge, and the Xen driver needs one: the guest does "
                                   "not start");
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
    if (addresses.empty()) return;
    std::string text;
    for (const auto& address : addresses) text += (text.empty() ? "" : " ") + address;
    spec_.ip = text;
  }

  void read_script() {
    const auto script = attribute_of(element_, "script", "path");
    if (!script.empty() && type_ != "bridge" && type_ != "ethernet")
      remark(Weight::obstacle,
             "<script> is for type='bridge' and type='ethernet': libvirt "
             "refuses it here, and the guest does not start");
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
      return remark(Weight::note, "<target dev='" + name + "'/> is a name as libvirt makes them " +
                                      "itself: it means nothing");
    spec_.vifname = name;
  }

  void read_model() {
    const auto model = attribute_of(element_, "model", "type");
    if (model.empty()) return;
    spec_.model = model;
    spec_.emulated = model != "netfront";
    if (*spec_.emulated && guest_ == GuestType::pv)
      remark(Weight::obstacle, "<model type='" + model +
                                   "'/> is for HVM guests: libvirt refuses "
                                   "it, and this PV guest does not start: leave it out");
    else if (*spec_.emulated && guest_ == GuestType::pvh)
      remark(Weight::obstacle, "<model type='" + model +
                                   "'/> is for HVM guests: libxl refuses it, "
                                   "and this PVH guest does not start: leave it out");
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
             "<inbound> does not come through libvirt's Xen driver: what goes to "
             "the guest is not limited: set receive_rate in vifchain.toml");
  }

  void name_what_is_lost() {
    if (const auto mtu = attribute_of(element_, "mtu", "size"); !mtu.empty())
      remark(Weight::warning, "<mtu size='" + mtu + "'/> does not come through libvirt's Xen " +
                                  "driver: the vif has its bridge's: set mtu of the bridge");
    spec_.vlans_lost = !tags().empty() && !is_on_switch();
    if (spec_.vlans_lost)
      remark(Weight::obstacle,
             "<vlan> does not come through libvirt's Xen driver without <virtualport "
             "type='openvswitch'/>: the guest would be in the bridge's own VLAN: name it by "
             "<source bridge='NAME.VLAN'/>");
    if (element_.child("filterref") != nullptr)
      remark(Weight::warning,
             "<filterref> is not heeded by libvirt's Xen driver: nothing is "
             "filtered: set antispoof in vifchain.toml");
    if (attribute_of(element_, "port", "isolated") == "yes")
      remark(Weight::warning,
             "<port isolated='yes'/> does not come through libvirt's Xen driver: "
             "set isolated in vifchain.toml");
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
    refuse(domain, "there is <" + domain.name + "> where <domain> should be");
    return guest;
  }
  guest.name = text_of(domain, "name");
  guest.type = type_of(domain);
  if (guest.name.empty()) refuse(domain, "there is no <name>: libvirt refuses it");
  if (domain.attribute("type") != "xen") {
    guest.remarks.push_back(
        {domain.line,
         {Weight::note, "this is no guest of Xen (type='" + domain.attribute("type") + "')"}});
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
