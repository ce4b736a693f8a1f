#include "edge/process/outside.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "core/decimal.hpp"
#include "edge/error.hpp"
#include "edge/kept/kept_file.hpp"

namespace vifchain {
namespace {

constexpr auto systemd_run = "/usr/bin/systemd-run";
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

std::vector<std::string> outside_bounds(const std::vector<std::string>& words,
                                        const std::vector<std::string>& environment, Comes comes) {
  if (::access(systemd_run, X_OK) != 0) return words;
  std::vector<std::string> all{systemd_run, "--quiet", "--collect", "--no-ask-password"};
  all.emplace_back(comes == Comes::by_forking ? "--property=Type=forking" : "--property=Type=exec");
  // It goes on when somebody ends what it looks like a part of.
  all.emplace_back("--property=KillMode=process");
  for (const auto& variable : environment) all.push_back("--setenv=" + variable);
  all.emplace_back("--");
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

}  // namespace vifchain
