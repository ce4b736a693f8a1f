#include "edge/sources.hpp"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

#include "edge/descriptor.hpp"
#include "edge/error.hpp"

namespace vifchain {
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

std::vector<std::string> paths_like(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_NOESCAPE, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  return paths;
}

// Neither a pipe nor a device must keep us waiting.
std::string read_regular(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat about {};
  if (!file.open() || ::fstat(file.number(), &about) != 0) throw Error(errno, "reading " + path);
  if (!S_ISREG(about.st_mode)) throw Error(EINVAL, "reading " + path, "it is no regular file");
  std::string text;
  std::array<char, 16384> piece{};
  for (;;) {
    const auto got = ::read(file.number(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(errno, "reading " + path);
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > largest_source)
      throw Error(EFBIG, "reading " + path, "no such file is as large as that");
  }
}

std::string without_slash(std::string root) {
  while (root.ends_with('/')) root.pop_back();
  return root;
}

// As the host whose root this is has it.
std::string name_below(const std::string& root, const std::string& path) {
  return path.starts_with(root) ? path.substr(root.size()) : path;
}

bool is_folder(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// Backups and what is hidden are nobody's (run-parts(8), interfaces(5)).
bool counts(const std::string& name) {
  return !name.starts_with('.') && !name.ends_with('~') && name.find(".dpkg-") == name.npos &&
         !name.ends_with(".bak") && !name.ends_with(".orig");
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (entry.is_regular_file(failed) && counts(entry.path().filename()))
      paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

FoundSources find_sources(const std::string& root) {
  const auto base = without_slash(root);
  FoundSources found;
  for (const auto& place : usual_places) {
    for (const auto& path : paths_like(base + std::string(place))) {
      try {
        found.files.push_back({name_below(base, path), read_regular(path)});
      } catch (const Error& error) {
        found.unread.emplace_back(error.what());
      }
    }
  }
  return found;
}

std::vector<SourceFile> open_source(const std::string& path) {
  std::vector<SourceFile> files;
  for (const auto& file : is_folder(path) ? files_in(path) : std::vector{path})
    files.push_back({file, read_regular(file)});
  return files;
}

Include include_below(const std::string& root) {
  const auto base = without_slash(root);
  return [base](const std::string& pattern, const std::string& from) {
    const auto whole = fs::path(pattern).is_absolute() ? fs::path(pattern)
                                                       : fs::path(from).parent_path() / pattern;
    // "/.." is "/", so that nothing leads out.
    const std::string below = (fs::path("/") / whole.relative_path()).lexically_normal();
    const bool relative = base.empty() && !whole.is_absolute();
    std::vector<SourceFile> files;
    for (const auto& path : paths_like(relative ? whole.lexically_normal().string() : base + below))
      for (const auto& file : is_folder(path) ? files_in(path) : std::vector{path}) {
        try {
          files.push_back({name_below(base, file), read_regular(file)});
        } catch (const Error&) {
          continue;  // the reader says that there was nothing
        }
      }
    return files;
  };
}

}  // namespace vifchain
