// SPDX-License-Identifier: Apache-2.0
// modprobe.d(5) and the older modprobe.conf and modules.conf.
#include <algorithm>
#include <set>

#include "convert/import/readers.hpp"
#include "convert/import/script/command_parts.hpp"
#include "convert/import/script/shell.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline convert {
namespace {

bool is_ours(std::string_view module) {
  return is_one_of(module, "bonding 8021q bridge");
}

// Names that stand for the bonding module: "alias bond1 bonding".
std::set<std::string> bond_names(const std::vector<TextLine>& lines) {
  std::set<std::string> names;
  for (const auto& line : lines) {
    const auto words = words_of(line.text);
    if (words.size() >= 3 && words[0] == "alias" && words[2] == "bonding") names.insert(words[1]);
  }
  return names;
}

bool looks_like_bond(const std::string& name, const std::set<std::string>& aliases) {
  const bool numbered = name.starts_with("bond") && name.size() > 4 &&
                        name.find_first_not_of("0123456789", 4) == std::string::npos;
  return numbered || (aliases.contains(name) && name.find('*') == std::string::npos);
}

void tell_options(const std::vector<std::string>& words, const std::set<std::string>& aliases,
                  const Said& at, DraftConfig& draft) {
  const auto& module = words[1];
  const bool of_all = module == "bonding";
  if (!of_all && !looks_like_bond(module, aliases)) {
    if (module == "netloop")
      draft.lose(at, "netloop's pairs of links went with Xen 3.2");
    else if (is_one_of(module, "xen* netbk dummy"))
      draft.lose(at, "a driver's own options stay in modprobe.d");
    return;
  }
  DraftLink& bond = of_all ? draft.every_bond : draft.bond(module, at);
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (!of_all && (words[i] == "-o" || words[i].starts_with("--name"))) {
      ++i;
      continue;
    }
    set_module_option(words[i], bond, at, draft);
  }
}

// "install bond1 /sbin/modprobe bonding -o bond1 mode=4"
void tell_install(const std::vector<std::string>& words, const std::string& text, const Said& at,
                  Telling& telling) {
  const auto& module = words[1];
  const auto& program = words[2];
  if (is_ours(module) && (program.ends_with("/true") || program.ends_with("/false")))
    return telling.draft.warn(
        at, "keeps the kernel from having " + module + ": vifchain cannot make what needs it");
  if (!module.starts_with("bond")) return;
  const auto command = text.find(program, text.find(module) + module.size());
  const auto read = read_shell({.at = at, .text = std::string_view(text).substr(command)});
  for (const auto& one : read.commands) tell(one, telling);
}

void tell_line(const TextLine& line, const std::set<std::string>& aliases, const std::string& file,
               Telling& telling) {
  const auto words = words_of(line.text);
  const auto at = said_in(file, line.number, line.text);
  if (words.size() < 2) return telling.draft.lose(at, "is no line of modprobe.d");
  const auto& key = words[0];
  if (key == "options") return tell_options(words, aliases, at, telling.draft);
  if (key == "install" && words.size() > 2) return tell_install(words, line.text, at, telling);
  if (key == "blacklist" && is_ours(words[1]))
    return telling.draft.warn(at, "keeps the kernel from loading " + words[1] + " by itself");
  if (!is_one_of(key,
                 "alias blacklist install remove softdep config include post-install "
                 "pre-install"))
    telling.draft.lose(at, "is no line of modprobe.d");
}

}  // namespace

void read_modprobe(const std::vector<SourceFile>& files, DraftConfig& draft) {
  Telling telling{draft};
  for (const auto& file : files) {
    if (file.text.find('\0') != std::string::npos) {
      draft.lose({file.name}, "is no text, and is not read");
      continue;
    }
    const auto lines = logical_lines(file.text);
    const auto aliases = bond_names(lines);
    for (const auto& line : lines) tell_line(line, aliases, file.name, telling);
  }
}

}  // namespace vifchain::inline convert
