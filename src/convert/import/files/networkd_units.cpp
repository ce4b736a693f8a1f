// SPDX-License-Identifier: Apache-2.0
#include "convert/import/files/networkd_units.hpp"

#include <algorithm>

#include "core/text/key_file.hpp"

namespace vifchain::inline convert {
namespace {

std::string_view folder_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string_view() : path.substr(0, slash);
}

// The unit that a drop-in is for, "x.netdev" of x.netdev.d/y.conf; empty when it is none.
std::string_view unit_of_drop_in(std::string_view path) {
  auto folder = last_part(folder_of(path));
  if (!path.ends_with(".conf") || !folder.ends_with(".d")) return {};
  folder.remove_suffix(2);
  return folder;
}

// /etc goes before /run, and both before what packages bring.
int rank(std::string_view path) {
  if (path.find("etc/systemd/") != path.npos) return 0;
  if (path.find("run/systemd/") != path.npos) return 1;
  return path.find("lib/systemd/") == path.npos ? 0 : 2;
}

void append(const SourceFile& file, Unit& unit, DraftConfig& draft) {
  const unsigned before = unit.keys.empty() ? 0 : unit.keys.back().heading;
  auto read = read_key_file(file.text);
  for (auto& [section, key, value, line, heading] : read.keys)
    unit.keys.push_back(
        {section, key, value, before + heading, said_in(file.name, line, key + "=" + value)});
  for (auto& [line, text] : read.others)
    draft.lose(said_in(file.name, line, text), "is neither a heading nor KEY=VALUE");
}

using ByName = std::map<std::string, const SourceFile*, std::less<>>;

// Of files of one name the one that counts.
void add(ByName& files, std::string_view name, const SourceFile& file) {
  const auto [there, added] = files.emplace(name, &file);
  if (!added && rank(file.name) < rank(there->second->name)) there->second = &file;
}

std::vector<Unit>* list_for(std::string_view name, Units& units) {
  if (name.ends_with(".netdev")) return &units.netdevs;
  if (name.ends_with(".network")) return &units.networks;
  return name.ends_with(".link") ? &units.links : nullptr;
}

}  // namespace

std::string Unit::value(std::string_view section, std::string_view key) const {
  std::string value;
  for (const auto& entry : keys)
    if (entry.section == section && entry.key == key) value = entry.value;
  return value;
}

std::vector<const UnitKey*> Unit::all(std::string_view section, std::string_view key) const {
  std::vector<const UnitKey*> entries;
  for (const auto& entry : keys) {
    if (entry.section != section || entry.key != key) continue;
    if (entry.value.empty())
      entries.clear();
    else
      entries.push_back(&entry);
  }
  return entries;
}

std::vector<unsigned> Unit::headings(std::string_view section) const {
  std::vector<unsigned> numbers;
  for (const auto& entry : keys)
    if (entry.section == section && (numbers.empty() || numbers.back() != entry.heading))
      numbers.push_back(entry.heading);
  return numbers;
}

Units networkd_units(const std::vector<SourceFile>& files, DraftConfig& draft) {
  ByName whole;
  std::map<std::string, ByName, std::less<>> drop_ins;
  for (const auto& file : files) {
    const auto unit = unit_of_drop_in(file.name);
    if (unit.empty())
      add(whole, last_part(file.name), file);
    else
      add(drop_ins[std::string(unit)], last_part(file.name), file);
  }
  Units units;
  for (const auto& [name, file] : whole) {
    auto* list = list_for(name, units);
    if (list == nullptr) {
      draft.lose({file->name}, "is none of .netdev, .network and .link");
      continue;
    }
    Unit unit{name, {file->name}};
    append(*file, unit, draft);
    for (const auto& [drop_in, added] : drop_ins[name]) append(*added, unit, draft);
    drop_ins.erase(name);
    list->push_back(std::move(unit));
  }
  for (const auto& [name, added] : drop_ins)
    for (const auto& [drop_in, file] : added)
      draft.lose({file->name}, "adds to " + name + ", which is not there");
  return units;
}

}  // namespace vifchain::inline convert
