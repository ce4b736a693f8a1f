// SPDX-License-Identifier: Apache-2.0
// Whose name is it: a vif that wants a name which a link has, on fake doors.
#include "flow/vif/port_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>

#include "fake_env.hpp"
#include "flow/run/converge.hpp"
#include "names.hpp"

namespace vifchain {
namespace {

// Links with the names that they had before.
class NamesInMemory final : public LinkNames {
 public:
  std::map<LinkName, std::vector<LinkName>> links;

  std::optional<LinkName> present(const LinkName& wanted) override {
    for (const auto& [now, before] : links)
      if (now == wanted || std::ranges::find(before, wanted) != before.end()) return now;
    return std::nullopt;
  }
  std::vector<LinkName> others(const LinkName& now) override {
    const auto link = links.find(now);
    return link == links.end() ? std::vector<LinkName>{} : link->second;
  }
  void rename(const LinkName& from, const LinkName& to) override {
    auto link = links.extract(from);
    link.key() = to;
    link.mapped() = {from};
    links.insert(std::move(link));
  }
};

// Domain 5 has the link "web", and vif 0 of domain 6 wants that name too.
struct TwoGuests : FakeEnv {
  TwoGuests() {
    env.places.sysfs = folder / "sys";
    env.places.config = folder / "vifchain.toml";
    links.links = {{name("web"), {name("vif5.0")}}, {name("vif6.0"), {}}};
    store.write("/local/domain/5/name", "web");
    store.write("/local/domain/6/name", "intruder");
    store.write("backend/vif/5/0/state", "4");
  }

  std::string refusal() {
    Env with_names{store, kernel, links, env.filter, deadline, env.log, env.places};
    try {
      take_name(with_names, {Action::online, {6, 0}, "backend/vif/6/0", "vif-chain"},
                name("vif6.0"), name("web"));
    } catch (const std::exception& error) {
      return error.what();
    }
    return "taken";
  }

  NamesInMemory links;
};

TEST(TakeName, IsRefusedWhereAnotherGuestHasIt) {
  TwoGuests guests;
  EXPECT_EQ(guests.refusal(),
            "Cannot rename interface vif6.0. An interface with name web already exists: it is "
            "vif5.0 of the guest \"web\" (domain 5); give the vif another vifname");
}

// A driver domain may not look at guests: what it may not see is not gone.
TEST(TakeName, IsRefusedWhereItMayNotBeSeenWhoseItIs) {
  TwoGuests guests;
  guests.store.forbid_reading("/local/domain/5");
  EXPECT_TRUE(guests.refusal().ends_with("it is vif5.0 of domain 5; give the vif another vifname"))
      << guests.refusal();
  EXPECT_TRUE(guests.links.links.contains(name("web")));
}

TEST(TakeName, IsGivenWhereTheOtherGuestIsGone) {
  TwoGuests guests;
  guests.store.remove("/local/domain/5");
  EXPECT_EQ(guests.refusal(), "taken");
  EXPECT_TRUE(guests.links.links.contains(name("vif5.0")));
}

// A guest that migrates to its own host has two domains, of one virtual machine.
TEST(TakeName, IsGivenToTheSameMachineUnderAnotherName) {
  TwoGuests guests;
  for (const char* domain : {"5", "6"})
    guests.store.write(std::string("/local/domain/") + domain + "/vm", "/vm/a1");
  EXPECT_EQ(guests.refusal(), "taken");
}

TEST(TakeName, IsRefusedToAGuestThatHasNoNameWhereTheOtherHasNoneEither) {
  TwoGuests guests;
  for (const char* domain : {"5", "6"}) {
    guests.store.write(std::string("/local/domain/") + domain + "/vm",
                       std::string("/vm/") + domain);
    guests.store.write(std::string("/local/domain/") + domain + "/name", "");
  }
  EXPECT_NE(guests.refusal(), "taken");
}

// The file's names are meant by the vifname, and not by what is put behind it.
TEST(TakeName, OfAnEmulatedNicIsRefusedWhereItsVifnameIsAnother) {
  TwoGuests guests;
  std::ofstream(guests.env.places.config) << "[bridge.uplink]\nports = []\n";
  Env with_names{guests.store,    guests.kernel, guests.links,     guests.env.filter,
                 guests.deadline, guests.log,    guests.env.places};
  VifEvent event{Action::add, {6, 0}, "backend/vif/6/0", "vif-chain"};
  event.tap = "vif6.0-emu";
  guests.links.links.emplace(name("vif6.0-emu"), std::vector<LinkName>{});
  EXPECT_THROW(take_name(with_names, event, name("vif6.0-emu"), name("uplink-emu")), Refusal);
}

TEST(TakeName, IsGivenInADriverDomainWhereTheOtherBackendIsGone) {
  TwoGuests guests;
  guests.store.forbid_reading("/local/domain/5");
  guests.store.remove("backend/vif/5");
  EXPECT_EQ(guests.refusal(), "taken");
}

TEST(TakeName, IsRefusedWhereTheStoreCannotTell) {
  for (int call = 1;; ++call) {
    TwoGuests guests;
    guests.store.fail_at(call);
    const std::string refusal = guests.refusal();
    ASSERT_NE(refusal, "taken") << call;
    if (refusal.starts_with("Cannot rename")) break;
    EXPECT_TRUE(guests.links.links.contains(name("web"))) << call;
  }
}

}  // namespace
}  // namespace vifchain
