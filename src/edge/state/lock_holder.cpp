// SPDX-License-Identifier: Apache-2.0
#include "edge/state/lock_holder.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <vector>

#include "core/text/decimal.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/folder.hpp"

namespace vifchain::inline edge::inline state {
namespace {

std::vector<std::string> numbers_in(const std::string& folder) {
  std::vector<std::string> names;
  const auto open = open_folder(folder);
  while (const dirent* entry = open ? ::readdir(open.get()) : nullptr)
    if (decimal(entry->d_name)) names.emplace_back(entry->d_name);
  return names;
}

std::string target_of(const std::string& link) {
  char target[PATH_MAX];
  const auto size = ::readlink(link.c_str(), target, sizeof target);
  return {target, size > 0 ? static_cast<std::size_t>(size) : 0};
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// The file that is locked, as it is found among those that processes have open.
struct LockedFile {
  std::string name;
  struct stat facts = {};
  std::optional<off_t> byte = {};
};

// proc(5): as /proc/locks has it.
bool is_lock_of(const LockedFile& file, const char* line) {
  char kind[16] = {}, end[24] = {};
  unsigned major_number = 0, minor_number = 0;
  unsigned long inode = 0;
  long long start = 0;
  if (std::sscanf(line, "lock: %*d: %15s %*s %*s %*d %x:%x:%lu %lld %23s", kind, &major_number,
                  &minor_number, &inode, &start, end) != 6)
    return false;
  if (inode != file.facts.st_ino || makedev(major_number, minor_number) != file.facts.st_dev)
    return false;
  if (!file.byte) return true;
  const auto last = decimal<std::uint64_t>(end);
  return start <= *file.byte && (!last || *last >= static_cast<std::uint64_t>(*file.byte));
}

// proc(5): of each lock that the open file has, a line.
bool has_lock(const LockedFile& file, const std::string& fdinfo) {
  for (std::size_t at = 0; (at = fdinfo.find("lock:", at)) != fdinfo.npos; at += 5)
    if (is_lock_of(file, fdinfo.c_str() + at)) return true;
  return false;
}

// By the files' names first: opening, or asking for the state of, a file that is somewhere on the
// network could take for ever.
bool holds(const LockedFile& file, const std::string& process) {
  const std::string folder = "/proc/" + process;
  return std::ranges::any_of(numbers_in(folder + "/fd"), [&](const std::string& number) {
    return last_part(target_of(folder + "/fd/" + number)) == file.name &&
           has_lock(file, text_or_nothing(folder + "/fdinfo/" + number));
  });
}

// The number of the process; empty when there is none.
std::string holder_of(int descriptor, std::optional<off_t> byte) {
  LockedFile file{last_part(target_of("/proc/self/fd/" + std::to_string(descriptor))), {}, byte};
  if (::fstat(descriptor, &file.facts) != 0 || file.name.empty()) return {};
  for (const auto& process : numbers_in("/proc"))
    if (holds(file, process)) return process;
  return {};
}

// The letter behind the name in brackets, which may hold anything.
bool is_stopped(const std::string& process) {
  const std::string stat = text_or_nothing("/proc/" + process + "/stat");
  const auto name_ends = stat.rfind(") ");
  return name_ends != stat.npos && (stat[name_ends + 2] == 'T' || stat[name_ends + 2] == 't');
}

}  // namespace

std::string holder_in_words(int descriptor, std::optional<off_t> byte) {
  const std::string process = holder_of(descriptor, byte);
  if (process.empty()) return {};
  std::string name = text_or_nothing("/proc/" + process + "/comm");
  while (!name.empty() && name.back() == '\n') name.pop_back();
  if (is_stopped(process)) name += std::string(name.empty() ? "" : ", ") + "which is stopped";
  return ", held by process " + process + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace vifchain::inline edge::inline state
