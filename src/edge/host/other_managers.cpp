// SPDX-License-Identifier: Apache-2.0
#include "edge/host/other_managers.hpp"

#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/text/glob.hpp"
#include "core/text/interfaces_file.hpp"
#include "core/text/key_file.hpp"
#include "core/text/lines.hpp"
#include "edge/base/bounded_file.hpp"
#include "edge/base/durable_file.hpp"
#include "edge/base/error.hpp"

namespace vifchain::inline edge::inline host {
namespace {

// What glob(3) calls where it cannot read a folder: not zero ends it.
int ends_by(const char* /*folder*/, int error_number) {
  return is_shortage(error_number) ? 1 : 0;
}

// Paths that match a shell's pattern, sorted.
std::vector<std::string> paths_like(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  const int result = glob(pattern.c_str(), 0, ends_by, &found);
  const int why = errno;
  if (result == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  if (result == GLOB_ABORTED || result == GLOB_NOSPACE)
    throw Error(result == GLOB_NOSPACE ? ENOMEM : why, "reading " + pattern);
  return paths;
}

// A list of patterns, or with "!" before it of those that it is not to be (systemd.network(5)).
bool names(const std::string& list, const std::string& name) {
  const bool inverted = list.starts_with('!');
  const auto patterns = words_of(std::string_view(list).substr(inverted ? 1 : 0));
  const auto is_it = [&](const std::string& pattern) { return matches_glob(pattern, name); };
  return std::ranges::any_of(patterns, is_it) != inverted;
}

// A .network file, as far as it is read here.
struct NetworkFile {
  std::string path;
  std::vector<KeyValue> keys;
};

class Managers {
 public:
  explicit Managers(const std::string& root) : root_(root) {}

  std::vector<ManagedLink> all(const std::map<LinkName, Asked>& links) {
    for (const auto& [name, asked] : links) {
      if (asked.nic && asked.index != 0) ask_network_manager(name, asked.index);
      ask_networkd(name, asked.index);
    }
    ask_ifupdown(links);
    return std::move(found_);
  }

 private:
  void ask_network_manager(const LinkName& name, unsigned index) {
    const std::string path = "/run/NetworkManager/devices/" + std::to_string(index);
    const auto text = read_file_if_one_can(root_ + path);
    if (text && value_of(read_keys(*text), "device", "managed") == "true")
      found_.push_back({name, Manager::network_manager, path});
  }

  // Its state file (link_save in networkd-link.c of systemd) tells what came of all matching.
  void ask_networkd(const LinkName& name, unsigned index) {
    const auto state =
        index == 0
            ? std::nullopt
            : read_file_if_one_can(root_ + "/run/systemd/netif/links/" + std::to_string(index));
    if (!state) return match_networkd(name);
    const auto keys = read_keys(*state);
    const auto file = value_of(keys, "", "NETWORK_FILE");
    if (value_of(keys, "", "ADMIN_STATE") != "unmanaged") add_networkd(name, file);
  }

  // Of all that match the first by file name counts.
  void match_networkd(const LinkName& name) {
    if (!networkd_comes()) return;
    for (const auto& [path, keys] : network_files()) {
      const auto list = value_of(keys, "Match", "Name");
      if (list.empty() || !names(list, name.str())) continue;
      const auto unmanaged = value_of(keys, "Link", "Unmanaged");
      if (unmanaged != "yes" && unmanaged != "true" && unmanaged != "1") add_networkd(name, path);
      return;
    }
  }

  // Files of vifchain's own making are for addresses that vifchain wants there.
  void add_networkd(const LinkName& name, const std::string& file) {
    if (!file.empty() && file.find("vifchain") == file.npos)
      found_.push_back({name, Manager::networkd, file});
  }

  bool networkd_comes() {
    if (!networkd_comes_) networkd_comes_ = is_networkd_enabled();
    return *networkd_comes_;
  }

  [[nodiscard]] bool is_networkd_enabled() const {
    const std::string wants = root_ + "/etc/systemd/system/*.wants/systemd-networkd.service";
    const std::string alias = root_ + "/etc/systemd/system/dbus-org.freedesktop.network1.service";
    return !paths_like(wants).empty() || std::filesystem::is_symlink(alias);
  }

  // One in /etc takes the place of one of the same name in /run.
  const std::vector<NetworkFile>& network_files() {
    if (read_files_) return files_;
    read_files_ = true;
    std::map<std::string, std::string> paths;
    for (const char* folder : {"/etc/systemd/network", "/run/systemd/network"})
      for (const auto& path : paths_like(root_ + folder + "/*.network"))
        paths.emplace(path.substr(path.rfind('/') + 1), path);
    for (const auto& [file, path] : paths)
      if (const auto text = read_file_if_one_can(path))
        files_.push_back({path.substr(root_.size()), read_keys(*text)});
    return files_;
  }

  void ask_ifupdown(const std::map<LinkName, Asked>& links) {
    const std::string path = "/etc/network/interfaces";
    const auto text = read_file_if_one_can(root_ + path);
    if (!text) return;
    const auto include = [&](const std::string& pattern, const std::string& from) {
      return files_like(pattern.starts_with('/') ? pattern : folder_of(from) + pattern);
    };
    for (const auto& stanza : read_interfaces({{path, *text}}, include))
      for (const auto& link : links_in(stanza))
        if (const auto name = LinkName::parse(link); name && links.contains(*name))
          add_stanza(*name, place_of(stanza.at));
  }

  static std::string folder_of(const std::string& path) {
    return path.substr(0, path.rfind('/') + 1);
  }

  [[nodiscard]] std::vector<SourceFile> files_like(const std::string& pattern) const {
    std::vector<SourceFile> files;
    std::error_code ignored;
    for (const auto& path : paths_like(root_ + pattern))
      for (const auto& file : std::filesystem::is_directory(path, ignored) ? paths_like(path + "/*")
                                                                           : std::vector{path})
        if (auto text = read_file_if_one_can(file))
          files.push_back({file.substr(root_.size()), std::move(*text)});
    return files;
  }

  // A link has a stanza for each family; one tells enough.
  void add_stanza(const LinkName& name, const std::string& where) {
    const auto same = [&](const ManagedLink& managed) {
      return managed.link == name && managed.by == Manager::ifupdown;
    };
    if (std::ranges::none_of(found_, same)) found_.push_back({name, Manager::ifupdown, where});
  }

  const std::string root_;
  std::vector<ManagedLink> found_;
  std::vector<NetworkFile> files_;
  bool read_files_ = false;
  std::optional<bool> networkd_comes_;
};

}  // namespace

std::vector<ManagedLink> read_managers(const std::map<LinkName, Asked>& links,
                                       const std::string& root) {
  return Managers(root).all(links);
}

}  // namespace vifchain::inline edge::inline host
