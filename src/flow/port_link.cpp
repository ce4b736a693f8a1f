#include "flow/port_link.hpp"

#include "edge/kernel/netdev.hpp"
#include "flow/reach.hpp"

namespace vifchain {
namespace {

std::string domain_path(unsigned domid) {
  return "/local/domain/" + std::to_string(domid);
}

std::string node(Site& site, const std::string& path) {
  try {
    return site.store.read(path).value_or("");
  } catch (const std::exception&) {
    return {};  // a driver domain may not look at other guests
  }
}

// xl calls the guest that arrives NAME--incoming until the old one is gone (xl_migrate.c).
std::string without_suffix(std::string name) {
  constexpr std::string_view incoming = "--incoming";
  if (name.ends_with(incoming)) name.resize(name.size() - incoming.size());
  return name;
}

struct Holder {
  VifId vif;
  LinkName own_name;  // the kernel's, "vif5.0" or "vif5.0-emu"
};

// Whose link this is, by its xenbus device or by a name it had before.
std::optional<Holder> holder_of(Site& site, const LinkName& name) {
  if (const auto vif = vif_of_netdev(name.str(), site.places.sysfs))
    return Holder{{vif->first, vif->second},
                  LinkName::parse(VifId{vif->first, vif->second}.str()).value()};
  for (const auto& other : site.names.others(name))
    if (const auto vif = vif_of_port_name(other.str())) return Holder{*vif, other};
  return std::nullopt;
}

bool is_same_guest(Site& site, unsigned mine, unsigned other) {
  if (mine == other) return true;
  const auto other_vm = node(site, domain_path(other) + "/vm");
  const auto name = node(site, domain_path(other) + "/name");
  if (other_vm.empty() && name.empty()) return true;  // it is gone, and its link on its way
  if (!other_vm.empty() && other_vm == node(site, domain_path(mine) + "/vm")) return true;
  const auto my_name = node(site, domain_path(mine) + "/name");
  return !name.empty() && without_suffix(name) == without_suffix(my_name);
}

std::string in_words(Site& site, const std::optional<Holder>& holder) {
  if (!holder) return "and it is no guest's";
  const auto guest = node(site, domain_path(holder->vif.domid) + "/name");
  return "it is " + holder->own_name.str() + " of " +
         (guest.empty()
              ? "domain " + std::to_string(holder->vif.domid)
              : "the guest \"" + guest + "\" (domain " + std::to_string(holder->vif.domid) + ")");
}

}  // namespace

LinkName quick_name(const Site& site, const VifEvent& event) {
  if (event.for_tap()) return LinkName::parse(event.tap).value_or(*LinkName::parse(event.key()));
  const auto name = netdev_of_vif(event.vif.domid, event.vif.devid, site.places.sysfs);
  return LinkName::parse(name.value_or(event.key())).value();
}

std::optional<LinkName> find_port(Site& site, const VifEvent& event) {
  if (!event.for_tap())
    if (const auto name = netdev_of_vif(event.vif.domid, event.vif.devid, site.places.sysfs))
      return LinkName::parse(*name);
  const auto own = LinkName::parse(event.for_tap() ? event.tap : event.key());
  return own ? site.names.present(*own) : std::nullopt;
}

std::optional<Link> read_port(Site& site, const LinkName& name) {
  Actual links = site.kernel.snapshot({{.name = name, .vlans = true}});
  const auto found = links.find(name);
  return found == links.end() ? std::nullopt : std::optional(std::move(found->second));
}

// A port mostly has the name that sysfs tells.
std::optional<Link> present_port(Site& site, const VifEvent& event) {
  if (auto link = read_port(site, quick_name(site, event))) return link;
  const auto name = find_port(site, event);
  return name ? read_port(site, *name) : std::nullopt;
}

void take_name(Site& site, const VifEvent& event, const LinkName& from, const LinkName& name) {
  if (const auto taken = site.names.present(name); taken && *taken != from) {
    const auto holder = holder_of(site, *taken);
    if (!holder || !is_same_guest(site, event.vif.domid, holder->vif.domid) ||
        holder->own_name == name || *taken != name)
      throw Refusal("Cannot rename interface " + from.str() + ". An interface with name " +
                    name.str() + " already exists: " + in_words(site, holder) +
                    "; give the vif another vifname");
    site.log.info(name.str() + " is called " + holder->own_name.str() + " again: " + from.str() +
                  " of the same guest takes the name");
    site.names.rename(name, holder->own_name);
  }
  site.names.rename(from, name);
}

}  // namespace vifchain
