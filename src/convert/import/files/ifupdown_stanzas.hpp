// SPDX-License-Identifier: Apache-2.0
// The stanzas of /etc/network/interfaces and of what it includes (interfaces(5)).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "convert/import/draft_config.hpp"
#include "core/text/source.hpp"

namespace vifchain::inline convert {

struct IfupLine {
  std::string key;    // as written, with - for _: "bridge-ports"
  std::string value;  // the rest of the line
  Said at;
};

struct IfupStanza {
  std::string name;            // of the link, perhaps with a label: "eth0:1"
  std::string family, method;  // empty where ifupdown2 needs none
  std::vector<std::string> inherits = {};
  Said at;
  std::vector<IfupLine> lines = {};

  // The value of the last line with this key; empty when there is none.
  [[nodiscard]] std::string value(std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
};

// In the order in which they are read, with the lines of those that they inherit before their own
// and by the name of the link that they are used for. What is no stanza of a link is a remark.
std::vector<IfupStanza> read_stanzas(const std::vector<SourceFile>& files, const Include& include,
                                     DraftConfig& draft);

}  // namespace vifchain::inline convert
