// SPDX-License-Identifier: Apache-2.0
#include "edge/process/outside.hpp"

#include <unistd.h>

#include <cctype>
#include <cstdlib>
#include <sstream>

#include "core/text/decimal.hpp"
#include "edge/base/durable_file.hpp"

namespace vifchain::inline edge::inline process {
namespace {

constexpr auto systemd_run = "/usr/bin/systemd-run", systemctl = "/usr/bin/systemctl";
constexpr auto systemd_is_there = "/run/systemd/system";  // sd_booted(3)

// CAP_NET_RAW: every DHCP client needs it (linux/capability.h).
constexpr unsigned raw_sockets = 13;

bool has_raw_sockets() {
  std::istringstream lines(read_file("/proc/self/status").value_or(""));
  std::string word;
  while (lines >> word)
    if (word == "CapEff:" && lines >> word)
      return ((decimal<std::uint64_t>(word, 16).value_or(0) >> raw_sockets) & 1U) != 0;
  return true;
}

}  // namespace

bool is_in_bounds() {
  return ::access(systemd_is_there, F_OK) == 0 && !has_raw_sockets();
}

bool has_units() {
  return ::access(systemd_is_there, F_OK) == 0 && ::access(systemd_run, X_OK) == 0;
}

std::string unit_name(const std::string& name) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string unit;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.')
      unit += c;
    else
      unit += std::string("\\x") + digits[byte >> 4U] + digits[byte & 15U];
  }
  return unit + ".service";
}

// It is not a part of what started it, and goes on when that is ended.
std::vector<std::string> as_unit(const std::string& unit, const std::vector<std::string>& words,
                                 const std::vector<std::string>& environment, Comes comes,
                                 const std::string& pid_file) {
  std::vector<std::string> all{systemd_run,
                               "--quiet",
                               "--collect",
                               "--no-ask-password",
                               "--unit=" + unit,
                               "--property=Restart=always",
                               "--property=RestartSec=2",
                               "--property=StartLimitIntervalSec=0",
                               "--property=KillMode=process"};
  if (comes == Comes::by_forking) {
    all.emplace_back("--property=Type=forking");
    all.push_back("--property=PIDFile=" + pid_file);
  } else {
    all.emplace_back("--property=Type=exec");
  }
  for (const auto& variable : environment) all.push_back("--setenv=" + variable);
  all.emplace_back("--");
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

std::vector<std::string> ending_unit(const std::string& unit) {
  return {systemctl, "--quiet", "--no-ask-password", "stop", unit};
}

// One that has just ended is of none.
bool is_of_unit(int pid, const std::string& unit) {
  const std::string groups = text_or_nothing("/proc/" + std::to_string(pid) + "/cgroup");
  return groups.find("/" + unit + "\n") != std::string::npos;
}

}  // namespace vifchain::inline edge::inline process
