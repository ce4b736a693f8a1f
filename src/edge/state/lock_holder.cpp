// SPDX-License-Identifier: Apache-2.0
#include "edge/state/lock_holder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <climits>
#include <cstdio>
#include <memory>
#include <vector>

#include "core/text/decimal.hpp"
#include "edge/base/descriptor.hpp"

namespace vifchain::inline edge::inline state {
namespace {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Empty when it is not there any more, or may not be read.
std::string contents(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char buffer[4096];
  for (ssize_t size; file.open() && (size = ::read(file.number(), buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(size));
  return text;
}

std::vector<std::string> numbers_in(const std::string& folder) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.c_str()));
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

class Search {
 public:
  Search(int descriptor, std::optional<off_t> byte)
      : byte_(byte),
        name_(last_part(target_of("/proc/self/fd/" + std::to_string(descriptor)))),
        known_(::fstat(descriptor, &file_) == 0 && !name_.empty()) {}

  // The number of the process; empty when there is none.
  [[nodiscard]] std::string run() const {
    if (!known_) return {};
    for (const auto& process : numbers_in("/proc"))
      if (holds(process)) return process;
    return {};
  }

 private:
  // By the files' names first: opening, or asking for the state of, a file that is somewhere on the
  // network could take for ever.
  [[nodiscard]] bool holds(const std::string& process) const {
    const std::string folder = "/proc/" + process;
    for (const auto& number : numbers_in(folder + "/fd"))
      if (last_part(target_of(folder + "/fd/" + number)) == name_ &&
          has_lock(contents(folder + "/fdinfo/" + number)))
        return true;
    return false;
  }

  // proc(5): of each lock that the open file has, a line as /proc/locks has it.
  [[nodiscard]] bool has_lock(const std::string& fdinfo) const {
    for (std::size_t at = 0; (at = fdinfo.find("lock:", at)) != fdinfo.npos; at += 5)
      if (is_it(fdinfo.c_str() + at)) return true;
    return false;
  }

  [[nodiscard]] bool is_it(const char* line) const {
    char kind[16] = {}, end[24] = {};
    unsigned major_number = 0, minor_number = 0;
    unsigned long inode = 0;
    long long start = 0;
    if (std::sscanf(line, "lock: %*d: %15s %*s %*s %*d %x:%x:%lu %lld %23s", kind, &major_number,
                    &minor_number, &inode, &start, end) != 6)
      return false;
    if (inode != file_.st_ino || makedev(major_number, minor_number) != file_.st_dev) return false;
    if (!byte_) return true;
    const auto last = decimal<std::uint64_t>(end);
    return start <= *byte_ && (!last || *last >= static_cast<std::uint64_t>(*byte_));
  }

  std::optional<off_t> byte_;
  std::string name_;
  struct stat file_ = {};
  bool known_;
};

// The letter behind the name in brackets, which may hold anything.
bool is_stopped(const std::string& process) {
  const std::string stat = contents("/proc/" + process + "/stat");
  const auto name_ends = stat.rfind(") ");
  return name_ends != stat.npos && (stat[name_ends + 2] == 'T' || stat[name_ends + 2] == 't');
}

}  // namespace

std::string holder_in_words(int descriptor, std::optional<off_t> byte) {
  const std::string process = Search(descriptor, byte).run();
  if (process.empty()) return {};
  std::string name = contents("/proc/" + process + "/comm");
  while (!name.empty() && name.back() == '\n') name.pop_back();
  if (is_stopped(process)) name += std::string(name.empty() ? "" : ", ") + "which is stopped";
  return ", held by process " + process + (name.empty() ? "" : " (" + name + ")");
}

}  // namespace vifchain::inline edge::inline state
