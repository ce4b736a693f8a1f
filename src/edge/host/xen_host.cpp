// SPDX-License-Identifier: Apache-2.0
#include "edge/host/xen_host.hpp"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace vifchain::inline edge::inline host {
namespace {

namespace fs = std::filesystem;

std::string first_word_of(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return word;
}

// Through links, so that a link to ours is ours.
bool is_ours(const std::string& path) {
  std::error_code ignored;
  const auto real = fs::canonical(path, ignored);
  return fs::path(path).filename() == "vif-chain" || real.filename() == "vif-chain";
}

}  // namespace

std::optional<XenRelease> running_xen(const std::string& sysfs) {
  const std::string version = sysfs + "/hypervisor/version/";
  return XenRelease::parse(first_word_of(version + "major") + "." +
                           first_word_of(version + "minor"));
}

std::map<std::string, ScriptFacts> read_scripts(const std::vector<std::string>& paths) {
  std::map<std::string, ScriptFacts> scripts;
  for (const auto& path : paths) {
    std::error_code ignored;
    ScriptFacts facts{.there = fs::is_regular_file(path, ignored)};
    facts.runnable = facts.there && access(path.c_str(), X_OK) == 0;
    facts.ours = facts.runnable && is_ours(path);
    scripts.emplace(path, facts);
  }
  return scripts;
}

}  // namespace vifchain::inline edge::inline host
