// SPDX-License-Identifier: Apache-2.0
// What other programs' files say of a host's network, gathered link by link by the readers of this
// folder, until it is put together into a vifchain.toml (convert/import/compose.hpp).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/hosting.hpp"
#include "core/model/link.hpp"
#include "core/model/policy.hpp"
#include "core/model/vid_ranges.hpp"
#include "core/text/source.hpp"

namespace vifchain::inline convert {

enum class DraftKind : std::uint8_t { unknown, bond, vlan, bridge };

// A link as far as it has been told. Names are checked when all is put together.
struct DraftLink {
  std::string name;
  Said first;  // where it is first named
  DraftKind kind = DraftKind::unknown;
  std::vector<std::string> ports = {};     // of a bond or bridge, as ordered there
  Options options = {};                    // of its kind
  bool slb = false;                        // a bond's mode is balance-slb
  Options port_options = {};               // of its place under its bond or bridge
  std::optional<std::string> parent = {};  // of a VLAN link
  std::optional<VlanId> vid = {};          // of a VLAN link
  VlanProtocol protocol = VlanProtocol::ieee_802_1q;
  std::optional<unsigned> mtu = {};
  std::optional<Mac> mac = {};
  std::vector<LinkAddress> addresses = {};
  std::vector<Route> routes = {};  // a gateway is a default route; by `our_protocol`
  Dhcp dhcp = Dhcp::off;
  std::optional<bool> ra = {};  // takes router advertisements
  VidRanges vlans = {};         // of a port of a VLAN-filtering bridge, in any order
  std::optional<VlanId> pvid = {};
  std::map<std::string, Said> said = {};  // where; by said_key(), of a list with " ELEMENT" behind
  bool takes_over = false;  // a bridge that takes its first port's addresses, as network-bridge did

  // Whether this host has a place of its own there.
  [[nodiscard]] bool hosts() const {
    return !addresses.empty() || !routes.empty() || dhcp != Dhcp::off || ra == true;
  }
};

// The name for a key of the link's own table, or of its [port] table.
inline std::string said_key(bool of_port, std::string_view key) {
  return (of_port ? "port." : "") + std::string(key);
}

// Something that a person must read.
struct Remark {
  enum class Kind : std::uint8_t {
    lost,  // it has no place in a vifchain.toml
    trap,  // it does, or did, something else than it seems to
  };
  Kind kind = Kind::lost;
  Said at;
  std::string why;        // half a sentence; what to do in its place where there is something
  std::string link = {};  // whom it is about; empty: the host
  bool operator==(const Remark&) const = default;
};

class DraftConfig {
 public:
  // The link of that name, made when it is new. A reference stays good.
  DraftLink& link(std::string_view name, const Said& at);

  // The same, which is of that kind from now on; with a remark where it was of another.
  DraftLink& bond(std::string_view name, const Said& at);
  DraftLink& bridge(std::string_view name, const Said& at);
  DraftLink& vlan(std::string_view name, const Said& at);
  // One with all that makes a VLAN link; a remark, and no VLAN link, where `vid` is no VLAN's.
  void vlan(std::string_view name, std::string_view parent, std::string_view vid, const Said& at);

  // Makes `port` one of the link's ports, unless it is already.
  void add_port(DraftLink& controller, std::string_view port, const Said& at);
  void remove_port(DraftLink& controller, std::string_view port);

  // Sets an option by its key in a vifchain.toml, from a value in any spelling that tools have
  // (yes, on, 1, true; a choice's name or number; a time in seconds, a bond's in milliseconds; a
  // list with blanks or commas). True when it was one; else there is a remark.
  bool set(DraftLink& link, Owner owner, std::string_view key, std::string_view value,
           const Said& at);

  // The same for what is no option, each with a remark where the text is none.
  void set_mtu(DraftLink& link, std::string_view text, const Said& at);
  void set_mac(DraftLink& link, std::string_view text, const Said& at);
  // "192.0.2.5/24", or without prefix and then with `netmask` ("255.255.255.0" or "24"), which may
  // be empty for a single address; an IPv4 address's own class where there is neither is not
  // guessed.
  void add_address(DraftLink& link, std::string_view text, std::string_view netmask,
                   const Said& at);
  void add_gateway(DraftLink& link, std::string_view text, const Said& at,
                   std::string_view metric = {}, bool onlink = false);
  // Gateways that no network of the link's addresses has are on the link all the same: for tools
  // that add them so.
  static void have_gateways_on_link(DraftLink& link);
  // `to`: "192.0.2.0/24", "default", or an address with a netmask; `via` and `metric` may be empty.
  void add_route(DraftLink& link, std::string_view to, std::string_view netmask,
                 std::string_view via, std::string_view metric, const Said& at,
                 bool onlink = false);
  // "10", "10-20", several with blanks or commas.
  void add_vlans(DraftLink& port, std::string_view text, const Said& at);
  void set_pvid(DraftLink& port, std::string_view text, const Said& at);

  void lose(const Said& at, std::string why, std::string_view link = {});
  void warn(const Said& at, std::string why, std::string_view link = {});

  [[nodiscard]] const DraftLink* find(std::string_view name) const;
  [[nodiscard]] DraftLink* find(std::string_view name);
  // The first bond or bridge that has it as a port; null when none does.
  [[nodiscard]] const DraftLink* controller_of(std::string_view port) const;
  void remove(std::string_view name);
  // In the order in which they were first named.
  [[nodiscard]] std::vector<const DraftLink*> links() const;
  [[nodiscard]] const std::vector<Remark>& remarks() const { return remarks_; }

  DraftLink every_bond = {};  // what bonds have that say nothing else (the module's options)
  std::optional<std::string> default_bridge = {};  // of vifs that name none
  std::optional<Antispoof> antispoof = {};         // for all guests
  std::optional<DhcpProgram> dhcp_client = {};

 private:
  DraftLink& of_kind(std::string_view name, DraftKind kind, const Said& at);

  std::map<std::string, DraftLink, std::less<>> links_;
  std::vector<std::string> order_;
  std::vector<Remark> remarks_;
};

// The value that a text in any spelling stands for; nothing when it is none.
std::optional<Value> value_of(const OptionSpec& option, std::string_view text);

}  // namespace vifchain::inline convert
