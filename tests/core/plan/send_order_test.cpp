// SPDX-License-Identifier: Apache-2.0
// The order in which steps are sent.
#include "core/plan/send_order.hpp"
#include "names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vifchain {
namespace {

using ::testing::ElementsAre;

Op bridge(std::string_view text) {
  return Create{{.name = name(text), .kind = Bridge{}}};
}

Op vlan(std::string_view text, std::string_view parent, std::string_view controller) {
  return Create{{.name = name(text),
                 .kind = Vlan{name(parent), VlanId::from(2).value()},
                 .controller = name(controller)}};
}

Op up(std::string_view text) {
  return SetUp{name(text)};
}

std::vector<std::string> sorted(const std::vector<Op>& ops) {
  std::vector<Step> steps;
  for (const auto& op : ops) steps.push_back({op, "", Impact::hot});
  std::vector<std::string> words;
  for (const auto& step : in_send_order(steps))
    words.push_back((std::holds_alternative<Create>(step.op)  ? "make "
                     : std::holds_alternative<SetUp>(step.op) ? "up "
                                                              : "other ") +
                    target_of(step.op).str());
  return words;
}

TEST(Waves, LetChainsGoBesideEachOther) {
  EXPECT_THAT(sorted({bridge("br2"), vlan("b.2", "b", "br2"), up("b.2"), bridge("br3"),
                      vlan("b.3", "b", "br3"), up("b.3")}),
              ElementsAre("make br2", "make br3", "make b.2", "make b.3", "up b.2", "up b.3"));
}

TEST(Waves, PassNoStepAboutALinkThatWasThere) {
  EXPECT_THAT(sorted({bridge("br2"), vlan("b.2", "b", "br2"), Leave{name("eth0")}, bridge("br3"),
                      up("b.2")}),
              ElementsAre("make br2", "make b.2", "other eth0", "make br3", "up b.2"));
}

TEST(Waves, KeepTheOrderOfABridgeAndItsPorts) {
  EXPECT_THAT(sorted({bridge("br2"), vlan("b.2", "b", "br2"), SetMtu{name("b.2"), 9000},
                      SetMtu{name("br2"), 1500}, bridge("br3"), up("b.2")}),
              ElementsAre("make br2", "make br3", "make b.2", "other b.2", "other br2", "up b.2"));
}

TEST(Waves, LeaveAloneWhatCarriesOtherNewLinks) {
  EXPECT_THAT(sorted({bridge("br2"), vlan("br2.5", "br2", "br5"), up("br2"), bridge("br3")}),
              ElementsAre("make br2", "make br2.5", "up br2", "make br3"));
}

// No port option does so yet (of a bond there is primary): a bridge's backup_port would.
TEST(Waves, WaitForTheLinkThatAPortOptionNames) {
  const Op backup = SetPort{name("b.2"), {{Option::bond_primary, name("b.3")}}, false};
  EXPECT_THAT(
      sorted({bridge("br2"), vlan("b.2", "b", "br2"), bridge("br3"), vlan("b.5", "b", "br3"),
              up("b.5"), vlan("b.6", "b", "br3"), up("b.6"), vlan("b.3", "b", "br3"), backup}),
      ElementsAre("make br2", "make br3", "make b.2", "make b.5", "up b.5", "make b.6", "up b.6",
                  "make b.3", "other b.2"));
}

// Made, deleted and made again: the second time it is one of those that were there.
TEST(Waves, KeepTheOrderOfALinkThatIsMadeTwice) {
  EXPECT_THAT(sorted({bridge("br4"), bridge("br2"), Delete{name("br2")}, bridge("br2"),
                      vlan("b.2", "b", "br2"), up("br4")}),
              ElementsAre("make br4", "make br2", "other br2", "make br2", "make b.2", "up br4"));
}

}  // namespace
}  // namespace vifchain
