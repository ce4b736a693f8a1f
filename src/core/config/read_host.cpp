// SPDX-License-Identifier: Apache-2.0
// [host]: what this host has, which the file may name.
#include <algorithm>

#include "core/config/complain.hpp"
#include "core/config/read_tables.hpp"
#include "core/config/read_value.hpp"
#include "core/model/accepted.hpp"
#include "core/text/escape.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline core::inline config {
namespace {

constexpr Choice dhcp_clients[] = {{"networkd", static_cast<std::int64_t>(DhcpProgram::networkd)},
                                   {"dhcpcd", static_cast<std::int64_t>(DhcpProgram::dhcpcd)},
                                   {"dhclient", static_cast<std::int64_t>(DhcpProgram::dhclient)},
                                   {"udhcpc", static_cast<std::int64_t>(DhcpProgram::udhcpc)}};

std::string known_words() {
  return joined(acceptable_findings(), quoted);
}

// What "vifchain check" is not to tell of any more.
void read_accept(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  const auto words = read_words("accept", entry.node, wrong);
  if (!words) return;
  const auto known = acceptable_findings();
  for (const auto& word : *words)
    if (std::ranges::find(known, word.value) == known.end())
      complain_unexpected(wrong, word, "accept", "one of " + known_words());
    else
      draft.accepted.insert(word.value);
}

void read_host_key(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  if (entry.key == "accept") return read_accept(entry, draft, wrong);
  if (entry.key != "dhcp_client")
    return unknown_key(entry, {"[host]", {"dhcp_client", "accept"}, {}}, wrong);
  if (const auto number = read_choice("dhcp_client", dhcp_clients, entry.node, wrong))
    draft.dhcp_client = static_cast<DhcpProgram>(*number);
}

}  // namespace

void read_host(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  const auto* keys = std::get_if<Table>(&entry.node.value);
  if (keys == nullptr) return complain(wrong, entry, "must be a table, [host]");
  for (const auto& key : *keys) read_host_key(key, draft, wrong);
}

}  // namespace vifchain::inline core::inline config
