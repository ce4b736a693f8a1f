// SPDX-License-Identifier: Apache-2.0
// The manuals as text.
#include "man_page.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace vifchain {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

}  // namespace

std::filesystem::path project() {
  return std::filesystem::path(FIXTURES).parent_path().parent_path();
}

std::vector<std::filesystem::path> man_pages() {
  std::vector<std::filesystem::path> pages;
  for (const auto& file : std::filesystem::directory_iterator(project() / "xen-scripts")) {
    const auto section = file.path().extension().string();
    if (section == ".5" || section == ".7" || section == ".8") pages.push_back(file.path());
  }
  std::ranges::sort(pages);
  return pages;
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string unescaped(std::string text) {
  for (const auto& [what, by] : std::map<std::string, std::string>{{"\\-", "-"},
                                                                   {"\\(dq", "\""},
                                                                   {"\\(aq", "'"},
                                                                   {"\\fB", ""},
                                                                   {"\\fI", ""},
                                                                   {"\\fR", ""},
                                                                   {"\\~", " "},
                                                                   {"\\e", "\\"}})
    replace(text, what, by);
  return text;
}

std::vector<std::string> examples_of(const std::filesystem::path& page) {
  std::vector<std::string> examples;
  bool inside = false;
  for (const auto& line : lines_of(text_of(page))) {
    if (line == ".EX") examples.emplace_back();
    if (line == ".EX" || line == ".EE")
      inside = line == ".EX";
    else if (inside)
      examples.back() += unescaped(line) + "\n";
  }
  return examples;
}

std::vector<std::string> blocks_of(const std::filesystem::path& markdown) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (const auto& line : lines_of(text_of(markdown))) {
    const bool code = line.starts_with("    ");
    if (code && !inside) blocks.emplace_back();
    if (code) blocks.back() += line.substr(4) + "\n";
    if (line.empty() && inside) blocks.back() += "\n";
    inside = code || (line.empty() && inside);
  }
  return blocks;
}

std::vector<std::string> commands_of(const std::vector<std::string>& examples) {
  std::vector<std::string> commands;
  for (const auto& example : examples)
    for (const auto& line : lines_of(example))
      if (line.starts_with("vifchain "))
        commands.push_back(line.substr(0, line.find_first_of("#|>")));
  return commands;
}

bool is_configuration(const std::string& example) {
  return std::ranges::any_of(lines_of(example), [](const std::string& line) {
    for (const auto* table : {"[bond.", "[vlan.", "[bridge.", "[port.", "[vif]", "[host]"})
      if (line.starts_with(table)) return true;
    return false;
  });
}

}  // namespace vifchain
