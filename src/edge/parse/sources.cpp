// SPDX-License-Identifier: Apache-2.0
#include "edge/parse/sources.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <memory>

#include "edge/base/bounded_file.hpp"
#include "edge/base/error.hpp"
#include "edge/base/root_folder.hpp"

namespace vifchain::inline edge::inline parse {
namespace {

namespace fs = std::filesystem;

// Patterns of the usual places, in the order in which programs read them.
constexpr std::array<std::string_view, 24> usual_places{
    "/etc/modprobe.conf",
    "/etc/modprobe.d/*.conf",
    "/etc/network/interfaces",
    "/etc/sysconfig/network",
    "/etc/sysconfig/network-scripts/ifcfg-*",
    "/etc/sysconfig/network-scripts/route-*",
    "/etc/sysconfig/network-scripts/route6-*",
    "/etc/sysconfig/network-scripts/rule-*",
    "/etc/sysconfig/network-scripts/rule6-*",
    "/etc/systemd/network/*.netdev",
    "/etc/systemd/network/*.netdev.d/*.conf",
    "/etc/systemd/network/*.network",
    "/etc/systemd/network/*.network.d/*.conf",
    "/etc/systemd/network/*.link",
    "/run/systemd/network/*.netdev",
    "/run/systemd/network/*.network",
    "/usr/lib/netplan/*.yaml",
    "/etc/netplan/*.yaml",
    "/run/netplan/*.yaml",
    "/etc/xen/xend-config.sxp",
    "/etc/xen/xl.conf",
    "/etc/xend-config.sxp",
    "/etc/modules.conf",
    "/etc/conf.modules",
};

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// Backups and what is hidden are nobody's (run-parts(8), interfaces(5)).
bool counts(const std::string& path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return !name.starts_with('.') && !name.ends_with('~') && name.find(".dpkg-") == name.npos &&
         !name.ends_with(".bak") && !name.ends_with(".orig");
}

std::vector<std::string> paths_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (!entry.is_directory(failed) && counts(entry.path())) paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

// Without folders below it.
std::vector<std::string> files_in(const RootFolder& root, const std::string& folder) {
  auto names = root.in_folder(folder);
  std::erase_if(names, [&](const auto& name) { return !counts(name) || root.is_folder(name); });
  return names;
}

void read_into(FoundSources& found, const std::string& name,
               const std::function<std::string()>& read) {
  try {
    found.files.push_back({name, read()});
  } catch (const Error& error) {
    found.unread.emplace_back(error.what());
  }
}

}  // namespace

FoundSources find_sources(const std::string& root) {
  const RootFolder host(root);
  FoundSources found;
  for (const auto& place : usual_places)
    for (const auto& name : host.like(std::string(place)))
      read_into(found, name, [&] { return host.read(name, largest_source); });
  return found;
}

FoundSources open_source(const std::string& path) {
  FoundSources found;
  if (!is_folder(path)) {
    found.files.push_back({path, read_bounded_file(path, largest_source)});
    return found;
  }
  for (const auto& file : paths_in(path))
    read_into(found, file, [&] { return read_bounded_file(file, largest_source); });
  return found;
}

Include include_below(const std::string& root) {
  const auto host = std::make_shared<RootFolder>(root);
  return [host](const std::string& pattern, const std::string& from) {
    auto whole = fs::path(pattern).is_absolute() ? fs::path(pattern)
                                                 : fs::path(from).parent_path() / pattern;
    std::error_code failed;
    if (!whole.is_absolute()) whole = fs::absolute(whole, failed);  // of a file that was named so
    // "/.." is "/", so that nothing leads out.
    const std::string below = (fs::path("/") / whole.relative_path()).lexically_normal();
    FoundSources found;
    for (const auto& name : host->like(below))
      for (const auto& file : host->is_folder(name) ? files_in(*host, name) : std::vector{name})
        read_into(found, file, [&] { return host->read(file, largest_source); });
    return found.files;  // of the others the reader says that there was nothing
  };
}

}  // namespace vifchain::inline edge::inline parse
