// SPDX-License-Identifier: Apache-2.0
// systemd-networkd: which of its files are for which link.
#include <algorithm>
#include <set>

#include "convert/import/files/networkd_units.hpp"
#include "convert/import/readers.hpp"
#include "core/text/glob.hpp"
#include "core/text/lines.hpp"
#include "core/text/list.hpp"

namespace vifchain::inline convert {
namespace {

// The patterns of all Name= together; one that begins with "!" turns the whole of its line around.
struct NameMatch {
  std::vector<std::string> patterns;
  bool inverted = false;
};

NameMatch names_of(const Unit& unit) {
  NameMatch match;
  for (const auto* entry : unit.all("Match", "Name")) {
    std::string_view list = entry->value;
    match.inverted = list.starts_with('!');
    if (match.inverted) list.remove_prefix(1);
    for (auto& word : words_of(list)) match.patterns.push_back(std::move(word));
  }
  return match;
}

// The name that the pattern alone stands for, "[*]x" for "*x"; empty for one of several.
std::string only_name(const std::string& pattern) {
  std::string name;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool bracketed = pattern[i] == '[' && i + 2 < pattern.size() && pattern[i + 2] == ']';
    if (bracketed) ++i;
    name += pattern[i];
    if (bracketed) ++i;
  }
  return glob_for(name) == pattern ? name : std::string();
}

class NetworkdReader {
 public:
  NetworkdReader(const Units& units, DraftConfig& draft) : units_(units), draft_(draft) {}

  void read() {
    for (const auto& unit : units_.netdevs) read_netdev(unit, draft_);
    for (const auto* link : draft_.links()) known_.insert(link->name);
    for (const auto& unit : units_.networks) note_names(unit);
    for (const auto& unit : units_.networks) read_for_all(unit);
    for (const auto& unit : units_.links)
      draft_.lose(unit.at,
                  "stays in use: udev names NICs and sets them up by it, and vifchain takes "
                  "them by the names that they have then");
  }

 private:
  void note_names(const Unit& unit) {
    for (const auto& pattern : names_of(unit).patterns)
      if (const auto name = only_name(pattern); !name.empty()) known_.insert(name);
  }

  // Of all that match, the first by file name counts.
  void read_for_all(const Unit& unit) {
    const auto names = links_for(unit);
    bool first = true;
    for (const auto& name : names) {
      if (name == "lo" || !taken_.insert(name).second) continue;
      if (is_one_of(unit.value("Link", "Unmanaged"), "yes true 1")) continue;
      read_network(unit, name, first, draft_);
      first = false;
    }
    if (names.empty())
      say_why_none(unit);
    else
      say_what_else(unit);
  }

  // In the order in which the file names them, others by name.
  [[nodiscard]] std::vector<std::string> links_for(const Unit& unit) const {
    std::vector<std::string> names;
    const auto match = names_of(unit);
    const auto kind = unit.value("Match", "Kind");
    if (match.inverted || (match.patterns.empty() && !kind.empty())) {
      for (const auto& name : known_)
        if (match.patterns.empty() || !any_matches(match, name)) names.push_back(name);
    } else {
      for (const auto& pattern : match.patterns)
        for (const auto& name : known_)
          if (matches_glob(pattern, name) && std::ranges::find(names, name) == names.end())
            names.push_back(name);
    }
    if (!kind.empty())
      std::erase_if(names, [&](const std::string& name) { return !is_of_kind(name, kind); });
    return names;
  }

  static bool any_matches(const NameMatch& match, const std::string& name) {
    return std::ranges::any_of(
        match.patterns, [&](const std::string& pattern) { return matches_glob(pattern, name); });
  }

  [[nodiscard]] bool is_of_kind(const std::string& name, const std::string& kinds) const {
    const auto* link = draft_.find(name);
    if (link == nullptr) return false;
    const char* kind = link->kind == DraftKind::bond     ? "bond"
                       : link->kind == DraftKind::bridge ? "bridge"
                       : link->kind == DraftKind::vlan   ? "vlan"
                                                         : "";
    return std::ranges::any_of(
        words_of(kinds), [&](const std::string& pattern) { return matches_glob(pattern, kind); });
  }

  // A pattern may be for more than those that have a name here.
  void say_what_else(const Unit& unit) {
    for (const auto* entry : unit.all("Match", "Name"))
      if (!std::ranges::all_of(words_of(entry->value),
                               [](const auto& word) { return !only_name(word).empty(); }))
        draft_.warn(entry->at,
                    "may be for more links than those that a file names: " +
                        what_to_do(controller_in(unit)),
                    controller_in(unit));
  }

  static std::string what_to_do(const std::string& controller) {
    return controller.empty() ? "name them" : "name them in ports of " + controller;
  }

  // A .network that is for nobody who has a name here.
  void say_why_none(const Unit& unit) {
    const auto controller = controller_in(unit);
    bool said = false;
    for (const auto& entry : unit.keys) {
      if (entry.section != "Match") continue;
      said = true;
      draft_.lose(entry.at,
                  "which links these are only the host can tell: " + what_to_do(controller),
                  controller);
    }
    if (!said && !unit.keys.empty())
      draft_.lose(unit.at, "is for every link of the host, as it has no [Match]: name them",
                  controller);
  }

  // What its links are to be ports of.
  static std::string controller_in(const Unit& unit) {
    const auto bond = unit.value("Network", "Bond");
    return bond.empty() ? unit.value("Network", "Bridge") : bond;
  }

  const Units& units_;
  DraftConfig& draft_;
  std::set<std::string> known_;
  std::set<std::string> taken_;
};

}  // namespace

void read_networkd(const std::vector<SourceFile>& files, DraftConfig& draft) {
  const Units units = networkd_units(files, draft);
  NetworkdReader(units, draft).read();
}

}  // namespace vifchain::inline convert
