// SPDX-License-Identifier: Apache-2.0
// What is written to /sys/class/net and /proc/sys (bonding.rst; net/bridge/br_sysfs_br.c).
#include <algorithm>
#include <span>

#include "convert/import/script/command_parts.hpp"
#include "convert/import/tool_options.hpp"
#include "core/text/lines.hpp"

namespace vifchain::inline convert {
namespace {

// The text that echo or printf would write, without options and the end of the line.
std::string written(const ScriptCommand& command) {
  std::string text;
  for (std::size_t i = 1; i < command.words.size(); ++i) {
    const auto& word = command.words[i];
    if (i == 1 && (word == "-n" || word == "-e" || word == "-en" || word == "-ne")) continue;
    text += (text.empty() ? "" : " ") + word;
  }
  while (text.ends_with("\\n")) text.resize(text.size() - 2);
  return std::string(trimmed(text));
}

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    if (end > begin) parts.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// "+bond0 -bond1"
void write_masters(const std::string& text, const Said& at, Telling& telling) {
  for (const auto& word : words_of(text)) {
    if (word.starts_with("+"))
      telling.draft.bond(word.substr(1), at);
    else if (word.starts_with("-"))
      telling.draft.remove(word.substr(1));
  }
}

void write_ports(DraftLink& bond, const std::string& text, const Said& at, Telling& telling) {
  for (const auto& word : words_of(text)) {
    if (word.starts_with("+"))
      join(bond, word.substr(1), at, telling);
    else if (word.starts_with("-"))
      telling.draft.remove_port(bond, word.substr(1));
    else
      telling.draft.lose(at, "the kernel wants +" + word + " or -" + word, bond.name);
  }
}

// "eth0:2"
void write_queue(const std::string& text, const Said& at, DraftConfig& draft) {
  const auto colon = text.find(':');
  if (colon == text.npos) return draft.lose(at, "the kernel wants PORT:QUEUE");
  draft.set(draft.link(text.substr(0, colon), at), Owner::bond_port, "queue_id",
            text.substr(colon + 1), at);
}

void write_bonding(const std::string& name, const std::string& key, const std::string& text,
                   const Said& at, Telling& telling) {
  auto& bond = telling.draft.bond(name, at);
  if (key == "slaves") return write_ports(bond, text, at, telling);
  if (key == "queue_id") return write_queue(text, at, telling.draft);
  set_bond_option(telling.draft, bond, key, text, at);
}

void write_of_link(const std::vector<std::string>& parts, const std::string& text, const Said& at,
                   Telling& telling) {
  DraftConfig& draft = telling.draft;
  const auto& name = parts[3];
  const auto& key = parts.back();
  const bool deeper = parts.size() == 6;
  if (deeper && parts[4] == "bonding") return write_bonding(name, key, text, at, telling);
  if (deeper && parts[4] == "bridge")
    return set_bridge_option(draft, draft.bridge(name, at), key, text, Times::hundredths, at);
  if (deeper && parts[4] == "brport")
    return set_bridge_port_option(draft, draft.link(name, at), key, text, at);
  if (!deeper && key == "mtu") return draft.set_mtu(draft.link(name, at), text, at);
  if (!deeper && key == "address") return draft.set_mac(draft.link(name, at), text, at);
  draft.lose(at, "\"" + key + "\" of a link has no place in a vifchain.toml", name);
}

// Both names of the folder with links: /sys/devices/virtual/net/bond0 is /sys/class/net/bond0.
bool is_of_links(std::vector<std::string>& parts) {
  const auto is_in = [&](const std::vector<std::string>& folder) {
    return parts.size() > folder.size() &&
           std::ranges::equal(folder, std::span(parts).first(folder.size()));
  };
  if (is_in({"sys", "devices", "virtual", "net"})) {
    parts.erase(parts.begin() + 1);
    parts[1] = "class";
  }
  return is_in({"sys", "class", "net"});
}

}  // namespace

void tell_echo(const ScriptCommand& command, Telling& telling) {
  if (command.into.empty()) return;
  auto parts = parts_of(command.into);
  if (std::ranges::find(parts, "..") != parts.end())
    return telling.draft.lose(command.at, "a path with .. is not followed");
  const auto text = written(command);
  if (is_of_links(parts)) {
    if (parts[3] == "bonding_masters") return write_masters(text, command.at, telling);
    if (parts.size() == 5 || parts.size() == 6)
      return write_of_link(parts, text, command.at, telling);
  }
  const bool is_setting = !parts.empty() && (parts[0] == "proc" || parts[0] == "sys");
  telling.draft.lose(command.at, is_setting ? "kernel settings stay in sysctl.d"
                                            : "what is written to files has no place here");
}

}  // namespace vifchain::inline convert
