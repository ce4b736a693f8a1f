// SPDX-License-Identifier: Apache-2.0
// modprobe(8), insmod(8) and the parameters of the bonding module (bonding.rst).
#include <algorithm>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

// What vifchain makes it loads by itself, as the kernel does.
constexpr std::string_view come_by_themselves = "bridge 8021q bonding dummy ipv6 llc stp mii";

std::string module_of(const std::string& word) {
  std::string name(last_part(word));
  name.resize(std::min(name.find(".ko"), name.size()));
  std::ranges::replace(name, '_', '-');
  return name;
}

}  // namespace

void set_module_option(std::string_view word, DraftLink& bond, const Said& at, DraftConfig& draft) {
  const auto equals = word.find('=');
  const auto key = word.substr(0, equals);
  const auto value = equals == word.npos ? std::string_view() : word.substr(equals + 1);
  // Bonds are made by name.
  if (key == "max_bonds") return;
  set_bond_option(draft, bond, key, value, at);
}

void tell_modprobe(const ScriptCommand& command, Telling& telling) {
  const auto said =
      told_apart(Words(command.words), "-o --name -C --config -d --dirname -S --set-version");
  const auto module = module_of(said.other(0));
  if (said.has("-r --remove") || module.empty()) return;
  if (module == "netloop")
    return telling.draft.lose(command.at, "netloop's pairs of links went with Xen 3.2");
  if (module != "bonding") {
    if (!is_one_of(module, come_by_themselves))
      telling.draft.lose(command.at, "which modules are loaded stays with modules-load.d");
    return;
  }
  // Another name is the bond's.
  const auto as = said.value("-o --name");
  DraftLink& bond = as.empty() ? telling.draft.every_bond : telling.draft.bond(as, command.at);
  for (std::size_t i = 1; i < said.others.size(); ++i)
    set_module_option(said.others[i], bond, command.at, telling.draft);
}

}  // namespace vifchain::inline convert
