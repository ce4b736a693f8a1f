// SPDX-License-Identifier: Apache-2.0
// Steps and differences in words.
#include "core/model/links.hpp"
#include "core/model/rate.hpp"
#include "core/plan/compare.hpp"
#include "core/plan/in_words.hpp"
#include "core/text/find.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline plan {
namespace {

template <class... F>
struct Cases : F... {
  using F::operator()...;
};
template <class... F>
Cases(F...) -> Cases<F...>;

// `link`: the one that has them, where that tells more.
std::string list(const Options& options, const Link* link = nullptr) {
  return joined(options, [&](const auto& entry) {
    const auto& [option, value] = entry;
    return std::string(spec(option).key) + " " +
           (option == Option::bond_mode && link != nullptr ? mode_word(*link)
                                                           : show(option, value));
  });
}

std::string kind_and_options(const Link& link) {
  Options options = options_of(link);
  for (const auto& [option, value] : link.birth.options) options.emplace(option, value);
  std::string text = kind_in_words(link.kind);
  if (const auto* vlan = std::get_if<Vlan>(&link.kind))
    text = vlan_in_words(*vlan) + (vlan->protocol == VlanProtocol::ieee_802_1ad ? ", 802.1ad" : "");
  if (!options.empty()) text += " (" + list(options, &link) + ")";
  if (link.controller) text += ", as a port of " + link.controller->str();
  return text;
}

std::string added_and_removed(const std::string& added, const std::string& removed) {
  return (added.empty() ? "" : "add " + added) + (added.empty() || removed.empty() ? "" : "; ") +
         (removed.empty() ? "" : "remove " + removed);
}

template <class Change>
std::string change_in_words(const Change& change) {
  const auto text = [](const auto& one) { return one.str(); };
  return added_and_removed(joined(change.add, text), joined(change.remove, text));
}

std::string change_in_words(const SetVlans& op) {
  return added_and_removed(joined(op.add, show_vlan), joined(op.remove, [](VlanId id) {
                             return std::to_string(id.number());
                           }));
}

// What one wants, and another has.
class Comparison {
 public:
  explicit Comparison(std::vector<std::string>& all) : all_(all) {}

  void compare(std::string_view what, const std::string& want, const std::string& have) {
    if (have != want) all_.push_back(std::string(what) + ": expected " + want + ", found " + have);
  }

  void compare_options(const Options& want, const Options& have) {
    for (const auto& [option, value] : lacking(want, have)) {
      const std::string key(spec(option).key), since(spec(option).since);
      if (const auto* found = find_in(have, option))
        compare(key, show(option, value), show(option, *found));
      else
        all_.push_back(key + ": expected " + show(option, value) + ", not reported by this kernel" +
                       (since.empty() ? "" : " (Linux " + since + " has it)"));
    }
  }

  void compare_controllers(const Link& want, const Link& have) {
    if (want.keep_controller || want.controller == have.controller) return;
    all_.push_back("expected " + place_in_words(want) + ", found " + place_in_words(have));
  }

 private:
  static std::string place_in_words(const Link& link) {
    return link.controller ? "a port of " + link.controller->str() : "no bridge or bond";
  }

  std::vector<std::string>& all_;
};

constexpr auto unknown = "unknown";

void compare_addresses(Comparison& all, const Link& want, const Link& have) {
  if (addr_gen_differs(want, have))
    all.compare("IPv6 address generation",
                word_of(*want.addr_gen) + (want.secret ? " with a secret of its own" : ""),
                have.addr_gen ? word_of(*have.addr_gen) : unknown);
  if (ra_differs(want, have))
    all.compare("router advertisements", *want.ra ? "accepted" : "ignored",
                have.ra == true ? "accepted" : "ignored");
  if (apart_differs(want, have))
    all.compare("access to this host", *want.apart ? "closed" : "open",
                *have.apart ? "closed" : "open");
  if (have.addresses && !address_change(want, have).empty())
    all.compare("addresses", show_all(*want.addresses), show_all(*have.addresses));
  if (have.routes && !route_change(want, have).empty())
    all.compare("routes", show_all(*want.routes), show_all(*have.routes));
}

void compare_port(Comparison& all, const Link& want, const Link& have) {
  all.compare_controllers(want, have);
  all.compare_options(want.port, have.port);
  if (want.vlans)
    all.compare("VLANs", show_vlans(*want.vlans), have.vlans ? show_vlans(*have.vlans) : unknown);
  if (want.fdb &&
      !(have.fdb && fdb_surplus(*want.fdb, have).empty() && fdb_lack(*want.fdb, have).empty()))
    all.compare("static MACs", show_entries(*want.fdb),
                have.fdb ? show_entries(*have.fdb) : unknown);
}

}  // namespace

std::string word_of(AddrGen mode) {
  constexpr const char* words[] = {"eui64", "none", "stable_secret", "random"};
  return words[static_cast<std::size_t>(mode)];
}

std::string show_vlan(const PortVlan& vlan) {
  return std::to_string(vlan.id.number()) + (vlan.pvid ? " pvid" : "") +
         (vlan.untagged ? " untagged" : "");
}

std::string show_vlans(const std::vector<PortVlan>& vlans) {
  return or_none(joined(vlans, show_vlan));
}

std::string show_entries(const std::vector<FdbEntry>& entries) {
  return or_none(joined(entries, [](const FdbEntry& entry) {
    return entry.mac.str() + (entry.vlan ? " in VLAN " + std::to_string(entry.vlan->number()) : "");
  }));
}

std::string show_names(const std::vector<LinkName>& names) {
  return or_none(joined(names, &LinkName::str));
}

std::string show_limit(std::uint64_t rate) {
  return rate == 0 ? "none" : show_rate(rate);
}

// What the guest may be: "mac-ip for 02:00:00:00:00:05 with 192.0.2.5".
std::string show_filter(const PortFilter& filter) {
  std::string text(word_of(filter.mode));
  if (filter.mode != Antispoof::mac && filter.mode != Antispoof::mac_ip) return text;
  text += " for " + filter.mac.str();
  const auto address = [](const LinkAddress& one) {
    return one.prefix == one.address.bits() ? one.address.str() : one.str();
  };
  if (!filter.addresses.empty()) text += " with " + joined(filter.addresses, address);
  if (!filter.routers.empty()) text += " but never " + joined(filter.routers, &IpAddress::str);
  return text;
}

std::string from_to(const Options& wanted, const Options& have) {
  return joined(wanted, [&](const auto& entry) {
    const auto* old = find_in(have, entry.first);
    return from_to(spec(entry.first).key, old == nullptr ? "unset" : show(entry.first, *old),
                   show(entry.first, entry.second));
  });
}

std::string offline_keys(const Options& options) {
  std::vector<std::string> keys;
  for (const auto& [option, value] : options)
    if (const auto when = spec(option).when; when == When::down || when == When::down_without_ports)
      keys.emplace_back(spec(option).key);
  return listed(keys);
}

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
          [&](const Create& o) { return "create " + name + ", " + kind_and_options(o.link); },
          [&](const Delete&) { return "delete " + name; },
          [&](const SetDown&) { return "set " + name + " down"; },
          [&](const SetUp&) { return "set " + name + " up"; },
          [&](const Join& o) { return "join " + name + " to " + o.controller.str(); },
          [&](const Leave&) { return "remove port " + name; },
          [&](const SetOptions& o) { return "set " + name + " " + list(o.options); },
          [&](const SetPort& o) {
            return "set port " + name + " " + list(o.options) + (o.up ? ", up" : "");
          },
          [&](const SetVlans& o) { return "VLANs of " + name + ": " + change_in_words(o); },
          [&](const SetFdb& o) {
            const bool both = !o.add.empty() && !o.remove.empty();
            return "static MACs of " + name + ": " +
                   (o.remove.empty() ? "" : "remove " + show_entries(o.remove)) +
                   (both ? "; " : "") + (o.add.empty() ? "" : "add " + show_entries(o.add));
          },
          [&](const SetMtu& o) { return "set " + name + " mtu " + std::to_string(o.mtu); },
          [&](const SetMac& o) { return "set " + name + " MAC " + o.mac.str(); },
          [&](const SetAddrGen& o) {
            return "set " + name + " IPv6 address generation " + word_of(o.mode);
          },
          [&](const SetRa& o) {
            return (o.on ? "accept router advertisements on "
                         : "ignore router advertisements on ") +
                   name;
          },
          [&](const SetApart& o) {
            return (o.apart ? "close this host to traffic from "
                            : "open this host to traffic from ") +
                   name;
          },
          [&](const SetAddresses& o) { return "addresses of " + name + ": " + change_in_words(o); },
          [&](const SetRoutes& o) { return "routes over " + name + ": " + change_in_words(o); },
          [&](const SetSlb& o) {
            return "balance-slb rules of " + name + ": " + show_names(o.ports);
          },
          [&](const SetFilter& o) {
            return o.filter.mode == Antispoof::off
                       ? "remove the filter of " + name
                       : "filter " + name + ": " + show_filter(o.filter);
          },
          [&](const SetRate& o) {
            return o.rate == 0 ? "remove the rate limit of " + name
                               : "limit " + name + " to " + show_rate(o.rate);
          },
          [&](const SetOurs& o) { return (o.ours ? "adopt " : "release ") + name; },
      },
      op);
}

std::string filter_in_words(const PortFilter& have, const PortFilter& want) {
  const std::string wanted(word_of(want.mode));
  if (want.mode == Antispoof::off && have.mode == Antispoof::off)
    return "elements of an old filter are left";
  if (want.mode == Antispoof::off)
    return "antispoof: expected off, found " + std::string(word_of(have.mode));
  if (have.mode == Antispoof::off) return "antispoof " + wanted + " is NOT in force";
  if (have.spoilt)
    return "antispoof " + wanted + " is NOT in force: its rules or elements were changed";
  return "antispoof: expected " + show_filter(want) + ", found " + show_filter(have);
}

std::vector<std::string> differences(const Link& want, const Link& have) {
  std::vector<std::string> all;
  Comparison comparison(all);
  if (must_be_remade(want, have))
    return {"expected " + kind_and_options(want) + ", found " + kind_and_options(have)};
  if (!is_given(want)) comparison.compare_options(writable_options(want, &have), options_of(have));
  if (const auto ports = slb_change(want, have))
    comparison.compare("balance-slb rules", show_names(*ports), show_rules(*have.slb));
  if (const auto filter = filter_change(want, have))
    all.push_back(filter_in_words(*have.filter, *filter));
  if (const auto rate = rate_change(want, have))
    comparison.compare("receive_rate", show_limit(*rate),
                       have.rate ? show_limit(*have.rate) : unknown);
  compare_port(comparison, want, have);
  if (want.mtu)
    comparison.compare("mtu", std::to_string(*want.mtu),
                       have.mtu ? std::to_string(*have.mtu) : unknown);
  if (want.mac && takes_mac(want, have))
    comparison.compare("MAC", want.mac->str(), have.mac ? have.mac->str() : unknown);
  if (want.up && *want.up != have.up.value_or(false))
    all.emplace_back(*want.up ? "expected up, found down" : "expected down, found up");
  compare_addresses(comparison, want, have);
  return all;
}

}  // namespace vifchain::inline core::inline plan
