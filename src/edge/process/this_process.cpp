// SPDX-License-Identifier: Apache-2.0
#include "edge/process/this_process.hpp"

#include <unistd.h>

#include <cstdlib>

#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline process {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string for_a_shell(const std::string& word) {
  constexpr const char* plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace

ThisProcess this_process() {
  return {.pid = ::getpid(),
          .uid = ::getuid(),
          .sudo_user = variable("SUDO_USER"),
          .caller = variable("VIFCHAIN_CALLER")};
}

std::string command_line() {
  const std::string bytes = text_or_nothing("/proc/self/cmdline");
  std::string line;
  for (std::size_t at = 0, end; (end = bytes.find('\0', at)) != std::string::npos; at = end + 1) {
    std::string word = bytes.substr(at, end - at);
    if (at == 0) word = word.substr(word.rfind('/') + 1);
    line += (at == 0 ? "" : " ") + for_a_shell(word);
  }
  return line;
}

}  // namespace vifchain::inline edge::inline process
