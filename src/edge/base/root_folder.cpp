// SPDX-License-Identifier: Apache-2.0
#include "edge/base/root_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "edge/base/bounded_file.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline base {
namespace {

// For the functions of glob(3), which are told nothing but a path.
thread_local int root_of_glob = -1;

Descriptor open_below(int root, const char* name, unsigned flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  // glibc 2.36 has no function for it.
  return Descriptor(static_cast<int>(::syscall(SYS_openat2, root, name, &how, sizeof how)));
}

int stat_below(const char* name, struct stat* facts, unsigned flags) {
  const Descriptor file = open_below(root_of_glob, name, O_PATH | flags);
  return file.open() ? ::fstat(file.number(), facts) : -1;
}

DIR* open_folder(int root, const char* name) {
  Descriptor folder = open_below(root, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
  return folder.open() ? ::fdopendir(folder.release()) : nullptr;
}

void look_below_root(glob_t& found) {
  found.gl_opendir = [](const char* name) -> void* { return open_folder(root_of_glob, name); };
  found.gl_readdir = [](void* folder) { return ::readdir(static_cast<DIR*>(folder)); };
  found.gl_closedir = [](void* folder) { ::closedir(static_cast<DIR*>(folder)); };
  found.gl_stat = [](const char* name, struct stat* facts) { return stat_below(name, facts, 0); };
  found.gl_lstat = [](const char* name, struct stat* facts) {
    return stat_below(name, facts, O_NOFOLLOW);
  };
}

}  // namespace

RootFolder::RootFolder(const std::string& path)
    : path_(path), root_(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
  if (!root_.open()) throw Error(errno, "looking below " + path);
  while (path_.ends_with('/')) path_.pop_back();
}

std::vector<std::string> RootFolder::like(const std::string& pattern) const {
  glob_t found{};
  look_below_root(found);
  root_of_glob = root_.number();
  std::vector<std::string> names;
  if (::glob(pattern.c_str(), GLOB_NOESCAPE | GLOB_ALTDIRFUNC, nullptr, &found) == 0)
    names.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  return names;
}

std::string RootFolder::read(const std::string& name, std::size_t most_bytes) const {
  const Descriptor file =
      open_below(root_.number(), name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file.open()) throw Error(errno, "reading " + path_ + name);
  return read_bounded(file.number(), path_ + name, most_bytes);
}

std::vector<std::string> RootFolder::in_folder(const std::string& name) const {
  std::vector<std::string> names;
  DIR* folder = open_folder(root_.number(), name.c_str());
  if (folder == nullptr) return names;
  while (const auto* entry = ::readdir(folder))
    if (std::string_view(entry->d_name) != "." && std::string_view(entry->d_name) != "..")
      names.push_back(name + (name.ends_with('/') ? "" : "/") + entry->d_name);
  ::closedir(folder);
  std::ranges::sort(names);
  return names;
}

bool RootFolder::is_folder(const std::string& name) const {
  return open_below(root_.number(), name.c_str(), O_PATH | O_DIRECTORY).open();
}

}  // namespace vifchain::inline edge::inline base
