// SPDX-License-Identifier: Apache-2.0
// Steps and differences in words.
#include "core/model/rate.hpp"
#include "core/plan/compare.hpp"
#include "core/plan/plan.hpp"

namespace vifchain::inline core::inline plan {
namespace {

template <class... F>
struct Cases : F... {
  using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;

std::string show_in(const Link* link, Option option, const Value& value) {
  return option == Option::bond_mode && link != nullptr ? mode_word(*link) : show(option, value);
}

// `link`: the one that has them, where that tells more.
std::string list(const Options& options, const Link* link = nullptr) {
  std::string text;
  for (const auto& [option, value] : options) {
    if (!text.empty()) text += ", ";
    text += std::string(spec(option).key) + " " + show_in(link, option, value);
  }
  return text;
}

std::string show_vlan(const PortVlan& vlan) {
  return std::to_string(vlan.id.number()) + (vlan.pvid ? " pvid" : "") +
         (vlan.untagged ? " untagged" : "");
}

std::string show_entry(const FdbEntry& entry) {
  if (!entry.vlan) return entry.mac.str();
  return entry.mac.str() + " in VLAN " + std::to_string(entry.vlan->number());
}

std::string ports_in_words(const std::vector<LinkName>& ports) {
  std::string text;
  for (const auto& port : ports) text += (text.empty() ? "" : ", ") + port.str();
  return text.empty() ? "none" : text;
}

std::string rules_in_words(const SlbRules& rules) {
  return rules.spoilt ? "spoilt" : ports_in_words(rules.ports);
}

// What the guest may be: "mac-ip for 02:00:00:00:00:05 with 192.0.2.5".
std::string filter_in_words(const PortFilter& filter) {
  std::string text(word_of(filter.mode));
  if (filter.mode != Antispoof::mac && filter.mode != Antispoof::mac_ip) return text;
  text += " for " + filter.mac.str();
  std::string_view before = " with ";
  for (const auto& one : filter.addresses) {
    text.append(before).append(one.prefix == one.address.bits() ? one.address.str() : one.str());
    before = ", ";
  }
  before = " but never ";
  for (const auto& one : filter.routers) {
    text.append(before).append(one.str());
    before = ", ";
  }
  return text;
}

std::string rate_in_words(std::uint64_t rate) {
  return rate == 0 ? "none" : show_rate(rate);
}

std::string kind_and_options(const Link& link) {
  Options options = options_of(link);
  for (const auto& [option, value] : link.birth.options) options.emplace(option, value);
  std::string text = kind_in_words(link.kind);
  if (const auto* vlan = std::get_if<Vlan>(&link.kind))
    text = "VLAN " + std::to_string(vlan->id.number()) + " on " + vlan->parent.str() +
           (vlan->protocol == VlanProtocol::ieee_802_1ad ? ", 802.1ad" : "");
  if (!options.empty()) text += " (" + list(options, &link) + ")";
  if (link.controller) text += ", as a port of " + link.controller->str();
  return text;
}

std::string membership(const SetVlans& op) {
  std::string text;
  for (const auto& vlan : op.add) text += (text.empty() ? "add " : ", ") + show_vlan(vlan);
  for (std::size_t i = 0; i < op.remove.size(); ++i)
    text += (i > 0          ? ", "
             : text.empty() ? "remove "
                            : "; remove ") +
            std::to_string(op.remove[i].number());
  return text;
}

std::string routes(const SetRoutes& op) {
  std::string text;
  for (const auto& route : op.add) text += (text.empty() ? "add " : ", ") + route.str();
  for (std::size_t i = 0; i < op.remove.size(); ++i)
    text += (i > 0 ? ", " : text.empty() ? "remove " : "; remove ") + op.remove[i].str();
  return text;
}

std::string addresses(const SetAddresses& op) {
  std::string text;
  for (const auto& address : op.add) text += (text.empty() ? "add " : ", ") + address.str();
  for (std::size_t i = 0; i < op.remove.size(); ++i)
    text += (i > 0 ? ", " : text.empty() ? "remove " : "; remove ") + op.remove[i].str();
  return text;
}

std::string entries(const SetFdb& op) {
  std::string text;
  for (std::size_t i = 0; i < op.remove.size(); ++i)
    text += (i > 0 ? ", " : "remove ") + show_entry(op.remove[i]);
  for (std::size_t i = 0; i < op.add.size(); ++i)
    text += (i > 0 ? ", " : text.empty() ? "add " : "; add ") + show_entry(op.add[i]);
  return text;
}

std::string fdb_in_words(const std::vector<FdbEntry>& fdb) {
  std::string text;
  for (const auto& entry : fdb) text += (text.empty() ? "" : ", ") + show_entry(entry);
  return text.empty() ? "none" : text;
}

std::string mode_in_words(AddrGen mode) {
  switch (mode) {
    case AddrGen::eui64:
      return "eui64";
    case AddrGen::none:
      return "none";
    case AddrGen::stable_privacy:
      return "stable_secret";
    case AddrGen::random:
      return "random";
  }
  return "?";
}

void compare(std::vector<std::string>& all, std::string_view what, const std::string& have,
             const std::string& want) {
  if (have != want) all.push_back(std::string(what) + " is " + have + ", wanted " + want);
}

void compare_options(std::vector<std::string>& all, const Options& want, const Options& have) {
  for (const auto& [option, value] : lacking(want, have)) {
    const auto found = have.find(option);
    const auto key = std::string(spec(option).key);
    if (found != have.end()) {
      compare(all, key, show(option, found->second), show(option, value));
    } else {
      const auto since = std::string(spec(option).since);
      all.push_back(key + " is not reported by this kernel, wanted " + show(option, value) +
                    (since.empty() ? "" : " (the option came with Linux " + since + ")"));
    }
  }
}

std::string taken(bool taken) {
  return taken ? "on" : "off";
}

std::string heard(bool apart) {
  return apart ? "closed to what comes in over it" : "open to what comes in over it";
}

std::string controller_in_words(const std::optional<LinkName>& controller) {
  return controller ? controller->str() : "none";
}

std::string up_in_words(std::optional<bool> up) {
  return up == true ? "up" : "down";
}

std::string vlans_in_words(const std::vector<PortVlan>& vlans) {
  std::string text;
  for (const auto& vlan : vlans) text += (text.empty() ? "" : ", ") + show_vlan(vlan);
  return text.empty() ? "none" : text;
}

// Of addresses or routes.
template <class T>
std::string list_in_words(const std::vector<T>& all) {
  std::string text;
  for (const auto& one : all) text += (text.empty() ? "" : ", ") + one.str();
  return text.empty() ? "none" : text;
}

void compare_fdb(std::vector<std::string>& all, const std::vector<FdbEntry>& want,
                 const Link& have) {
  if (have.fdb && fdb_surplus(want, have).empty() && fdb_lack(want, have).empty()) return;
  all.push_back("static MACs are " + (have.fdb ? fdb_in_words(*have.fdb) : "unknown") +
                ", wanted " + fdb_in_words(want));
}

}  // namespace

const LinkName& target_of(const Op& op) {
  return std::visit(Cases{[](const Create& o) -> const LinkName& { return o.link.name; },
                          [](const Join& o) -> const LinkName& { return o.port; },
                          [](const Leave& o) -> const LinkName& { return o.port; },
                          [](const auto& o) -> const LinkName& { return o.name; }},
                    op);
}

std::string describe(const Op& op) {
  const std::string name = target_of(op).str();
  return std::visit(
      Cases{
          [&](const Create& o) { return "make " + name + ", " + kind_and_options(o.link); },
          [&](const Delete&) { return "delete " + name; },
          [&](const SetDown&) { return "set " + name + " down"; },
          [&](const SetUp&) { return "set " + name + " up"; },
          [&](const Join& o) { return "join " + name + " to " + o.controller.str(); },
          [&](const Leave&) { return "take " + name + " from its controller"; },
          [&](const SetOptions& o) { return "set " + name + " " + list(o.options); },
          [&](const SetPort& o) {
            return "set port " + name + " " + list(o.options) + (o.up ? ", up" : "");
          },
          [&](const SetVlans& o) { return "VLANs of " + name + ": " + membership(o); },
          [&](const SetFdb& o) { return "static MACs of " + name + ": " + entries(o); },
          [&](const SetMtu& o) { return "set " + name + " mtu " + std::to_string(o.mtu); },
          [&](const SetMac& o) { return "set " + name + " MAC " + o.mac.str(); },
          [&](const SetAddrGen& o) {
            return "set " + name + " IPv6 address generation " + mode_in_words(o.mode);
          },
          [&](const SetRa& o) {
            return std::string(o.on ? "have " : "let ") + name +
                   (o.on ? " take router advertisements" : " take no router advertisements");
          },
          [&](const SetApart& o) {
            return (o.apart ? "close this host to what comes in over "
                            : "let this host hear what comes in over ") +
                   name;
          },
          [&](const SetAddresses& o) { return "addresses of " + name + ": " + addresses(o); },
          [&](const SetRoutes& o) { return "routes over " + name + ": " + routes(o); },
          [&](const SetSlb& o) {
            return "balance-slb rules of " + name + ": " + ports_in_words(o.ports);
          },
          [&](const SetFilter& o) {
            return o.filter.mode == Antispoof::off
                       ? "take the filter of " + name + " away"
                       : "filter " + name + ": " + filter_in_words(o.filter);
          },
          [&](const SetRate& o) {
            return o.rate == 0 ? "lift the limit of " + name
                               : "limit " + name + " to " + show_rate(o.rate);
          },
          [&](const SetOurs& o) { return (o.ours ? "adopt " : "give up ") + name; },
      },
      op);
}

std::string filter_in_words(const PortFilter& have, const PortFilter& want) {
  const std::string wanted(word_of(want.mode));
  if (want.mode == Antispoof::off && have.mode == Antispoof::off)
    return "elements of a filter are left behind";
  if (want.mode == Antispoof::off)
    return "antispoof " + std::string(word_of(have.mode)) + " is in force, and not wanted";
  if (have.mode == Antispoof::off) return "antispoof " + wanted + " is NOT in force";
  if (have.spoilt)
    return "antispoof " + wanted + " is NOT in force: somebody changed rules or elements of it";
  return "antispoof is " + filter_in_words(have) + ", wanted " + filter_in_words(want);
}

std::vector<std::string> differences(const Link& want, const Link& have) {
  std::vector<std::string> all;
  if (must_be_remade(want, have)) {
    compare(all, "it", kind_and_options(have), kind_and_options(want));
    return all;
  }
  if (!std::holds_alternative<Given>(want.kind))
    compare_options(all, writable_options(want, &have), options_of(have));
  if (const auto ports = slb_change(want, have))
    all.push_back("balance-slb rules are " + rules_in_words(*have.slb) + ", wanted " +
                  ports_in_words(*ports));
  if (const auto filter = filter_change(want, have))
    all.push_back(filter_in_words(*have.filter, *filter));
  if (const auto rate = rate_change(want, have))
    compare(all, "receive_rate", have.rate ? rate_in_words(*have.rate) : "unknown",
            rate_in_words(*rate));
  if (!want.keep_controller)
    compare(all, "controller", controller_in_words(have.controller),
            controller_in_words(want.controller));
  compare_options(all, want.port, have.port);
  if (want.vlans)
    compare(all, "VLAN membership", have.vlans ? vlans_in_words(*have.vlans) : "unknown",
            vlans_in_words(*want.vlans));
  if (want.fdb) compare_fdb(all, *want.fdb, have);
  if (want.mtu)
    compare(all, "mtu", have.mtu ? std::to_string(*have.mtu) : "unknown",
            std::to_string(*want.mtu));
  if (want.mac && takes_mac(want, have))
    compare(all, "MAC", have.mac ? have.mac->str() : "unknown", want.mac->str());
  if (want.up) compare(all, "state", up_in_words(have.up), up_in_words(want.up));
  if (addr_gen_differs(want, have))
    compare(all, "IPv6 address generation",
            have.addr_gen ? mode_in_words(*have.addr_gen) : "unknown",
            mode_in_words(*want.addr_gen) + (want.secret ? " with a secret of its own" : ""));
  if (ra_differs(want, have))
    compare(all, "taking of router advertisements", taken(*have.ra), taken(*want.ra));
  if (apart_differs(want, have)) compare(all, "this host", heard(*have.apart), heard(*want.apart));
  if (have.addresses && !address_change(want, have).empty())
    compare(all, "addresses", list_in_words(*have.addresses), list_in_words(*want.addresses));
  if (have.routes && !route_change(want, have).empty())
    compare(all, "routes", list_in_words(*have.routes), list_in_words(*want.routes));
  return all;
}

}  // namespace vifchain::inline core::inline plan
