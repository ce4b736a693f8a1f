// SPDX-License-Identifier: Apache-2.0
// Whole plans as people read them: every folder under tests/fixtures/plans holds what is wanted (a
// vifchain.toml, or links as in link_text.hpp), what is there, and the plan. Adding a case is
// adding a folder. VIFCHAIN_WRITE_PLANS=1 writes the plans that come out, to be read before they
// are kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "case_folders.hpp"
#include "core/plan/desired.hpp"
#include "core/plan/plan.hpp"
#include "edge/parse/toml.hpp"
#include "link_text.hpp"

namespace vifchain {
namespace {

namespace fs = std::filesystem;

// What all bridges of the file want together.
Desired wish_of_file(const fs::path& path, const Actual& there) {
  const auto topology = std::get<Topology>(load_topology(path));
  Desired desired;
  for (const auto& bridge : bridge_names(topology)) {
    const auto chain = chain_for(topology, bridge);
    if (!chain) continue;
    for (auto& [name, link] : desired_for(*chain, there, [] { return "golden"; }).links)
      desired.insert_or_assign(name, std::move(link));
  }
  return desired;
}

std::string in_words(Impact impact) {
  switch (impact) {
    case Impact::hot:
      return "";
    case Impact::link_down:
      return " [link down]";
    case Impact::ports_removed:
      return " [ports removed]";
    case Impact::recreates:
      return " [recreates]";
  }
  return "?";
}

std::string print(const Plan& plan) {
  std::string text;
  for (const auto& [op, because, impact] : plan.steps)
    text += describe(op) + in_words(impact) + "\n    " + because + "\n";
  for (const auto& [name, reason] : plan.conflicts) text += "! " + name.str() + " " + reason + "\n";
  return text.empty() ? "nothing to do\n" : text;
}

class Golden : public testing::TestWithParam<fs::path> {};

TEST_P(Golden, Plan) {
  const fs::path& folder = GetParam();
  const auto there = parse_actual(text_of(folder / "actual"));
  const auto desired = fs::exists(folder / "vifchain.toml")
                           ? wish_of_file(folder / "vifchain.toml", there)
                           : parse_desired(text_of(folder / "desired"));
  const auto plan = print(make_plan(desired, there));
  if (std::getenv("VIFCHAIN_WRITE_PLANS") != nullptr) std::ofstream(folder / "plan") << plan;
  EXPECT_EQ(plan, text_of(folder / "plan"));
}

INSTANTIATE_TEST_SUITE_P(Plans, Golden, testing::ValuesIn(case_folders("plans")),
                         [](const auto& instance) {
                           std::string name;
                           for (const char c : instance.param.filename().string())
                             name += c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace vifchain
