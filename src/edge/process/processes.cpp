// SPDX-License-Identifier: Apache-2.0
#include "edge/process/processes.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <sstream>

#include "core/text/decimal.hpp"
#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline process {
namespace {

// proc(5): words end with a NUL each; who writes a title leaves more of them behind.
std::vector<std::string> words_in(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\0', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  while (!words.empty() && words.back().empty()) words.pop_back();
  return words;
}

std::string folder_of(const std::string& pid) {
  return "/proc/" + pid;
}

// Nothing when it is not there, may not be read, or has ended since it was opened: the kernel then
// answers ESRCH (proc_single_show and proc_pid_cmdline_read in fs/proc/base.c).
std::string text_of(const std::string& pid, const char* file) {
  return text_or_nothing(folder_of(pid) + file);
}

// Where it may not be read, it is taken for ours.
bool is_in_our_namespace(const std::string& pid) {
  struct stat theirs = {}, ours = {};
  if (::stat((folder_of(pid) + "/ns/net").c_str(), &theirs) != 0) return true;
  if (::stat("/proc/self/ns/net", &ours) != 0) return true;
  return theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

// The fourth word of its stat; the second is a name in brackets that may hold anything.
int parent_of(const std::string& pid) {
  const std::string text = text_of(pid, "/stat");
  const auto name_ends = text.rfind(')');
  if (name_ends == text.npos) return 0;
  std::istringstream rest(text.substr(name_ends + 1));
  std::string state;
  int parent = 0;
  rest >> state >> parent;
  return parent;
}

}  // namespace

Process process_of(int pid) {
  const std::string number = std::to_string(pid);
  return {.pid = pid, .parent = parent_of(number), .words = words_in(text_of(number, "/cmdline"))};
}

std::vector<Process> processes_here() {
  std::vector<Process> all;
  std::error_code failed;
  for (std::filesystem::directory_iterator entry("/proc", failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const std::string name = entry->path().filename();
    const auto pid = decimal<int>(name);
    if (!pid) continue;
    auto words = words_in(text_of(name, "/cmdline"));  // none: a thread of the kernel's, or over
    if (words.empty() || !is_in_our_namespace(name)) continue;
    all.push_back({.pid = *pid, .parent = parent_of(name), .words = std::move(words)});
  }
  return all;
}

}  // namespace vifchain::inline edge::inline process
