// SPDX-License-Identifier: Apache-2.0
// Which bridge a guest's bridge= means.
#include "core/vif/resolve_bridge.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "edge/parse/toml.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

const Topology& topology() {
  static const auto read = std::get<Topology>(
      parse_topology("[bond.bond1]\nports = [\"eth0\"]\n[bridge.xenbr0]\nports = [\"eth1\"]\n"
                     "[bridge.\"xenbr{vid}\"]\nports = [\"bond1.{vid}\"]\nvids = \"100-199\"\n"));
  return read;
}

LookUp with(std::initializer_list<Link> links) {
  return [all = std::vector<Link>(links)](const LinkName& wanted) -> std::optional<Link> {
    for (const auto& link : all)
      if (link.name == wanted) return link;
    return std::nullopt;
  };
}

// What it means, in a few words.
std::string meant(const std::string& text, const LookUp& look_up) {
  const auto answer = meant_bridge(topology(), text, look_up);
  if (!answer) return "nowhere";
  if (const auto* none = std::get_if<NoBridge>(&*answer)) return none->reason;
  const auto& bridge = std::get<MeantBridge>(*answer);
  return (bridge.declared ? "the file's " : "somebody's ") + bridge.chain.bridge.str() +
         (bridge.chain.links.size() > 1 ? " with its chain" : "") +
         (bridge.old_name ? " by its old name" : "") + (bridge.vlans.empty() ? "" : " in a VLAN");
}

const Link ours{.name = name("xenbr142"), .kind = Bridge{}, .ours = true};
const Link of_others{.name = name("xenbr142"), .kind = Bridge{}};

TEST(MeantBridge, MayBeCalledByAnotherNameOfIt) {
  const auto called_lan = [](const LinkName& wanted) -> std::optional<Link> {
    if (wanted != name("lan0") && wanted != name("br0")) return std::nullopt;
    return Link{.name = name("br0"), .kind = Bridge{}};
  };
  EXPECT_EQ(meant("lan0", called_lan), "somebody's br0");
}

TEST(MeantBridge, OfTheFileIsThatWhateverIsThere) {
  EXPECT_EQ(meant("xenbr0", with({})), "the file's xenbr0 with its chain");
  EXPECT_EQ(meant("xenbr0", with({{.name = name("xenbr0"), .kind = Bridge{}}})),
            "the file's xenbr0 with its chain");
}

TEST(MeantBridge, OfATemplateHasItsChainForTheFirstGuestAndForTheSecond) {
  EXPECT_EQ(meant("xenbr142", with({})), "the file's xenbr142 with its chain");
  EXPECT_EQ(meant("xenbr142", with({ours})), "the file's xenbr142 with its chain");
}

TEST(MeantBridge, ThatSomebodyMadeIsTheirsThoughATemplateFits) {
  EXPECT_EQ(meant("xenbr142", with({of_others})), "somebody's xenbr142");
}

TEST(MeantBridge, OfATemplateIsMadeWhereAnotherLinkHasTheName) {
  EXPECT_EQ(meant("xenbr142", with({{.name = name("xenbr142")}})),
            "the file's xenbr142 with its chain")
      << "the plan says what is in the way";
}

TEST(MeantBridge, IsNoLinkOfAnotherKind) {
  EXPECT_EQ(meant("lo", with({{.name = name("lo")}})),
            "Could not find bridge device lo: there is such a link, but it is neither bond, VLAN "
            "nor bridge");
  EXPECT_EQ(meant("br9", with({})), "nowhere");
}

TEST(MeantBridge, MayNameAVlanToo) {
  EXPECT_EQ(meant("xenbr0.5", with({})), "the file's xenbr0 with its chain in a VLAN");
  EXPECT_EQ(meant("br9.5", with({{.name = name("br9"), .kind = Bridge{}}})),
            "somebody's br9 in a VLAN");
}

TEST(MeantBridge, ByItsOldNameIsTheBridgeThatHasTheNicsName) {
  EXPECT_EQ(meant("xenbr7", with({{.name = name("eth7"), .kind = Bridge{}}})),
            "somebody's eth7 by its old name");
  EXPECT_EQ(meant("xenbr7", with({{.name = name("eth7")}})), "nowhere") << "that is a NIC";
  EXPECT_EQ(meant("br7", with({{.name = name("eth7"), .kind = Bridge{}}})), "nowhere");
}

TEST(MeantBridge, PassesOnWhatCouldNotBeRead) {
  const LookUp fails = [](const LinkName&) -> std::optional<Link> {
    throw std::runtime_error("the kernel does not answer");
  };
  EXPECT_THROW(static_cast<void>(meant_bridge(topology(), "br9", fails)), std::runtime_error);
}

// Nothing of somebody's bridge is ever changed, where it is a port included.
TEST(MeantBridge, OfSomebodyKeepsItsController) {
  const auto answer =
      meant_bridge(topology(), "br9", with({{.name = name("br9"), .kind = Bridge{}}}));
  const auto& chain = std::get<MeantBridge>(answer.value()).chain;
  ASSERT_EQ(chain.links.size(), 1U);
  EXPECT_TRUE(chain.links.at(name("br9")).keep_controller);
  EXPECT_TRUE(is_given(chain.links.at(name("br9"))));
}

}  // namespace
}  // namespace vifchain
