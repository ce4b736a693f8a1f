// SPDX-License-Identifier: Apache-2.0
// Every folder of tests/fixtures/bad-files holds a file that is wrong and, line by line, all that
// must be said of it. VIFCHAIN_WRITE_SAID=1 writes what is said, to be read before it is kept.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "case_folders.hpp"
#include "edge/parse/toml.hpp"

namespace vifchain {
namespace {

namespace fs = std::filesystem;

const fs::path folder = fs::path(FIXTURES) / "bad-files";

std::string said_of(const fs::path& path) {
  const auto result = load_topology(path.string());
  const auto* wrong = std::get_if<Diagnostics>(&result);
  std::string said;
  if (wrong != nullptr)
    for (const auto& diagnostic : *wrong) said += show(diagnostic, "vifchain.toml") + "\n";
  return said;
}

TEST(BadFiles, AreAnsweredWithEverythingThatIsWrongInThem) {
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    const auto said = said_of(entry.path() / "vifchain.toml");
    if (std::getenv("VIFCHAIN_WRITE_SAID") != nullptr)
      std::ofstream(entry.path() / "expected") << said;
    EXPECT_EQ(said, text_of(entry.path() / "expected"));
    ++cases;
  }
  EXPECT_GE(cases, 60U);
}

TEST(BadFiles, NeverGiveATopology) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    const auto read = load_topology((entry.path() / "vifchain.toml").string());
    const auto* wrong = std::get_if<Diagnostics>(&read);
    EXPECT_TRUE(wrong != nullptr && !wrong->empty());
  }
}

}  // namespace
}  // namespace vifchain
