// SPDX-License-Identifier: Apache-2.0
// Red Hat's files of a link, as assignments (sysconfig.txt of initscripts).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "convert/import/draft_config.hpp"

namespace vifchain::inline convert {

struct Assignment {
  std::string key, value;  // without the shell's quotes
  Said at;
};

struct Ifcfg {
  std::string name;  // of the link: DEVICE, or what follows "ifcfg-"
  Said at;           // the file as a whole
  std::vector<Assignment> lines;

  [[nodiscard]] const Assignment* find(std::string_view key) const;  // the last; null: none
  [[nodiscard]] std::string value(std::string_view key) const;       // empty: none
  [[nodiscard]] bool is_yes(std::string_view key) const;
};

// The assignments of a file that a shell would source, with a remark for every other line and for
// values that only a shell could tell.
std::vector<Assignment> read_assignments(const SourceFile& file, DraftConfig& draft);

// What of the file's own the link gets; kinds of links are told before.
void tell_ifcfg_kind(const Ifcfg& file, DraftConfig& draft);
void tell_ifcfg(const Ifcfg& file, const std::string& gateway_link, DraftConfig& draft);

bool is_yes(std::string_view word);

}  // namespace vifchain::inline convert
