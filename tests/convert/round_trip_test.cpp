// SPDX-License-Identifier: Apache-2.0
// Out to another program's files and back again: the same links, as far as that program can say it.
#include <gtest/gtest.h>

#include <cstdlib>

#include "convert/export/exporters.hpp"
#include "convert/import/compose.hpp"
#include "convert/import/readers.hpp"
#include "edge/parse/toml.hpp"
#include "edge/parse/yaml.hpp"
#include "random_file.hpp"
#include "topology_facts.hpp"

namespace vifchain {
namespace {

std::vector<SourceFile> nothing(const std::string&, const std::string&) {
  return {};
}

DraftConfig from_ifupdown(const std::vector<SourceFile>& files) {
  DraftConfig draft;
  read_ifupdown(files, nothing, draft);
  return draft;
}

DraftConfig from_networkd(const std::vector<SourceFile>& files) {
  DraftConfig draft;
  read_networkd(files, draft);
  return draft;
}

DraftConfig from_netplan(const std::vector<SourceFile>& files) {
  DraftConfig draft;
  std::vector<SourceTree> trees;
  for (const auto& [name, text] : files) {
    auto tree = parse_yaml(text);
    if (const auto* wrong = std::get_if<Diagnostics>(&tree))
      draft.lose({name, wrong->front().place.line}, wrong->front().message);
    else
      trees.push_back({name, std::get<Table>(std::move(tree))});
  }
  read_netplan(trees, draft);
  return draft;
}

DraftConfig from_script(const std::vector<SourceFile>& files) {
  DraftConfig draft;
  read_script(files, draft);
  return draft;
}

struct Format {
  const char* name;
  Exported (*write)(const Topology&);
  DraftConfig (*read)(const std::vector<SourceFile>&);
};

const Format formats[] = {
    {"ifupdown", export_ifupdown, from_ifupdown}, {"ifupdown2", export_ifupdown2, from_ifupdown},
    {"networkd", export_networkd, from_networkd}, {"netplan", export_netplan, from_netplan},
    {"script", export_script, from_script},
};

// What came back otherwise, with all that led to it; empty when it is the same.
std::string difference(const Format& format, const std::string& text) {
  const auto topology = topology_of(text);
  const auto exported = format.write(topology);
  const auto composed = compose(format.read(exported.files));
  const auto wanted = facts_of(topology, exported);
  const auto got = facts_of(topology_of(composed.toml), exported);
  if (wanted == got && composed.remarks.empty()) return {};
  std::string all = "--- file\n" + text;
  for (const auto& file : exported.files) all += "--- " + file.name + "\n" + file.text;
  return all + "--- came back as\n" + composed.toml + "--- wanted\n" + wanted + "--- got\n" + got;
}

bool is_right(const Lines& lines) {
  return std::holds_alternative<Topology>(parse_topology(text_of(lines)));
}

// A file as small as can be that comes back otherwise, too.
Lines smaller(const Format& format, Lines lines) {
  for (bool shrunk = true; shrunk;) {
    shrunk = false;
    for (std::size_t size = lines.size(); size > 0; --size)
      for (std::size_t at = 0; at + size <= lines.size();) {
        Lines fewer = lines;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(at),
                    fewer.begin() + static_cast<std::ptrdiff_t>(at + size));
        const bool still = is_right(fewer) && !difference(format, text_of(fewer)).empty();
        if (still) lines = std::move(fewer);
        if (still) shrunk = true;
        if (!still) ++at;
      }
  }
  return lines;
}

std::uint64_t case_count() {
  const char* desired = std::getenv("VIFCHAIN_LAW_CASES");
  return desired == nullptr ? 600 : std::strtoull(desired, nullptr, 10) / 5;
}

class RoundTrip : public ::testing::TestWithParam<Format> {};

TEST_P(RoundTrip, BringsBackEveryLinkAsFarAsTheFormatCanSayIt) {
  for (std::uint64_t seed = 0; seed < case_count(); ++seed) {
    const auto lines = random_file(seed);
    if (difference(GetParam(), text_of(lines)).empty()) continue;
    FAIL() << "seed " << seed << "\n"
           << difference(GetParam(), text_of(smaller(GetParam(), lines)));
  }
}

INSTANTIATE_TEST_SUITE_P(Of, RoundTrip, ::testing::ValuesIn(formats),
                         [](const auto& format) { return std::string(format.param.name); });

}  // namespace
}  // namespace vifchain
