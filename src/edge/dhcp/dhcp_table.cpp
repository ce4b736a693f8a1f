// SPDX-License-Identifier: Apache-2.0
#include "edge/dhcp/dhcp_table.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline dhcp {
namespace {

constexpr const char* system_folders = "/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/sbin";

std::string search_path() {
  const char* path = std::getenv("PATH");
  return (path == nullptr || *path == '\0' ? "" : std::string(path) + ":") + system_folders;
}

std::string must_find(const std::string& name) {
  if (auto path = program_path(name)) return *path;
  throw Error(ENOENT, "looking for " + name + " in " + search_path());
}

std::string on(const LinkName& link, bool v6) {
  return link.str() + (v6 ? "-6" : "-4");
}

const char* family_flag(bool v6) {
  return v6 ? "-6" : "-4";
}

// dhcpcd(8): into the background at once; persistent, so that nothing is taken off the link when
// it ends. A family each makes processes and pid files of their own.
DhcpCommand dhcpcd(const LinkName& link, bool v6) {
  return {.words = {must_find("dhcpcd"), family_flag(v6), "-b", "-p", link.str()},
          .pid_file = "/run/dhcpcd/" + on(link, v6) + ".pid"};
}

// dhclient(8): does not wait for a lease. Its AppArmor profile on Debian lets it write these names
// in these folders alone. SIGTERM ends it without another word to server or script.
DhcpCommand dhclient(const LinkName& link, bool v6) {
  const std::string folder = "/var/lib/dhcp";
  const std::string name = "dhclient-vifchain." + on(link, v6);
  const std::string pid_file = "/run/" + name + ".pid";
  return {.words = {must_find("dhclient"), family_flag(v6), "-nw", "-pf", pid_file, "-lf",
                    folder + "/" + name + ".leases", link.str()},
          .pid_file = pid_file,
          .lease_folder = folder};
}

// busybox's: in the background by itself it would be only after its first tries have failed. It
// keeps no lease; its script, which the door puts there, writes down the address.
DhcpCommand udhcpc(const LinkName& link, bool v6, const DhcpPlaces& places) {
  DhcpCommand command{.words = {must_find(udhcpc_names[v6 ? 1 : 0]), "-f", "-S", "-A", "5", "-i",
                                link.str(), "-s", places.leases + "/udhcpc.sh", "-p"},
                      .pid_file = places.records + "/" + on(link, v6) + ".pid",
                      .lease_folder = places.leases,
                      .stays_in_front = true};
  command.words.push_back(command.pid_file);
  const auto last = read_file(places.leases + "/" + on(link, v6)).value_or("");
  if (const auto address = LinkAddress::parse(last.substr(0, last.find('\n'))))
    command.words.insert(command.words.end(), {"-r", address->address.str()});
  return command;
}

}  // namespace

std::optional<std::string> program_path(const std::string& name) {
  std::istringstream folders(search_path());
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string path = folder + "/" + name;
    if (folder.starts_with("/") && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

std::vector<std::string> client_environment() {
  return {"PATH=" + search_path()};
}

DhcpCommand command_for(DhcpProgram program, const LinkName& link, bool v6,
                        const DhcpPlaces& places) {
  switch (program) {
    case DhcpProgram::dhcpcd:
      return dhcpcd(link, v6);
    case DhcpProgram::dhclient:
      return dhclient(link, v6);
    case DhcpProgram::udhcpc:
      return udhcpc(link, v6, places);
    case DhcpProgram::networkd:
      break;
  }
  throw Error(EINVAL, "calling networkd");
}

}  // namespace vifchain::inline edge::inline dhcp
