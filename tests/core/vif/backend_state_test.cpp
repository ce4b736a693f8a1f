// SPDX-License-Identifier: Apache-2.0
// What is to be done for a vif, by the nodes of its backend.
#include "core/vif/backend_state.hpp"

#include <gtest/gtest.h>

namespace vifchain {
namespace {

constexpr Served in_dom0{};
constexpr Served in_driver_domain{.driver_domain = true};

BackendNodes nodes(const char* state, const char* status = "", bool online = true) {
  return {state_in(state), online, status, "/etc/xen/scripts/vif-chain"};
}

TEST(VifDuty, IsToAttachWhatWaitsForItsScript) {
  for (const char* state : {"2", "3", "4"})
    EXPECT_EQ(duty_of(nodes(state), in_dom0), VifDuty::attach) << state;
}

TEST(VifDuty, IsToKeepWhatIsConnectedAndToMendWhatFailed) {
  EXPECT_EQ(duty_of(nodes("4", "connected"), in_dom0), VifDuty::keep);
  EXPECT_EQ(duty_of(nodes("2", "connected"), in_dom0), VifDuty::keep);
  EXPECT_EQ(duty_of(nodes("2", "error"), in_dom0), VifDuty::mend);
}

TEST(VifDuty, IsNothingBeforeAndAfterThat) {
  for (const char* state : {"0", "1", "5", "6", "7", "8", "9", "", "two", "-2"})
    EXPECT_EQ(duty_of(nodes(state), in_dom0), VifDuty::none) << state;
}

TEST(VifDuty, IsNothingForWhatTheToolstackTakesAway) {
  for (const char* status : {"", "connected", "error"})
    EXPECT_EQ(duty_of(nodes("4", status, false), in_driver_domain), VifDuty::none) << status;
}

TEST(VifDuty, IsToRemoveWhatHasEndedWhereNobodyElseDoes) {
  EXPECT_EQ(duty_of(nodes("6", "connected", false), in_driver_domain), VifDuty::remove);
  EXPECT_EQ(duty_of(nodes("6", "error", false), in_driver_domain), VifDuty::remove);
  EXPECT_EQ(duty_of(nodes("6", "connected", false), in_dom0), VifDuty::none);
  EXPECT_EQ(duty_of(nodes("6", "connected", true), in_driver_domain), VifDuty::none)
      << "the guest only reboots";
}

TEST(VifDuty, IsNothingForAnotherScript) {
  for (const char* script :
       {"", "vif-bridge", "/etc/xen/scripts/vif-chain2", "vif-chain/vif-nat"}) {
    auto other = nodes("2");
    other.script = script;
    EXPECT_EQ(duty_of(other, in_dom0), VifDuty::none) << script;
    EXPECT_EQ(duty_of(other, {.any_script = true}), VifDuty::attach) << script;
  }
  auto bare = nodes("2");
  bare.script = "vif-chain";
  EXPECT_EQ(duty_of(bare, in_dom0), VifDuty::attach);
}

}  // namespace
}  // namespace vifchain
