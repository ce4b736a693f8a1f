// SPDX-License-Identifier: Apache-2.0
#include "flow/vif/port_link.hpp"

#include "core/vif/request.hpp"
#include "core/vif/vif_name.hpp"
#include "edge/base/error.hpp"
#include "edge/kernel/vif_netdev.hpp"
#include "edge/parse/toml.hpp"
#include "edge/state/chain_cache.hpp"
#include "flow/run/converge.hpp"
#include "flow/vif/guest_filters.hpp"

namespace vifchain::inline flow::inline vif {
namespace {

std::string domain_path(unsigned domid) {
  return "/local/domain/" + std::to_string(domid);
}

// Nothing where it may not be read, as other guests' nodes in a driver domain; "" where there is no
// such node.
std::optional<std::string> node(Env& env, const std::string& path) {
  try {
    return env.store.read(path).value_or("");
  } catch (const Error& error) {
    if (error.code() != std::errc::permission_denied) throw;
    return std::nullopt;
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
std::optional<Holder> holder_of(Env& env, const LinkName& name) {
  if (const auto vif = vif_of_netdev(name.str(), env.places.sysfs))
    return Holder{{vif->first, vif->second},
                  LinkName::parse(VifId{vif->first, vif->second}.str()).value()};
  for (const auto& other : env.names.others(name))
    if (const auto vif = vif_of_port_name(other.str())) return Holder{*vif, other};
  return std::nullopt;
}

// Its backend is this domain's own, where it may always be looked at.
bool is_gone(Env& env, const VifId& vif) {
  return !env.store.read(vif.backend());
}

bool is_same_guest(Env& env, unsigned mine, const VifId& other) {
  if (mine == other.domid) return true;
  const auto other_vm = node(env, domain_path(other.domid) + "/vm");
  const auto name = node(env, domain_path(other.domid) + "/name");
  if (!other_vm || !name) return is_gone(env, other);
  if (other_vm->empty() && name->empty()) return true;  // it is gone, and its link on its way
  if (!other_vm->empty() && other_vm == node(env, domain_path(mine) + "/vm")) return true;
  const auto my_name = node(env, domain_path(mine) + "/name").value_or("");
  return !name->empty() && without_suffix(*name) == without_suffix(my_name);
}

std::string in_words(Env& env, const std::optional<Holder>& holder) {
  if (!holder) return "and it is no guest's";
  const auto guest = node(env, domain_path(holder->vif.domid) + "/name").value_or("");
  return "it is " + holder->own_name.str() + " of " +
         (guest.empty()
              ? "domain " + std::to_string(holder->vif.domid)
              : "the guest \"" + guest + "\" (domain " + std::to_string(holder->vif.domid) + ")");
}

// The vifname, of which an emulated NIC's link has its own.
LinkName without_emulated(const VifEvent& event, const LinkName& name) {
  const std::string& text = name.str();
  const std::string suffix = emulated_name("");
  if (!event.for_tap() || !text.ends_with(suffix)) return name;
  return LinkName::parse(text.substr(0, text.size() - suffix.size())).value_or(name);
}

// A file that is not there names nothing; one with a mistake has been refused before.
std::string why_it_is_the_files(Env& env, const LinkName& name) {
  if (!FileIdentity::of(env.places.config)) return {};
  const auto topology = load_topology(env.places.config);
  const auto* right = std::get_if<Topology>(&topology);
  const auto why = right == nullptr ? "" : vifchain::why_it_is_the_files(name, *right);
  return why.empty() ? "" : why + ", " + env.places.config;
}

void refuse_name_of_others(Env& env, const VifEvent& event, const LinkName& from,
                           const LinkName& name) {
  const LinkName vifname = without_emulated(event, name);
  auto why = why_not_its_name(vifname.str(), event.vif);
  if (why.empty()) why = why_it_is_the_files(env, vifname);
  if (!why.empty())
    throw Refusal("Cannot rename interface " + from.str() + " to " + name.str() + ": " +
                  vifname.str() + " " + why + "; give the vif another vifname");
}

}  // namespace

LinkName quick_name(const Env& env, const VifEvent& event) {
  if (event.for_tap())
    return LinkName::parse(event.tap).value_or(LinkName::parse(event.key()).value());
  const auto name = netdev_of_vif(event.vif.domid, event.vif.devid, env.places.sysfs);
  return LinkName::parse(name.value_or(event.key())).value();
}

std::optional<LinkName> find_port(Env& env, const VifEvent& event) {
  if (!event.for_tap())
    if (const auto name = netdev_of_vif(event.vif.domid, event.vif.devid, env.places.sysfs))
      return LinkName::parse(*name);
  const auto own = LinkName::parse(event.for_tap() ? event.tap : event.key());
  return own ? env.names.present(*own) : std::nullopt;
}

std::optional<Link> read_port(Env& env, const LinkName& name) {
  Actual links = env.kernel.snapshot({{.name = name, .vlans = true}});
  const auto found = links.find(name);
  return found == links.end() ? std::nullopt : std::optional(std::move(found->second));
}

// A port mostly has the name that sysfs tells.
std::optional<Link> present_port(Env& env, const VifEvent& event) {
  if (auto link = read_port(env, quick_name(env, event))) return link;
  const auto name = find_port(env, event);
  return name ? read_port(env, *name) : std::nullopt;
}

void take_name(Env& env, const VifEvent& event, const LinkName& from, const LinkName& name) {
  const auto taken = env.names.present(name);
  const bool is_taken = taken && *taken != from;
  const auto holder = is_taken ? holder_of(env, *taken) : std::nullopt;
  if (is_taken && (!holder || !is_same_guest(env, event.vif.domid, holder->vif) ||
                   holder->own_name == name || *taken != name))
    throw Refusal("Cannot rename interface " + from.str() + ". An interface with name " +
                  name.str() + " already exists: " + in_words(env, holder) +
                  "; give the vif another vifname");
  refuse_name_of_others(env, event, from, name);
  if (is_taken) {
    env.log.info(name.str() + " is called " + holder->own_name.str() + " again: " + from.str() +
                 " of the same guest takes the name");
    behind_filter(env.filter, holder->own_name.str(), name, holder->own_name,
                  [&] { env.names.rename(name, holder->own_name); });
  }
  env.names.rename(from, name);
}

}  // namespace vifchain::inline flow::inline vif
