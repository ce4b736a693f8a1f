// SPDX-License-Identifier: Apache-2.0
#include "edge/process/hooks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <sstream>
#include <string_view>
#include <vector>

#include "edge/base/error.hpp"
#include "edge/base/folder.hpp"
#include "edge/process/child.hpp"
#include "hooks_bash.hpp"

namespace vifchain::inline edge::inline process {
namespace {

// What an event sets, in Xen's scripts and here.
constexpr std::array<std::string_view, 13> event_variables{
    "command", "type_if", "dev",         "vif", "vifname", "bridge", "ip",
    "netdev",  "main_ip", "XENBUS_PATH", "mtu", "vlan",    "mac"};

bool of_an_event(std::string_view entry) {
  const auto name = entry.substr(0, entry.find('='));
  return std::ranges::find(event_variables, name) != event_variables.end();
}

std::vector<std::string> environment_with(const std::map<std::string, std::string>& variables) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!of_an_event(text) && !variables.contains(std::string(text.substr(0, text.find('=')))))
      environment.emplace_back(text);
  }
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  return environment;
}

// What the hooks' bash has to say: lines that can be read when it is over.
class Report {
 public:
  Report() {
    if (pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw Error(errno, "making a pipe");
  }
  ~Report() {
    close(ends_[0]);
    close(ends_[1]);
  }
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  [[nodiscard]] int write_end() const { return ends_[1]; }

  [[nodiscard]] std::string read_all() const {
    std::string text;
    std::array<char, 4096> part{};
    for (ssize_t size; (size = read(ends_[0], part.data(), part.size())) > 0;)
      text.append(part.data(), static_cast<std::size_t>(size));
    return text;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// The hook that ran last, and what went wrong in it.
struct Said {
  std::string hook, words;
};

Said read_report(const std::string& text) {
  Said said;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("> "))
      said = {line.substr(2), ""};
    else
      said.words += (said.words.empty() ? "" : "; ") + line;
  }
  return said;
}

// As Xen's scripts are called: beside the folder of their hooks.
std::string program_beside(const std::string& folder) {
  return folder.substr(0, folder.find_last_of('/') + 1) + "vif-chain";
}

ChildProgram bash_for(const std::string& folder, const std::map<std::string, std::string>& values,
                      const Report& report, const std::string& output) {
  return {.words = {"/bin/bash", "-p", "-c", hooks_bash, program_beside(folder), folder,
                    std::to_string(report.write_end())},
          .environment = environment_with(values),
          .output = output,
          .descriptor = report.write_end()};
}

std::string in_words(const std::string& hook) {
  return hook.empty() ? "the hooks" : "the hook " + hook;
}

std::string waiting_text(std::chrono::steady_clock::duration waited, const std::string& hook) {
  using std::chrono::milliseconds;
  return ": waited " + duration_text(std::chrono::duration_cast<milliseconds>(waited)) + " for " +
         in_words(hook);
}

}  // namespace

std::optional<std::string> any_hook(const std::string& folder) {
  const auto open = open_folder(folder);
  if (!open) return std::nullopt;
  while (const dirent* entry = ::readdir(open.get())) {
    const std::string path = folder + "/" + entry->d_name;
    if (path.ends_with(".hook") && ::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

void run_hooks(const std::string& folder, const std::map<std::string, std::string>& variables,
               const Deadline& deadline, const std::string& output) {
  using Clock = std::chrono::steady_clock;
  const Report report;
  const auto since = Clock::now();
  try {
    const int code = run_child(bash_for(folder, variables, report, output), deadline);
    if (code == 0) return;
    const auto [hook, words] = read_report(report.read_all());
    throw Error(ECANCELED, in_words(hook),
                words.empty() ? "ended with " + std::to_string(code) : words);
  } catch (const Interrupted& interrupted) {
    const auto hook = read_report(report.read_all()).hook;
    throw Interrupted(interrupted.what() + waiting_text(Clock::now() - since, hook));
  }
}

}  // namespace vifchain::inline edge::inline process
