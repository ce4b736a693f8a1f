// SPDX-License-Identifier: Apache-2.0
// Which program a file is for, and all of a host's files read together.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convert/import/draft_config.hpp"
#include "core/text/source.hpp"

namespace vifchain::inline convert {

// In the order in which they are read: what comes later has the last word.
enum class Format : std::uint8_t {
  modprobe,
  ifupdown,
  ifcfg,
  networkd,
  netplan,
  script,
  xend,
  xl_conf,
};

// By the file's name and place, or where they do not tell, by what is in it. Nothing for a file
// that is none of them.
std::optional<Format> format_of(const SourceFile& file);

struct Sources {
  std::map<Format, std::vector<SourceFile>> files = {};
  std::vector<SourceTree> netplan = {};  // those of Format::netplan, as trees
};

// What all of them say. netplan's come as trees; their texts are passed over.
DraftConfig read_sources(const Sources& sources, const Include& include);

}  // namespace vifchain::inline convert
