// SPDX-License-Identifier: Apache-2.0
// What vifchain import makes of other programs' files: every folder under tests/fixtures/imports
// holds a host's files in `in`, and the vifchain.toml that comes out of them; where nothing does,
// `said` has why. Adding a case is adding a folder. VIFCHAIN_WRITE_IMPORTS=1 writes what comes out,
// to be read before it is kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "case_folders.hpp"
#include "edge/parse/toml.hpp"
#include "host.hpp"
#include "own_places.hpp"

namespace vifchain {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) {
  if (text.empty())
    fs::remove(path);
  else
    std::ofstream(path) << text;
}

class Import : public ::testing::TestWithParam<fs::path> {
 protected:
  static void SetUpTestSuite() { take_own_places(); }
};

TEST_P(Import, IsWhatAPersonWouldHaveWritten) {
  const fs::path& folder = GetParam();
  const Ran ran = vifchain("import --root '" + (folder / "in").string() + "'");
  const std::string wrong = ran.exit_code == 0 ? "" : ran.err;
  if (std::getenv("VIFCHAIN_WRITE_IMPORTS") != nullptr) {
    write(folder / "vifchain.toml", ran.out);
    write(folder / "said", wrong);
  }
  EXPECT_EQ(ran.out, text_of(folder / "vifchain.toml"));
  EXPECT_EQ(wrong, text_of(folder / "said"));
  EXPECT_TRUE(std::holds_alternative<Topology>(parse_topology(ran.out))) << "check refuses it";
}

std::string name_of(const ::testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.filename();
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Of, Import, ::testing::ValuesIn(case_folders("imports")), name_of);

}  // namespace
}  // namespace vifchain
