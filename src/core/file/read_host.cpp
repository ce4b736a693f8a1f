// [host]: what this host has, which the file may name.
#include "core/file/complain.hpp"
#include "core/file/read_tables.hpp"
#include "core/file/read_value.hpp"

namespace vifchain {
namespace {

constexpr Choice dhcp_clients[] = {{"networkd", static_cast<std::int64_t>(DhcpProgram::networkd)},
                                   {"dhcpcd", static_cast<std::int64_t>(DhcpProgram::dhcpcd)},
                                   {"dhclient", static_cast<std::int64_t>(DhcpProgram::dhclient)},
                                   {"udhcpc", static_cast<std::int64_t>(DhcpProgram::udhcpc)}};

void read_host_key(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  if (entry.key != "dhcp_client") return unknown_key(entry, {"[host]", {"dhcp_client"}, {}}, wrong);
  if (const auto number = read_choice("dhcp_client", dhcp_clients, entry.node, wrong))
    draft.dhcp_client = static_cast<DhcpProgram>(*number);
}

}  // namespace

void read_host(const Entry& entry, Draft& draft, Diagnostics& wrong) {
  const auto* keys = std::get_if<Table>(&entry.node.value);
  if (keys == nullptr) return complain(wrong, entry, "must be a table, [host]");
  for (const auto& key : *keys) read_host_key(key, draft, wrong);
}

}  // namespace vifchain
