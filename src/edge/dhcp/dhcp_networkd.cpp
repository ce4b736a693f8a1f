// SPDX-License-Identifier: Apache-2.0
#include "edge/dhcp/dhcp_networkd.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <string_view>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"
#include "edge/dhcp/dhcp_table.hpp"
#include "edge/process/child.hpp"

namespace vifchain::inline edge::inline dhcp {
namespace {

// The first file that matches a link is the one (systemd.network(5)): before those that keep
// networkd off the links of vifchain.
constexpr std::string_view before_link = "0-0-vifchain-dhcp-", after_link = ".network";

constexpr std::pair<Dhcp, std::string_view> values[] = {
    {Dhcp::ipv4, "ipv4"}, {Dhcp::ipv6, "ipv6"}, {Dhcp::both, "yes"}};

std::string file_of(const DhcpPlaces& places, const LinkName& link) {
  return places.networkd + "/" + std::string(before_link) + link.str() + std::string(after_link);
}

// Without KeepConfiguration it would take away all that it did not put there. A DHCPv6 server need
// not wait for a router to send hosts to it.
std::string contents(const LinkName& link, std::string_view value) {
  return "# Made by vifchain, which takes it away again.\n"
         "[Match]\nName=" +
         link.str() + "\n\n[Network]\nDHCP=" + std::string(value) +
         "\nKeepConfiguration=yes\n\n[DHCPv6]\nWithoutRA=solicit\n";
}

Dhcp dhcp_in(const std::string& text) {
  for (const auto& [dhcp, value] : values)
    if (text.find("\nDHCP=" + std::string(value) + "\n") != text.npos) return dhcp;
  return Dhcp::off;
}

std::optional<LinkName> link_of(std::string_view file) {
  if (!file.starts_with(before_link) || !file.ends_with(after_link)) return std::nullopt;
  file.remove_prefix(before_link.size());
  file.remove_suffix(after_link.size());
  return LinkName::parse(file);
}

void reload(const DhcpPlaces& places, const Deadline& deadline) {
  const auto path = program_path("networkctl");
  if (!path) throw Error(ENOENT, "looking for networkctl");
  const std::string output = places.records + "/networkctl.out";
  drop_file(output);
  const int code =
      run_child({.words = {*path, "reload"}, .environment = client_environment(), .output = output},
                deadline);
  if (code != 0)
    throw Error(ECANCELED, "networkctl reload, which ended with " + std::to_string(code),
                read_file(output).value_or(""));
}

}  // namespace

bool networkd_is_there(const DhcpPlaces& places) {
  struct stat there = {};
  return ::stat(places.networkd_runs.c_str(), &there) == 0 && program_path("networkctl");
}

std::map<LinkName, Dhcp> links_of_networkd(const DhcpPlaces& places) {
  std::map<LinkName, Dhcp> links;
  std::error_code failed;
  for (std::filesystem::directory_iterator file(places.networkd, failed), end;
       !failed && file != end; file.increment(failed))
    if (const auto link = link_of(file->path().filename().string()))
      if (const auto dhcp = dhcp_in(read_file(file->path()).value_or("")); dhcp != Dhcp::off)
        links.emplace(*link, dhcp);
  return links;
}

void tell_networkd(const DhcpPlaces& places, const LinkName& link, Dhcp dhcp,
                   const Deadline& deadline) {
  const std::string file = file_of(places, link);
  const auto before = read_file(file);
  if (!before && dhcp == Dhcp::off) return;
  if (dhcp == Dhcp::off) drop_file(file);
  for (const auto& [one, value] : values)
    if (one == dhcp) keep_file(file, contents(link, value), 0644);
  if (!networkd_is_there(places)) return;
  try {
    reload(places, deadline);
  } catch (...) {
    if (before)
      keep_file(file, *before, 0644);
    else
      drop_file(file);
    throw;
  }
}

}  // namespace vifchain::inline edge::inline dhcp
