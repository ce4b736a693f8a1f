// SPDX-License-Identifier: Apache-2.0
// Finding and opening other programs' files, for import. Only regular files are read, and none that
// is larger than such a file ever was.
#pragma once

#include <string>
#include <vector>

#include "core/text/source.hpp"

namespace vifchain::inline edge::inline parse {

inline constexpr std::size_t largest_source = 4U << 20U;  // bytes

// A host's files below `root` (mostly "/", or where an old host's disk is mounted): /etc/network,
// /etc/modprobe.d, /etc/sysconfig, /etc/systemd/network, /etc/netplan, /etc/xen. Their names are as
// that host has them, and symbolic links lead where they lead there. Those that cannot be read are
// left out, with a sentence for each.
struct FoundSources {
  std::vector<SourceFile> files;
  std::vector<std::string> unread;
};
FoundSources find_sources(const std::string& root);

// The file, or what is in the folder (not below it). Throws Error when the file cannot be read; of
// those in a folder it is left out.
FoundSources open_source(const std::string& path);

// Opens what files include, below `root` alone, wherever symbolic links there lead.
Include include_below(const std::string& root);

}  // namespace vifchain::inline edge::inline parse
