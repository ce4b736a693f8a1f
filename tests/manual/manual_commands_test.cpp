// SPDX-License-Identifier: Apache-2.0
// The manuals and the command line of vifchain name the same commands and options, in pages that
// are well-formed and free of words that only this project's people know.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <set>

#include "man_page.hpp"
#include "temp_folder.hpp"

namespace vifchain {
namespace {

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen((command + " 2>&1").c_str(), "r"), pclose);
  std::string text;
  std::array<char, 4096> part{};
  while (const auto size = fread(part.data(), 1, part.size(), pipe.get()))
    text.append(part.data(), size);
  return text;
}

std::string vifchain(const std::string& words) {
  return output_of("'" + std::string(std::getenv("VIFCHAIN")) + "' " + words);
}

std::set<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::set<std::string> all;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), regex);
       at != std::sregex_iterator(); ++at)
    all.insert((*at)[1]);
  return all;
}

std::set<std::string> options_in(const std::string& text) {
  return matches(text, "(?:^|[^-a-z])(--[a-z][-a-z]*)");
}

const std::set<std::string>& commands() {
  static const auto all = [] {
    const auto help = vifchain("--help");
    return matches(help.substr(help.find("Subcommands:")), "\n +([a-z]+) ");
  }();
  return all;
}

const std::string& help_of(const std::string& command) {
  static std::map<std::string, std::string> known;
  auto& help = known[command];
  if (help.empty()) help = vifchain(command + " --help");
  return help;
}

// The page that the help of a command names.
std::filesystem::path manual_of(const std::string& command) {
  const auto named = matches(help_of(command), "Manual: ([-a-z]+\\([0-9]\\))");
  if (named.size() != 1) return {};
  const auto& name = *named.begin();
  return project() / "xen-scripts" /
         (name.substr(0, name.find('(')) + "." + name[name.find('(') + 1]);
}

// Every line that calls vifchain in a manual's example or in the README.
std::set<std::string> all_commands() {
  std::set<std::string> all;
  for (const auto& page : man_pages())
    all.merge([&] {
      const auto found = commands_of(examples_of(page));
      return std::set<std::string>(found.begin(), found.end());
    }());
  for (const auto& line : commands_of(blocks_of(project() / "README.md"))) all.insert(line);
  return all;
}

TEST(Manuals, KnowEveryCommand) {
  const auto overview = text_of(project() / "xen-scripts" / "vifchain.8");
  ASSERT_GE(commands().size(), 15U);
  for (const auto& command : commands()) {
    EXPECT_NE(overview.find("\n" + command + "\t"), std::string::npos) << command;
    const auto manual = manual_of(command);
    ASSERT_TRUE(exists(manual)) << command << " names " << manual;
    EXPECT_NE(unescaped(text_of(manual)).find("vifchain " + command), std::string::npos) << command;
  }
}

// Those of all commands are in vifchain(8).
TEST(Manuals, KnowEveryOption) {
  const auto overview = unescaped(text_of(project() / "xen-scripts" / "vifchain.8"));
  for (const auto& command : commands()) {
    const auto page = overview + unescaped(text_of(manual_of(command)));
    for (const auto& option : options_in(help_of(command)))
      EXPECT_NE(page.find(option), std::string::npos) << command << " " << option;
  }
}

TEST(Manuals, NameNoOptionThatDoesNotExist) {
  std::set<std::string> known{"--version", "--any-script", "--foreground", "--link-buffer"};
  for (const auto& command : commands()) known.merge(options_in(help_of(command)));
  const std::set<std::string> of_others{"--subsystem-match", "--now"};
  for (const auto& page : man_pages())
    for (const auto& option : options_in(unescaped(text_of(page))))
      EXPECT_TRUE(known.contains(option) || of_others.contains(option) || option == "--frob")
          << option << " in " << page;
}

TEST(Manuals, CallVifchainInExamplesAsItCanBeCalled) {
  const auto lines = all_commands();
  EXPECT_GE(lines.size(), 30U);
  for (const auto& line : lines) {
    const auto command = line.substr(9, line.find(' ', 9) - 9);
    if (command.starts_with("-")) continue;
    ASSERT_TRUE(commands().contains(command)) << line;
    for (const auto& option : options_in(line))
      EXPECT_TRUE(options_in(help_of(command)).contains(option)) << line;
  }
}

TEST(Manuals, ShowAnErrorOfTheCommandLineAsItIs) {
  const auto examples = examples_of(project() / "xen-scripts" / "vifchain.8");
  EXPECT_NE(std::ranges::find(examples, vifchain("apply --frob")), examples.end())
      << vifchain("apply --frob");
}

// vifchain-moving(7): what import makes of the old host's files, but for its comments.
TEST(Manuals, ShowWhatImportMakesOfAnOldHost) {
  const auto examples = examples_of(project() / "xen-scripts" / "vifchain-moving.7");
  ASSERT_GE(examples.size(), 5U);
  const TempFolder root;
  const std::map<std::string, std::string> files{
      {"etc/modprobe.d/bonding.conf", examples[0]},
      {"etc/network/interfaces", examples[1]},
      {"etc/xen/scripts/network-xen-multi-bridge", examples[2]},
      {"etc/xen/xend-config.sxp", "(network-script network-xen-multi-bridge)\n"}};
  for (const auto& [name, text] : files) {
    std::filesystem::create_directories(std::filesystem::path(root / name).parent_path());
    std::ofstream(root / name) << text;
  }
  EXPECT_EQ(output_of("'" + std::string(std::getenv("VIFCHAIN")) + "' import --root " +
                      root.path() + " 2>/dev/null | grep -v '^#'"),
            examples[4]);
}

TEST(Manuals, HaveNoWarningsFromMan) {
  if (std::system("command -v man >/dev/null") != 0) GTEST_SKIP() << "there is no man";
  for (const auto& page : man_pages())
    EXPECT_EQ(output_of("{ LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l '" +
                        page.string() + "' >/dev/null; }"),
              "")
        << page;
}

TEST(Manuals, ReferToPagesThatExistAndAreInstalled) {
  const auto build = text_of(project() / "meson.build");
  std::set<std::string> names;
  for (const auto& page : man_pages()) {
    names.insert(page.filename());
    EXPECT_NE(build.find("'xen-scripts/" + page.filename().string() + "'"), std::string::npos)
        << page;
  }
  for (const auto& page : man_pages())
    for (const auto& name :
         matches(unescaped(text_of(page)), "\\.BR ((?:vif|network-)[-.a-z]+ \\([0-9]\\))")) {
      const auto file = name.substr(0, name.find(' ')) + "." + name[name.find('(') + 1];
      EXPECT_TRUE(names.contains(file)) << file << " in " << page;
    }
  const auto readme = text_of(project() / "README.md");
  for (const auto& name : names)
    EXPECT_NE(readme.find(name.substr(0, name.rfind('.')) + "(" + name.back() + ")"),
              std::string::npos)
        << name;
}

TEST(Manuals, AreWrittenInTheWordsOfTheField) {
  auto pages = man_pages();
  pages.push_back(project() / "README.md");
  for (const auto& page : pages) {
    // Keys and values of JSON stay until its format changes.
    if (page.filename() == "vifchain-json.7") continue;
    const auto found =
        matches(text_of(page),
                "\\b(wish|wishes|wished|stands|standing|rooms?|doors?|way "
                "back|resident|heals?|healing|mistakes?|obstacles?|folders?|blanks?)\\b");
    EXPECT_TRUE(found.empty()) << *found.begin() << " in " << page;
  }
}

}  // namespace
}  // namespace vifchain
