// SPDX-License-Identifier: Apache-2.0
// The document's tables, each by its own reader: known keys, types and ranges, and what can be
// checked within one table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/draft.hpp"
#include "core/text/document.hpp"

namespace vifchain::inline core::inline config {

// What the document has too much of to be looked through: the first that is too much.
std::optional<Diagnostic> why_too_much(const Table& document);

// Whether the ports have more VLANs than any bridge could take; that is complained of.
bool has_too_many_vlans(const Draft& draft, Diagnostics& wrong);

// Every table of the file. What is wrong is noted and left out of the draft.
Draft read_tables(const Table& document, Diagnostics& wrong);

// One table each: the entry's key is the link's name, its node a table.
void read_bond(const Entry& entry, Draft& draft, Diagnostics& wrong);
void read_vlan(const Entry& entry, Draft& draft, Diagnostics& wrong);
void read_bridge(const Entry& entry, Draft& draft, Diagnostics& wrong);
void read_port(const Entry& entry, Draft& draft, Diagnostics& wrong);

// Options that contradict each other or the mode, within one table.
void check_bond(const BondDraft& bond, Diagnostics& wrong);
void check_bridge(const BridgeDraft& bridge, Diagnostics& wrong);

// `[vif]`: the policy for guests, and the bridge of vifs that name none.
void read_vif(const Entry& entry, Draft& draft, Diagnostics& wrong);

// `[host]`: what this host has.
void read_host(const Entry& entry, Draft& draft, Diagnostics& wrong);

// The keys of a bridge that are about its guests: vif, teardown and linger. False when the key is
// none of them.
bool read_guests_key(const Entry& entry, BridgeDraft& bridge, Diagnostics& wrong);
void check_linger(const BridgeDraft& bridge, Diagnostics& wrong);

// The keys of this host's own place on a link: addresses, gateway, routes and dhcp. False when the
// key is none of them.
bool read_hosting_key(const Entry& entry, HostingDraft& hosting, Diagnostics& wrong);
std::span<const std::string_view> hosting_keys();

// What the tables of links share.
const Table& table_of(const Entry& entry);
bool read_option_key(Owner owner, const Entry& entry, LinkDraft& link, Diagnostics& wrong);
bool has_key(const Table& table, std::string_view key);
bool read_ports_key(const Entry& entry, std::vector<Word>& ports, Diagnostics& wrong);

// The keys that a table may have: its own, those of the options of `owners`, and where this host
// may live on the link those of that.
struct KnownKeys {
  std::string table;  // as the file writes it: [bond.bond1]
  std::vector<std::string_view> own;
  std::vector<Owner> owners;
  bool hosting = false;
};
void unknown_key(const Entry& entry, const KnownKeys& known, Diagnostics& wrong);

// False after noting why the kernel would refuse a link of this name.
bool right_name(const Entry& entry, Diagnostics& wrong);

}  // namespace vifchain::inline core::inline config
