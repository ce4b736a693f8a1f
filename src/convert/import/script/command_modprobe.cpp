// SPDX-License-Identifier: Apache-2.0
// modprobe(8), insmod(8) and the parameters of the bonding module (bonding.rst).
#include <algorithm>
#include <array>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"

namespace vifchain::inline convert {
namespace {

// What vifchain makes it loads by itself, as the kernel does.
bool comes_by_itself(std::string_view module) {
  constexpr std::array<std::string_view, 8> modules{"bridge", "8021q", "bonding", "dummy",
                                                    "ipv6",   "llc",   "stp",     "mii"};
  return std::ranges::find(modules, module) != modules.end();
}

std::string module_of(std::string_view word) {
  word = word.substr(word.rfind('/') + 1);
  std::string name(word.substr(0, word.find(".ko")));
  std::ranges::replace(name, '_', '-');
  return name;
}

bool takes_value(std::string_view option) {
  constexpr std::array<std::string_view, 8> options{"-o", "--name",    "-C", "--config",
                                                    "-d", "--dirname", "-S", "--set-version"};
  return std::ranges::find(options, option) != options.end();
}

struct ModprobeWords {
  bool removes = false;
  std::string module, as;  // -o: another name, which the bond then has
  std::vector<std::string> options;
};

ModprobeWords modprobe_words(Words words) {
  ModprobeWords said;
  while (!words.at_end()) {
    const auto word = words.next();
    said.removes = said.removes || word == "-r" || word == "--remove";
    if (takes_value(word)) {
      const auto value = words.next();
      if (word == "-o" || word == "--name") said.as = value;
    } else if (word.starts_with("-")) {
      continue;
    } else if (said.module.empty()) {
      said.module = module_of(word);
    } else {
      said.options.emplace_back(word);
    }
  }
  return said;
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
  const auto said = modprobe_words(Words(command.words));
  if (said.removes || said.module.empty()) return;
  if (said.module == "bonding") {
    DraftLink& bond =
        said.as.empty() ? telling.draft.every_bond : telling.draft.bond(said.as, command.at);
    for (const auto& option : said.options)
      set_module_option(option, bond, command.at, telling.draft);
    return;
  }
  if (said.module == "netloop")
    return telling.draft.lose(command.at, "netloop's pairs of links went with Xen 3.2");
  if (comes_by_itself(said.module)) return;
  telling.draft.lose(command.at, "which modules are loaded stays with modules-load.d");
}

}  // namespace vifchain::inline convert
