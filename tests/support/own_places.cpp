// SPDX-License-Identifier: Apache-2.0
#include "own_places.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace vifchain {
namespace {

namespace fs = std::filesystem;

bool taken = false;

void must(int result, const std::string& what) {
  if (result != 0) throw std::runtime_error(what + ": " + std::strerror(errno));
}

// Root of a user namespace is nobody but itself outside, and may make the other namespaces.
void become_root_of_ones_own() {
  const auto user = ::geteuid();
  const auto group = ::getegid();
  must(::unshare(CLONE_NEWUSER), "a user namespace of one's own");
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
}

void own_mounts() {
  must(::unshare(CLONE_NEWNS), "mounts of one's own");
  must(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private mounts");
}

// A socket that is elsewhere, as systemd's is, has gone with /run.
void cover_syslog() {
  if (fs::exists("/dev/log"))
    must(::mount("/dev/null", "/dev/log", nullptr, MS_BIND, nullptr), "covering /dev/log");
}

}  // namespace

void take_own_places() {
  if (::geteuid() != 0) become_root_of_ones_own();
  own_mounts();
  must(::unshare(CLONE_NEWNET | CLONE_NEWUTS), "a network and a host name of one's own");
  constexpr std::string_view name = "testhost";
  must(::sethostname(name.data(), name.size()), "a host name");
  for (const char* folder : {"/etc", "/run", "/var/lib", "/var/log"})
    must(::mount("tmpfs", folder, "tmpfs", 0, nullptr), folder);
  for (const char* folder : {"/etc/xen", "/var/log/xen"}) must(::mkdir(folder, 0755), folder);
  std::ofstream("/etc/machine-id") << "0123456789abcdef0123456789abcdef\n";
  cover_syslog();
  taken = true;
}

bool has_own_places() {
  return taken;
}

void leave_syslog() try {
  own_mounts();
  cover_syslog();
} catch (const std::exception&) {
  // Whoever may make no mounts is heard.
}

}  // namespace vifchain
