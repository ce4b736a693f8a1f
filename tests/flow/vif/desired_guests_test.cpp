// SPDX-License-Identifier: Apache-2.0
// What is wanted of guests' ports by file and store, and how they are mended, on the fake doors:
// of whom, and of nobody else.
#include "flow/vif/desired_guests.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fstream>

#include "edge/base/error.hpp"
#include "edge/parse/toml.hpp"
#include "fake_env.hpp"
#include "flow/vif/guest_ports.hpp"
#include "flow/vif/handle.hpp"
#include "names.hpp"
#include "through_kernel.hpp"

namespace vifchain {
namespace {

constexpr auto two_bridges = R"(
[bridge.filtered]
ports = []
vif = { antispoof = "mac" }
[bridge.also]
ports = []
vif = { antispoof = "mac" }
[bridge.free]
ports = []
)";

// With vif5.0 and vif6.0, which are on `filtered` once they are online.
struct Host : FakeEnv {
  Host() {
    write_file(two_bridges);
    add_guest(5, "filtered", "02:00:00:00:00:05");
    add_guest(6, "filtered", "02:00:00:00:00:06");
  }

  void write_file(const std::string& text) { std::ofstream(env.places.config) << text; }

  static std::string backend(unsigned domid) {
    return "/local/domain/0/backend/vif/" + std::to_string(domid) + "/0";
  }
  static std::string port(unsigned domid) { return "vif" + std::to_string(domid) + ".0"; }

  void add_guest(unsigned domid, const std::string& bridge, const std::string& mac) {
    kernel.add_nic({.name = name(port(domid)), .mac = vif_mac});
    store.write(backend(domid) + "/bridge", bridge);
    store.write(backend(domid) + "/mac", mac);
  }
  void online(unsigned domid) {
    const VifEvent event{
        Action::online, {domid, 0}, "backend/vif/" + std::to_string(domid) + "/0", "vif-chain"};
    ASSERT_TRUE(std::holds_alternative<Connected>(handle(env, event)));
  }

  Actual all() {
    Actual links = kernel.everything();
    kernel.read_filters(links);
    return links;
  }
  Link link(unsigned domid) { return all().at(name(port(domid))); }
  bool is_filtered(unsigned domid) { return vifchain::is_filtered(link(domid)); }
  bool is_locked(unsigned domid) {
    return integer(link(domid).port, Option::port_locked).value_or(0) != 0;
  }

  Topology topology() { return std::get<Topology>(load_topology(env.places.config)); }
  // What of them is otherwise than the file wants it.
  Desired desired(const std::set<LinkName>& bridges = {}) {
    notes.clear();
    return guests_by_file(env, topology(), all(), bridges, notes);
  }
  void mend(const Desired& guests) { mend_guests(env, topology(), guests); }

  std::vector<std::string> notes;
};

TEST(DesiredOfGuests, AreForThoseThatAreConnected) {
  Host host;
  host.online(5);
  host.online(6);
  host.store.write(Host::backend(6) + "/hotplug-status", "error");
  const Desired desired = host.desired();
  EXPECT_TRUE(desired.contains(name("vif5.0")));
  EXPECT_FALSE(desired.contains(name("vif6.0")));
}

TEST(DesiredOfGuests, UnlockAPortThatNothingLocksAnyMore) {
  Host host;
  host.store.write(Host::backend(5) + "/bridge", "free");
  host.online(5);
  host.kernel.try_step_as_somebody(
      SetPort{name("vif5.0"), {{Option::port_locked, std::int64_t{1}}}});
  ASSERT_TRUE(host.is_locked(5));
  host.mend(host.desired());
  EXPECT_FALSE(host.is_locked(5));
}

TEST(DesiredOfGuests, OfOthersAreKnownThoughOnesCannotBeRead) {
  Host host;
  host.online(5);
  host.online(6);
  host.store.forbid_reading(Host::backend(5));
  const Desired desired = host.desired();
  EXPECT_FALSE(desired.contains(name("vif5.0")));
  EXPECT_TRUE(desired.contains(name("vif6.0")));
  ASSERT_EQ(host.notes.size(), 1U);
  EXPECT_TRUE(host.notes.front().starts_with("vif5.0: the limits of its guest are not known: "))
      << host.notes.front();
}

TEST(DesiredOfGuests, LockThoseThatShareAMacOnTwoBridges) {
  Host host;
  host.store.write(Host::backend(6) + "/bridge", "also");
  host.store.write(Host::backend(6) + "/mac", "02:00:00:00:00:05");
  host.online(5);
  host.online(6);
  const Desired desired = host.desired();
  for (const unsigned domid : {5U, 6U}) {
    EXPECT_TRUE(host.is_locked(domid));
    const auto& want = desired.at(name(Host::port(domid)));
    EXPECT_EQ(integer(want->port, Option::port_locked), 1) << domid;
    EXPECT_FALSE(want->fdb->empty()) << domid;
  }
}

TEST(DesiredOfGuests, SayNothingOfAPortOfABond) {
  Host host;
  host.online(5);
  host.write_file("[vif]\nantispoof = \"mac\"\n");
  ASSERT_TRUE(host.desired().contains(name("vif5.0")));
  Actual now = host.all();
  now.at(name("filtered")).kind = Bond{};
  EXPECT_TRUE(desired_guests({host.store, host.names, host.env.places.sysfs}, host.topology(), now)
                  .ports.empty());
}

TEST(DesiredOfGuests, TakeAwayWhatIsLeftOverOnlyWhereNoBridgeIsNamed) {
  Host host;
  host.online(5);
  host.kernel.perform({{SetFilter{name("vif9.0"), {.mode = Antispoof::closed}}, "a test"}});
  EXPECT_TRUE(host.desired().contains(name("vif9.0")));
  EXPECT_FALSE(host.desired({name("filtered")}).contains(name("vif9.0")));
}

// What links were called before they were renamed.
struct OldNames final : LinkNames {
  std::optional<LinkName> present(const LinkName&) override { return std::nullopt; }
  std::vector<LinkName> others(const LinkName& link) override {
    if (link != name("web")) return {};
    return {name("something"), name("vif5.0-emu")};
  }
  void rename(const LinkName&, const LinkName&) override {}
};

TEST(TheOwnerOfAPort, IsFoundByANameThatItHadBefore) {
  const TempFolder sysfs;
  OldNames names;
  const auto owner = owner_of_port(name("web"), names, sysfs.path());
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->vif.domid, 5U);
  EXPECT_EQ(owner->owner, name("vif5.0-emu"));
  EXPECT_FALSE(owner_of_port(name("eth0"), names, sysfs.path()));
}

TEST(Mending, PutsTheFiltersOfAllBackWhereTheTableWasDamaged) {
  Host host;
  host.online(5);
  host.online(6);
  Desired guests = host.desired();
  guests.erase(name("vif6.0"));
  host.kernel.lose_filters();
  host.kernel.spoil_filters();
  host.mend(guests);
  EXPECT_TRUE(host.is_filtered(5));
  EXPECT_TRUE(host.is_filtered(6)) << "its rules were in the same table";
}

TEST(Mending, GoesOnUntilTheKernelHasAllOfIt) {
  Host host;
  host.online(5);
  const auto guests = host.desired();
  host.kernel.try_step_as_somebody(SetRate{name("vif5.0"), 1'000'000});
  host.kernel.after_step = [&, done = false](const FakeNet&, const Op& op) mutable {
    if (std::holds_alternative<SetRate>(op) && !std::exchange(done, true))
      host.kernel.try_step_as_somebody(SetRate{name("vif5.0"), 2'000'000});
  };
  host.mend(guests);
  EXPECT_EQ(host.link(5).rate, 0U);
}

TEST(Mending, TakesNoFilterAwayThatHasGoneBefore) {
  Host host;
  host.online(5);
  host.kernel.perform({{SetFilter{name("vif9.0"), {.mode = Antispoof::closed}}, "a test"}});
  const auto guests = host.desired();
  ASSERT_TRUE(guests.contains(name("vif9.0")));
  host.kernel.perform({{SetFilter{name("vif9.0"), {}}, "a test"}});
  int steps = 0;
  host.kernel.after_step = [&](const FakeNet&, const Op&) { ++steps; };
  host.mend(guests);
  EXPECT_EQ(steps, 0);
}

// ---- What is asked when the table of filters is made anew

// The kernel's door; something happens once everything was read.
struct DoorAfterWhich final : ThroughKernel {
  DoorAfterWhich(FakeKernel& door, std::function<void()> thing)
      : ThroughKernel(door), happens(std::move(thing)) {}

  Actual everything() override {
    Actual all = ThroughKernel::everything();
    happens();
    return all;
  }

  std::function<void()> happens;
};

PortFilters wanted_filters(
    Host& host, const std::function<void()>& thing = [] {}) {
  DoorAfterWhich door(host.kernel, thing);
  return vifchain::wanted_filters({host.store, host.names, host.env.places.sysfs},
                                  host.env.places.config, door, host.log);
}

TEST(WantedFilters, AreOffOnABridgeWithoutAPolicy) {
  Host host;
  host.store.write(Host::backend(6) + "/bridge", "free");
  host.online(5);
  host.online(6);
  const auto filters = wanted_filters(host);
  EXPECT_EQ(filters.at(name("vif5.0")).mode, Antispoof::mac);
  EXPECT_EQ(filters.at(name("vif6.0")).mode, Antispoof::off);
}

TEST(WantedFilters, SayNothingOfAPortThatMovesMeanwhile) {
  Host host;
  host.online(5);
  host.online(6);
  const auto filters = wanted_filters(host, [&] {
    ASSERT_EQ(host.kernel.try_step(Leave{name("vif5.0")}), 0);
    ASSERT_EQ(host.kernel.try_step(Create{{.name = name("also"), .kind = Bridge{}}}), 0);
    ASSERT_EQ(host.kernel.try_step(Join{name("vif5.0"), name("also")}), 0);
  });
  EXPECT_FALSE(filters.contains(name("vif5.0")));
  EXPECT_TRUE(filters.contains(name("vif6.0")));
}

TEST(WantedFilters, AreNoneWhereTheHostCannotBeRead) {
  Host host;
  host.online(5);
  std::string said;
  host.log.tell_also([&](Level, std::string_view line) { said += line; });
  EXPECT_TRUE(wanted_filters(host, [] { throw Error(EIO, "reading links"); }).empty());
  EXPECT_NE(said.find("not all filters that guests need are known"), std::string::npos) << said;
}

}  // namespace
}  // namespace vifchain
