// SPDX-License-Identifier: Apache-2.0
#include "storm_table.hpp"

#include <regex>
#include <set>
#include <sstream>

#include "host.hpp"

namespace vifchain::test {
namespace {

// One line of `nft -a list table`, and which chain or set it belongs to.
struct Line {
  std::string kind, name, text;
};

std::vector<Line> lines_of_the_table() {
  const std::regex opens("\\s*(chain|set|map) (\\S+) \\{.*");
  std::istringstream text(sh("nft -a list table bridge vifchain 2>/dev/null || true"));
  std::vector<Line> lines;
  std::string kind, name;
  for (std::string line; std::getline(text, line);) {
    std::smatch found;
    if (std::regex_match(line, found, opens)) {
      kind = found[1];
      name = found[2];
    }
    lines.push_back({kind, name, line});
  }
  return lines;
}

std::vector<std::string> names_of(const std::string& kind) {
  std::set<std::string> names;
  for (const auto& line : lines_of_the_table())
    if (line.kind == kind) names.insert(line.name);
  return {names.begin(), names.end()};
}

// "nft WORDS", of which nothing comes when it cannot be done any more.
std::string nft(const std::string& words) {
  sh("nft '" + words + "' 2>/dev/null || true");
  return "nft " + words;
}

template <typename Item>
const Item* one_of(Luck& luck, const std::vector<Item>& all) {
  return all.empty() ? nullptr : &all[some(luck, static_cast<unsigned>(all.size()))];
}

std::string flush_one(Luck& luck, const std::string& kind) {
  const auto names = names_of(kind);
  const auto* name = one_of(luck, names);
  return name == nullptr ? "nothing to flush" : nft("flush " + kind + " bridge vifchain " + *name);
}

struct Rule {
  std::string chain, handle, text;
};

std::vector<Rule> rules() {
  const std::regex rule("\\s*(.*\\S)\\s+# handle ([0-9]+)");
  const std::regex no_rule("\\s*(table|chain|set|map|type) .*");
  std::vector<Rule> all;
  for (const auto& line : lines_of_the_table()) {
    std::smatch found;
    if (line.kind == "chain" && !std::regex_match(line.text, no_rule) &&
        std::regex_match(line.text, found, rule))
      all.push_back({line.name, found[2], found[1]});
  }
  return all;
}

std::string delete_a_rule(Luck& luck) {
  const auto all = rules();
  const auto* rule = one_of(luck, all);
  if (rule == nullptr) return "no rule to delete";
  return nft("delete rule bridge vifchain " + rule->chain + " handle " + rule->handle) + " (" +
         rule->text + ")";
}

// Of any set or map, as nft shows it.
std::string delete_an_element(Luck& luck) {
  auto kinds = names_of("set");
  for (auto& name : kinds) name.insert(0, "set ");
  for (const auto& name : names_of("map")) kinds.push_back("map " + name);
  const auto* set = one_of(luck, kinds);
  if (set == nullptr) return "no element to delete";
  const auto text =
      sh("nft list " + std::regex_replace(*set, std::regex(" "), " bridge vifchain ") +
         " 2>/dev/null || true");
  const std::regex element(
      "(\"[^\"]+\"( \\. [^,}\\s]+)?)\\s*(comment \"[^\"]*\"\\s*)?(: goto [^,}\\s]+\\s*)?[,}]");
  std::vector<std::string> elements;
  for (std::sregex_iterator at(text.begin(), text.end(), element), end; at != end; ++at)
    elements.push_back((*at)[1]);
  const auto* which = one_of(luck, elements);
  if (which == nullptr) return "no element to delete from " + *set;
  return nft("delete element bridge vifchain " + set->substr(4) + " { " + *which + " }");
}

// The port's element says that all may pass.
std::string change_a_verdict(Luck& luck) {
  std::vector<std::string> ports;
  for (const auto& [port, chain] : judged_ports()) ports.push_back(port);
  const auto* port = one_of(luck, ports);
  if (port == nullptr) return "no port to free";
  const std::string element = " element bridge vifchain mode { \"" + *port + "\"";
  return nft("delete" + element + " }; add" + element + " : accept }");
}

std::string lose(const std::string& words) {
  sh(words + " 2>/dev/null || true");
  return words;
}

std::string lose_a_file(Luck& luck, const std::string& how) {
  std::istringstream list(sh("find /run/vifchain/filters -type f -o -type l 2>/dev/null || true"));
  std::vector<std::string> files;
  for (std::string file; std::getline(list, file);) files.push_back(file);
  const auto* file = one_of(luck, files);
  return file == nullptr ? "no file to lose" : lose(how + " '" + *file + "'");
}

}  // namespace

unsigned some(Luck& luck, unsigned below) {
  return static_cast<unsigned>(luck() % below);
}

std::string table_without_elements() {
  const std::regex empty_chain("\\s*chain \\S+ \\{\\s*\\}");
  const auto text = sh("nft -s -t list table bridge vifchain 2>/dev/null || true");
  return std::regex_replace(text, empty_chain, "");
}

std::map<std::string, std::string> judged_ports() {
  const auto text = sh("nft list map bridge vifchain mode 2>/dev/null || true");
  const std::regex element("\"([^\"]+)\"( comment \"[^\"]*\")? : ((goto )?[a-z0-9_]+)");
  std::map<std::string, std::string> ports;
  for (std::sregex_iterator at(text.begin(), text.end(), element), end; at != end; ++at)
    ports.emplace((*at)[1], (*at)[3]);
  return ports;
}

std::string chain_for(Antispoof policy) {
  switch (policy) {
    case Antispoof::mac:
      return "goto mac";
    case Antispoof::mac_ip:
      return "goto mac_ip";
    case Antispoof::closed:
      return "goto closed";
    case Antispoof::off:
      break;
  }
  return {};
}

const std::vector<Loss>& losses_of_the_table() {
  static const std::vector<Loss> all{
      {"ruleset", [](Luck&) { return nft("flush ruleset"); }},
      {"table", [](Luck&) { return nft("delete table bridge vifchain"); }},
      {"rules", [](Luck&) { return nft("flush table bridge vifchain"); }},
      {"chain", [](Luck& luck) { return flush_one(luck, "chain"); }},
      {"prerouting", [](Luck&) { return nft("flush chain bridge vifchain prerouting"); }},
      {"map", [](Luck& luck) { return flush_one(luck, "map"); }},
      {"mode", [](Luck&) { return nft("flush map bridge vifchain mode"); }},
      {"set", [](Luck& luck) { return flush_one(luck, "set"); }},
      {"element", delete_an_element},
      {"rule", delete_a_rule},
      {"verdict", change_a_verdict},
      {"dormant", [](Luck&) { return nft("add table bridge vifchain { flags dormant; }"); }},
      {"accept", [](Luck&) { return nft("insert rule bridge vifchain prerouting accept"); }},
  };
  return all;
}

const std::vector<Loss>& losses_of_records() {
  static const std::vector<Loss> all{
      {"run", [](Luck&) { return lose("rm -rf /run/vifchain"); }},
      {"filters", [](Luck&) { return lose("rm -rf /run/vifchain/filters"); }},
      {"file", [](Luck& luck) { return lose_a_file(luck, "rm -f"); }},
      {"empty", [](Luck& luck) { return lose_a_file(luck, "truncate -s 0"); }},
      {"nonsense", [](Luck& luck) { return lose_a_file(luck, "sed -i 's/^/x/'"); }},
  };
  return all;
}

}  // namespace vifchain::test
